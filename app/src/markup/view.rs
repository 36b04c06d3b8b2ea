//! A piece as one view among leptos' own.

use leptos::attr::Attribute;
use leptos::attr::any_attribute::AnyAttribute;
use leptos::prelude::{AddAnyAttr, Render, RenderHtml};
use leptos::tachys::hydration::Cursor;
use leptos::tachys::view::{Position, PositionState};

use super::node::Node;
use super::state::{Source, State};

impl Render for Node {
    type State = State;

    fn build(self) -> State {
        State::make(self, Source::New { svg: false })
    }

    fn rebuild(self, state: &mut State) {
        state.change(self, false);
    }
}

impl AddAnyAttr for Node {
    type Output<A: Attribute> = Self;

    /// Attributes are given to elements, never to whole pieces.
    fn add_any_attr<A: Attribute>(self, _attribute: A) -> Self {
        self
    }
}

impl RenderHtml for Node {
    type AsyncOutput = Self;
    type Owned = Self;

    const MIN_LENGTH: usize = 0;

    fn dry_resolve(&mut self) {}

    /// Nothing in a piece is waited for.
    async fn resolve(self) -> Self {
        self
    }

    fn to_html_with_buf(
        self,
        html: &mut String,
        position: &mut Position,
        _escape: bool,
        _mark_branches: bool,
        _attributes: Vec<AnyAttribute>,
    ) {
        self.write(html, position);
    }

    fn hydrate<const FROM_SERVER: bool>(self, cursor: &Cursor, position: &PositionState) -> State {
        State::make(self, Source::Page { cursor, position })
    }

    fn into_owned(self) -> Self {
        self
    }
}

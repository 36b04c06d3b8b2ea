//! Views without their types, so that the program stays small.
//!
//! Every closure and every nesting of elements is a type of its own to the compiler, which writes all of the
//! framework's code out again for each: building, rebuilding, hydrating at once, hydrating while waiting. Pages end in
//! [`Erase::erase`] and put what changes into [`live`]; both bring all views back to a handful of types.

use std::sync::{Arc, Mutex};

use leptos::attr::Attribute;
use leptos::attr::any_attribute::AnyAttribute;
use leptos::prelude::*;
use leptos::tachys::hydration::Cursor;
use leptos::tachys::reactive_graph::SharedReactiveFunction;
use leptos::tachys::view::{Position, PositionState};

/// Turns a view into one without its type.
pub trait Erase {
    /// The same view, as [`AnyView`].
    fn erase(self) -> AnyView;
}

impl<V> Erase for V
where
    V: RenderHtml,
    V::Owned: RenderHtml,
{
    fn erase(self) -> AnyView {
        AtOnce(self).into_any()
    }
}

/// What is drawn again whenever something it reads changes.
pub fn live<V: 'static>(draw: impl FnMut() -> V + Send + 'static) -> SharedReactiveFunction<V> {
    Arc::new(Mutex::new(draw))
}

/// A view that waits for nothing: it is hydrated at once also where the framework could wait, so the waiting half of
/// its code is never written out. That half would be a fifth of the program.
struct AtOnce<V>(V);

impl<V: Render> Render for AtOnce<V> {
    type State = V::State;

    fn build(self) -> Self::State {
        self.0.build()
    }

    fn rebuild(self, state: &mut Self::State) {
        self.0.rebuild(state);
    }
}

impl<V: RenderHtml> AddAnyAttr for AtOnce<V> {
    type Output<A: Attribute> = Self;

    /// Attributes are given to elements, never to whole parts of a page.
    fn add_any_attr<A: Attribute>(self, _attribute: A) -> Self::Output<A> {
        self
    }
}

impl<V: RenderHtml> RenderHtml for AtOnce<V> {
    type AsyncOutput = Self;
    type Owned = AtOnce<V::Owned>;

    const MIN_LENGTH: usize = V::MIN_LENGTH;
    const EXISTS: bool = V::EXISTS;

    fn dry_resolve(&mut self) {}

    async fn resolve(self) -> Self {
        self
    }

    fn html_len(&self) -> usize {
        self.0.html_len()
    }

    fn to_html_with_buf(
        self,
        html: &mut String,
        position: &mut Position,
        escape: bool,
        mark_branches: bool,
        attributes: Vec<AnyAttribute>,
    ) {
        self.0.to_html_with_buf(html, position, escape, mark_branches, attributes);
    }

    fn hydrate<const FROM_SERVER: bool>(self, cursor: &Cursor, position: &PositionState) -> Self::State {
        self.0.hydrate::<FROM_SERVER>(cursor, position)
    }

    fn into_owned(self) -> Self::Owned {
        AtOnce(self.0.into_owned())
    }
}

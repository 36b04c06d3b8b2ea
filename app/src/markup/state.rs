//! Pieces in the document: built, or taken over from the server's HTML, then changed in place.

use std::fmt;

use leptos::prelude::{Mountable, Owner, RenderEffect};
use leptos::tachys::hydration::Cursor;
use leptos::tachys::renderer::CastFrom;
use leptos::tachys::renderer::dom::Dom;
use leptos::tachys::view::{Position, PositionState};

use super::element::{ElementState, is_svg};
use super::node::{Keyed, Node};

/// Where the nodes of a piece come from.
#[derive(Clone, Copy)]
pub(super) enum Source<'a> {
    /// They are made; `svg` inside a drawing.
    New { svg: bool },
    /// They are there already, where the server wrote them.
    Page { cursor: &'a Cursor, position: &'a PositionState },
}

/// A piece in the document.
pub enum State {
    Nothing(web_sys::Comment),
    Text { node: web_sys::Text, text: String },
    Element(Box<ElementState>),
    Many { items: Vec<State>, end: web_sys::Comment },
    Live(RenderEffect<State>),
    Keyed { items: Vec<(String, Owner, State)>, end: web_sys::Comment },
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("State").finish_non_exhaustive()
    }
}

impl State {
    pub(super) fn make(node: Node, source: Source<'_>) -> Self {
        match node {
            Node::Nothing => Self::Nothing(marker(source)),
            Node::Static(text) => Self::text(text.to_owned(), source),
            Node::Text(text) => Self::text(text, source),
            Node::Element(element) => Self::Element(Box::new(ElementState::make(*element, source))),
            Node::Many(nodes) => {
                let mut items = Vec::with_capacity(nodes.len());
                for node in nodes {
                    items.push(Self::make(node, source));
                }
                Self::Many { items, end: marker(source) }
            }
            Node::Live(draw) => Self::Live(live(draw, source)),
            Node::Keyed(Keyed { owner, entries }) => {
                let mut items = Vec::with_capacity(entries.len());
                for (key, draw) in entries {
                    let own = owner.with(Owner::new);
                    let state = own.with(|| Self::make(draw(), source));
                    items.push((key, own, state));
                }
                Self::Keyed { items, end: marker(source) }
            }
        }
    }

    fn text(text: String, source: Source<'_>) -> Self {
        let node = match source {
            Source::New { .. } => Dom::create_text_node(&text),
            Source::Page { cursor, position } => {
                step(cursor, position);
                if position.get() == Position::NextChildAfterText {
                    // Past the comment that keeps two texts apart.
                    cursor.sibling();
                }
                position.set(Position::NextChildAfterText);
                let found = web_sys::Text::cast_from(cursor.current());
                found.unwrap_or_else(|| {
                    let text_node = Dom::create_text_node(&text);
                    stand_in(cursor, &text_node);
                    text_node
                })
            }
        };
        Self::Text { node, text }
    }

    /// Becomes `node`, changing as little as possible. `svg`: stands inside a drawing.
    pub(super) fn change(&mut self, node: Node, svg: bool) {
        match (&mut *self, node) {
            (Self::Nothing(_), Node::Nothing) => {}
            (Self::Text { node, text }, Node::Static(new)) => change_text(node, text, new),
            (Self::Text { node, text }, Node::Text(new)) => change_text(node, text, &new),
            (Self::Element(state), Node::Element(element)) => {
                if let Some(element) = state.change(element) {
                    self.replace(Node::Element(element), svg);
                }
            }
            (Self::Many { items, end }, Node::Many(nodes)) => change_items(items, nodes, Some(end), None, svg),
            (Self::Keyed { items, end }, Node::Keyed(keyed)) => change_keyed(items, keyed, end, svg),
            (_, node) => self.replace(node, svg),
        }
    }

    fn replace(&mut self, node: Node, svg: bool) {
        let mut new = Self::make(node, Source::New { svg });
        self.insert_before_this(&mut new);
        self.unmount();
        *self = new;
    }

    /// The first node of the piece; `None` while it is being drawn.
    fn first(&self) -> Option<web_sys::Node> {
        match self {
            Self::Nothing(end) => Some(end.clone().into()),
            Self::Text { node, .. } => Some(node.clone().into()),
            Self::Element(state) => Some(state.node().into()),
            Self::Many { items, end } => items.first().map_or_else(|| Some(end.clone().into()), Self::first),
            Self::Live(effect) => effect.with_value_mut(|state| state.first()).flatten(),
            Self::Keyed { items, end } => {
                items.first().map_or_else(|| Some(end.clone().into()), |(_, _, item)| item.first())
            }
        }
    }
}

impl Drop for State {
    /// An effect's task keeps the effect's value until it is polled once more. What is drawn inside would meanwhile be
    /// drawn again from signals that are gone.
    fn drop(&mut self) {
        if let Self::Live(effect) = self {
            drop(effect.take_value());
        }
    }
}

impl Mountable for State {
    fn unmount(&mut self) {
        match self {
            Self::Nothing(end) => Dom::remove(end),
            Self::Text { node, .. } => Dom::remove(node),
            Self::Element(state) => Dom::remove(&state.node()),
            Self::Many { items, end } => {
                items.iter_mut().for_each(Self::unmount);
                Dom::remove(end);
            }
            Self::Live(effect) => {
                effect.with_value_mut(Self::unmount);
            }
            Self::Keyed { items, end } => {
                for (_, _, item) in items {
                    item.unmount();
                }
                Dom::remove(end);
            }
        }
    }

    fn mount(&mut self, parent: &web_sys::Element, before: Option<&web_sys::Node>) {
        match self {
            Self::Nothing(end) => Dom::insert_node(parent, end, before),
            Self::Text { node, .. } => Dom::insert_node(parent, node, before),
            Self::Element(state) => Dom::insert_node(parent, &state.node(), before),
            Self::Many { items, end } => {
                for item in items {
                    item.mount(parent, before);
                }
                Dom::insert_node(parent, end, before);
            }
            Self::Live(effect) => {
                effect.with_value_mut(|state| state.mount(parent, before));
            }
            Self::Keyed { items, end } => {
                for (_, _, item) in items {
                    item.mount(parent, before);
                }
                Dom::insert_node(parent, end, before);
            }
        }
    }

    fn insert_before_this(&self, child: &mut dyn Mountable) -> bool {
        let Some(first) = self.first() else { return false };
        let Some(parent) = first.parent_element() else { return false };
        child.mount(&parent, Some(&first));
        true
    }

    fn elements(&self) -> Vec<web_sys::Element> {
        match self {
            Self::Element(state) => vec![state.node()],
            Self::Many { items, .. } => items.iter().flat_map(Self::elements).collect(),
            Self::Live(effect) => effect.with_value_mut(|state| state.elements()).unwrap_or_default(),
            Self::Keyed { items, .. } => items.iter().flat_map(|(_, _, item)| item.elements()).collect(),
            Self::Nothing(_) | Self::Text { .. } => Vec::new(),
        }
    }
}

/// To the node that comes next in the page.
pub(super) fn step(cursor: &Cursor, position: &PositionState) {
    if position.get() == Position::FirstChild { cursor.child() } else { cursor.sibling() }
}

/// Puts a node of ours where the page has another one: somebody (an extension, a translator) has changed it.
pub(super) fn stand_in(cursor: &Cursor, node: &web_sys::Node) {
    let found = cursor.current();
    if let Some(parent) = found.parent_element() {
        Dom::insert_node(&parent, node, Some(&found));
        Dom::remove(&found);
    }
    cursor.set(node.clone());
}

fn marker(source: Source<'_>) -> web_sys::Comment {
    match source {
        Source::New { .. } => Dom::create_placeholder(),
        Source::Page { cursor, position } => {
            step(cursor, position);
            position.set(Position::NextChild);
            web_sys::Comment::cast_from(cursor.current()).unwrap_or_else(|| {
                let marker = Dom::create_placeholder();
                stand_in(cursor, &marker);
                marker
            })
        }
    }
}

fn live(mut draw: Box<dyn FnMut() -> Node + Send>, source: Source<'_>) -> RenderEffect<State> {
    let (mut page, mut svg) = match source {
        Source::New { svg } => (None, svg),
        Source::Page { cursor, position } => (Some((cursor.clone(), position.clone())), false),
    };
    RenderEffect::new(move |before: Option<State>| {
        let node = draw();
        match (before, page.take()) {
            (Some(mut state), _) => {
                state.change(node, svg);
                state
            }
            (None, Some((cursor, position))) => {
                let state = State::make(node, Source::Page { cursor: &cursor, position: &position });
                svg = state.first().and_then(|first| first.parent_element()).is_some_and(|parent| is_svg(&parent));
                state
            }
            (None, None) => State::make(node, Source::New { svg }),
        }
    })
}

fn change_text(node: &web_sys::Text, text: &mut String, new: &str) {
    if text != new {
        Dom::set_text(node, new);
        new.clone_into(text);
    }
}

/// One after the other; what is too much goes, what is missing comes before `end`, or last in `parent`.
pub(super) fn change_items(
    items: &mut Vec<State>,
    nodes: Vec<Node>,
    end: Option<&web_sys::Comment>,
    parent: Option<&web_sys::Element>,
    svg: bool,
) {
    for mut gone in items.drain(nodes.len().min(items.len())..) {
        gone.unmount();
    }
    let there = items.len();
    for (index, node) in nodes.into_iter().enumerate() {
        if index < there {
            if let Some(item) = items.get_mut(index) {
                item.change(node, svg);
            }
        } else {
            let mut new = State::make(node, Source::New { svg });
            let within = parent.cloned().or_else(|| end.and_then(|end| end.parent_element()));
            if let Some(within) = within {
                new.mount(&within, end.map(AsRef::as_ref));
            }
            items.push(new);
        }
    }
}

fn change_keyed(items: &mut Vec<(String, Owner, State)>, keyed: Keyed, end: &web_sys::Comment, svg: bool) {
    let Some(parent) = end.parent_element() else { return };
    let mut before = std::mem::take(items);
    before.retain_mut(|(key, _, item)| {
        let stays = keyed.entries.iter().any(|(new, _)| new == key);
        if !stays {
            item.unmount();
        }
        stays
    });
    for (key, draw) in keyed.entries {
        let kept = before.iter().position(|(old, _, _)| *old == key);
        let mut entry = if let Some(at) = kept {
            before.remove(at)
        } else {
            let own = keyed.owner.with(Owner::new);
            let state = own.with(|| State::make(draw(), Source::New { svg }));
            (key, own, state)
        };
        // What stands next in the document already must not be moved: moving takes its focus away.
        let next = before.first().and_then(|(_, _, item)| item.first()).unwrap_or_else(|| end.clone().into());
        if kept != Some(0) {
            entry.2.mount(&parent, Some(&next));
        }
        items.push(entry);
    }
}

//! The pieces.

use std::fmt;

use leptos::prelude::{Get, Memo, Owner, Signal};

use super::signal::RwSignal;
#[cfg(feature = "live")]
use leptos::tachys::html::event::EventDescriptor;

#[cfg(feature = "live")]
use super::listener::Handler;
use super::value::Value;

/// A piece of a page.
pub enum Node {
    Nothing,
    Static(&'static str),
    Text(String),
    Element(Box<Element>),
    Many(Vec<Node>),
    /// Drawn again whenever what it reads changes.
    Live(Box<dyn FnMut() -> Node + Send>),
    /// See [`super::each`].
    Keyed(Keyed),
}

/// Pieces known by their keys, so that one that stays is not drawn again.
pub struct Keyed {
    /// Whatever a piece creates lives as long as the piece, not as long as one drawing of the list.
    pub(super) owner: Owner,
    pub(super) entries: Vec<(String, Draw)>,
}

/// Draws one piece, once.
pub(super) type Draw = Box<dyn FnOnce() -> Node + Send>;

/// An element with its attributes, properties, handlers and children.
pub struct Element {
    pub(super) tag: &'static str,
    pub(super) attributes: Vec<(&'static str, Value)>,
    /// Set on the phone only.
    pub(super) properties: Vec<(&'static str, Value)>,
    #[cfg(feature = "live")]
    pub(super) handlers: Vec<Handler>,
    pub(super) children: Vec<Node>,
}

impl Element {
    pub fn new(tag: &'static str) -> Self {
        Self {
            tag,
            attributes: Vec::new(),
            properties: Vec::new(),
            #[cfg(feature = "live")]
            handlers: Vec::new(),
            children: Vec::new(),
        }
    }

    pub fn attribute(&mut self, name: &'static str, value: Value) {
        self.attributes.push((name, value));
    }

    pub fn property(&mut self, name: &'static str, value: Value) {
        self.properties.push((name, value));
    }

    /// Handles an event. On the server this does nothing.
    #[cfg(feature = "live")]
    pub fn on<E: EventDescriptor>(&mut self, event: E, handle: impl FnMut(E::EventType) + 'static)
    where
        E::EventType: wasm_bindgen::JsCast + 'static,
    {
        self.handlers.push(Handler::new(event.name(), handle));
    }

    /// Handles an event. On the server this does nothing.
    #[cfg(not(feature = "live"))]
    pub fn on<E: leptos::tachys::html::event::EventDescriptor>(
        &mut self,
        _event: E,
        _handle: impl FnMut(E::EventType) + 'static,
    ) {
    }

    pub fn child(&mut self, child: Node) {
        self.children.push(child);
    }
}

impl From<Element> for Node {
    fn from(element: Element) -> Self {
        Self::Element(Box::new(element))
    }
}

impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Nothing => "Nothing",
            Self::Static(_) | Self::Text(_) => "Text",
            Self::Element(element) => element.tag,
            Self::Many(_) => "Many",
            Self::Live(_) => "Live",
            Self::Keyed(_) => "Keyed",
        })
    }
}

impl fmt::Debug for Keyed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keyed").field("entries", &self.entries.len()).finish_non_exhaustive()
    }
}

impl fmt::Debug for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Element").field("tag", &self.tag).finish_non_exhaustive()
    }
}

/// What can stand among the children of an element.
pub trait IntoNode {
    fn into_node(self) -> Node;
}

impl IntoNode for Node {
    fn into_node(self) -> Node {
        self
    }
}

impl IntoNode for () {
    fn into_node(self) -> Node {
        Node::Nothing
    }
}

impl IntoNode for &'static str {
    fn into_node(self) -> Node {
        Node::Static(self)
    }
}

impl IntoNode for String {
    fn into_node(self) -> Node {
        Node::Text(self)
    }
}

impl IntoNode for usize {
    fn into_node(self) -> Node {
        Node::Text(self.to_string())
    }
}

impl<T: IntoNode> IntoNode for Option<T> {
    fn into_node(self) -> Node {
        self.map_or(Node::Nothing, T::into_node)
    }
}

impl<T: IntoNode> IntoNode for Vec<T> {
    fn into_node(self) -> Node {
        let mut nodes = Vec::with_capacity(self.len());
        for piece in self {
            nodes.push(piece.into_node());
        }
        Node::Many(nodes)
    }
}

impl<T: IntoNode, F: FnMut() -> T + Send + 'static> IntoNode for F {
    fn into_node(mut self) -> Node {
        Node::Live(Box::new(move || self().into_node()))
    }
}

impl<T: IntoNode + Clone + Send + Sync + 'static> IntoNode for Signal<T> {
    fn into_node(self) -> Node {
        (move || self.get()).into_node()
    }
}

impl<T: IntoNode + Clone + Send + Sync + 'static> IntoNode for RwSignal<T> {
    fn into_node(self) -> Node {
        (move || self.get()).into_node()
    }
}

impl<T: IntoNode + Clone + Send + Sync + 'static> IntoNode for Memo<T> {
    fn into_node(self) -> Node {
        (move || self.get()).into_node()
    }
}

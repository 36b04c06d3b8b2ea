//! Elements in the document.

use std::fmt;

use leptos::prelude::Mountable;
use leptos::tachys::hydration::Cursor;
use leptos::tachys::renderer::CastFrom;
use leptos::tachys::renderer::dom::Dom;
use leptos::tachys::view::{Position, PositionState};

#[cfg(feature = "live")]
use super::listener::Listener;
use super::node::Element;
use super::setting::{Put, Setting, change_all, set_all};
use super::state::{Source, State, change_items, stand_in, step};
use super::value::Value;

const SVG: &str = "http://www.w3.org/2000/svg";

/// Whether what stands inside belongs to a drawing.
pub(super) fn is_svg(element: &web_sys::Element) -> bool {
    element.namespace_uri().as_deref() == Some(SVG)
}

/// An element in the document.
pub struct ElementState {
    node: web_sys::Element,
    tag: &'static str,
    attributes: Vec<(&'static str, Setting)>,
    properties: Vec<(&'static str, Setting)>,
    #[cfg(feature = "live")]
    listeners: Vec<Listener>,
    children: Vec<State>,
}

impl fmt::Debug for ElementState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ElementState").field("tag", &self.tag).finish_non_exhaustive()
    }
}

impl ElementState {
    pub(super) fn make(element: Element, source: Source<'_>) -> Self {
        let (node, inner_svg) = match source {
            Source::New { svg } => {
                let svg = svg || element.tag == "svg";
                (Dom::create_element(element.tag, svg.then_some(SVG)), svg)
            }
            Source::Page { cursor, position } => {
                step(cursor, position);
                let found =
                    web_sys::Element::cast_from(cursor.current()).filter(|found| found.local_name() == element.tag);
                match found {
                    Some(node) => (node, false),
                    None => return Self::instead(element, cursor, position),
                }
            }
        };
        let from_page = matches!(source, Source::Page { .. });
        let attributes = set_all(&node, element.attributes, if from_page { Put::Nothing } else { Put::Attribute });
        let children = match source {
            Source::New { .. } => {
                let mut children = Vec::with_capacity(element.children.len());
                for child in element.children {
                    let mut child = State::make(child, Source::New { svg: inner_svg });
                    child.mount(&node, None);
                    children.push(child);
                }
                children
            }
            Source::Page { cursor, position } => {
                position.set(Position::FirstChild);
                let mut children = Vec::with_capacity(element.children.len());
                for child in element.children {
                    children.push(State::make(child, source));
                }
                cursor.set(node.clone().into());
                position.set(Position::NextChild);
                children
            }
        };
        Self {
            // After the children: a <select> takes its value only once it has its options.
            properties: set_all(&node, element.properties, Put::Property),
            #[cfg(feature = "live")]
            listeners: element.handlers.into_iter().map(|handler| Listener::attach(&node, handler)).collect(),
            tag: element.tag,
            node,
            attributes,
            children,
        }
    }

    pub(super) fn node(&self) -> web_sys::Element {
        self.node.clone()
    }

    /// Made anew in the place of something else that stands in the page.
    fn instead(element: Element, cursor: &Cursor, position: &PositionState) -> Self {
        let svg = cursor.current().parent_element().is_some_and(|parent| is_svg(&parent));
        let made = Self::make(element, Source::New { svg });
        stand_in(cursor, &made.node);
        position.set(Position::NextChild);
        made
    }

    /// Becomes `element`; gives it back if that takes another element of the document.
    pub(super) fn change(&mut self, element: Box<Element>) -> Option<Box<Element>> {
        let same_names = |old: &[(&'static str, Setting)], new: &[(&'static str, Value)]| {
            old.len() == new.len() && old.iter().zip(new).all(|((old, _), (new, _))| old == new)
        };
        #[cfg(feature = "live")]
        let same_events = self.listeners.len() == element.handlers.len()
            && self.listeners.iter().zip(&element.handlers).all(|(listener, handler)| listener.hears(handler));
        #[cfg(not(feature = "live"))]
        let same_events = true;
        if self.tag != element.tag
            || !same_events
            || !same_names(&self.attributes, &element.attributes)
            || !same_names(&self.properties, &element.properties)
        {
            return Some(element);
        }
        change_all(&self.node, &mut self.attributes, element.attributes, Put::Attribute);
        #[cfg(feature = "live")]
        for (listener, handler) in self.listeners.iter().zip(element.handlers) {
            listener.replace(handler);
        }
        let svg = is_svg(&self.node);
        change_items(&mut self.children, element.children, None, Some(&self.node), svg);
        change_all(&self.node, &mut self.properties, element.properties, Put::Property);
        None
    }
}

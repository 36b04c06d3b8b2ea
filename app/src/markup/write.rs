//! Pieces as HTML.
//!
//! The phone takes over what stands here node by node, so both must agree on the nodes that HTML alone does not show:
//! a comment where there is nothing, after a list, and between two texts, which a browser would read as one.

use leptos::tachys::view::Position;

use super::node::{Element, Keyed, Node};
use super::value::Value;

const MARKER: &str = "<!>";
const VOID: [&str; 5] = ["input", "img", "br", "hr", "meta"];

impl Node {
    /// Appends the piece to `html`; `position` says what stands before it.
    pub(super) fn write(self, html: &mut String, position: &mut Position) {
        match self {
            Self::Nothing => mark(html, position),
            Self::Static(text) => write_text(text, html, position),
            Self::Text(text) => write_text(&text, html, position),
            Self::Element(element) => {
                element.write(html);
                *position = Position::NextChild;
            }
            Self::Many(nodes) => {
                for node in nodes {
                    node.write(html, position);
                }
                mark(html, position);
            }
            Self::Live(mut draw) => draw().write(html, position),
            Self::Keyed(Keyed { entries, .. }) => {
                for (_, draw) in entries {
                    draw().write(html, position);
                }
                mark(html, position);
            }
        }
    }
}

impl Element {
    fn write(self, html: &mut String) {
        html.push('<');
        html.push_str(self.tag);
        for (name, mut value) in self.attributes {
            while let Value::Live(mut evaluate) = value {
                value = evaluate();
            }
            if let Some(text) = value.text() {
                html.push(' ');
                html.push_str(name);
                if !text.is_empty() || !matches!(value, Value::Flag(_)) {
                    html.push_str("=\"");
                    escape(text, html);
                    html.push('"');
                }
            }
        }
        html.push('>');
        if VOID.contains(&self.tag) {
            return;
        }
        let mut position = Position::FirstChild;
        for child in self.children {
            child.write(html, &mut position);
        }
        html.push_str("</");
        html.push_str(self.tag);
        html.push('>');
    }
}

fn mark(html: &mut String, position: &mut Position) {
    html.push_str(MARKER);
    *position = Position::NextChild;
}

fn write_text(text: &str, html: &mut String, position: &mut Position) {
    if *position == Position::NextChildAfterText {
        html.push_str(MARKER);
    }
    // A browser makes no node of an empty text.
    escape(if text.is_empty() { " " } else { text }, html);
    *position = Position::NextChildAfterText;
}

fn escape(text: &str, html: &mut String) {
    for character in text.chars() {
        match character {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            other => html.push(other),
        }
    }
}

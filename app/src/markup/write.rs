//! Pieces as HTML.
//!
//! The phone takes over what stands here node by node, so both must agree on the nodes that HTML alone does not show:
//! a comment where there is nothing, after a list, and between two texts, which a browser would read as one.

use leptos::tachys::view::Position;

use super::node::{Element, Keyed, Node};
use super::value::Value;

const MARKER: &str = "<!>";
/// Elements that have no end; `html!` knows them, too, and takes no children for them.
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

/// Appends text as it stands in HTML, between tags and in quoted attributes alike.
pub fn escape(text: &str, html: &mut String) {
    for character in text.chars() {
        match character {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            other => html.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use leptos::tachys::view::Position;

    use crate::markup::{IntoNode, Node, html};

    fn written(node: Node) -> String {
        let mut html = String::new();
        node.write(&mut html, &mut Position::FirstChild);
        html
    }

    #[test]
    fn nothing_that_people_type_leaves_its_text_or_its_attribute() {
        let said = "<b>&\"'".to_owned();
        let node = html! { <p title=said.clone()>{said}</p> };
        assert_eq!(written(node), r#"<p title="&lt;b&gt;&amp;&quot;&#39;">&lt;b&gt;&amp;&quot;&#39;</p>"#);
    }

    #[test]
    fn texts_stay_apart_and_an_empty_one_keeps_its_node() {
        assert_eq!(written(html! { <p>"a" {"b".to_owned()} {String::new()}</p> }), "<p>a<!>b<!> </p>");
        assert_eq!(written(html! { <p>"a" <b>"c"</b> "d"</p> }), "<p>a<b>c</b>d</p>");
    }

    #[test]
    fn what_is_not_there_and_the_end_of_a_list_leave_a_mark() {
        let missing: Option<Node> = None;
        assert_eq!(written(html! { <p>{missing}</p> }), "<p><!></p>");
        let list: Vec<Node> = ["a", "b"].into_iter().map(|word| html! { <li>{word}</li> }).collect();
        assert_eq!(written(html! { <ul>{list}</ul> }), "<ul><li>a</li><li>b</li><!></ul>");
    }

    #[test]
    fn a_flag_stands_without_a_value_or_not_at_all() {
        let unset: Option<String> = None;
        let node = html! { <input type="radio" required checked=false name=Some("a") value=unset alt="" /> };
        assert_eq!(written(node), r#"<input type="radio" required name="a" alt="">"#);
    }

    #[test]
    fn closures_are_written_as_what_they_say_now() {
        let node = html! { <p class=move || Some("wide") hidden=move || false>{move || move || "now"}</p> };
        assert_eq!(written(node), r#"<p class="wide">now</p>"#);
    }

    #[test]
    fn properties_and_handlers_are_for_the_phone_only() {
        let node = html! { <input prop:checked=true on:click=move |_| () /> };
        assert_eq!(written(node), "<input>");
        assert_eq!(written(().into_node()), "<!>");
    }
}

//! Attributes and properties in the document.

use leptos::prelude::RenderEffect;
use leptos::tachys::renderer::dom::Dom;
use wasm_bindgen::JsValue;

use super::value::Value;

/// How an attribute or property came to its value.
pub(super) enum Setting {
    Fixed(Value),
    /// Kept, because it stops when it is dropped.
    Live {
        _effect: RenderEffect<Value>,
    },
}

/// What a value is put into.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Put {
    Attribute,
    Property,
    /// The page has it already.
    Nothing,
}

impl Put {
    fn put(self, node: &web_sys::Element, name: &str, value: &Value) {
        match (self, value) {
            (Self::Nothing, _) | (Self::Property, Value::None | Value::Live(_)) => {}
            (Self::Attribute, value) => match value.text() {
                Some(text) => Dom::set_attribute(node, name, text),
                None => Dom::remove_attribute(node, name),
            },
            (Self::Property, Value::Flag(flag)) => Dom::set_property(node, name, &JsValue::from_bool(*flag)),
            (Self::Property, Value::Static(text)) => Dom::set_property(node, name, &JsValue::from_str(text)),
            (Self::Property, Value::Text(text)) => Dom::set_property(node, name, &JsValue::from_str(text)),
        }
    }
}

pub(super) fn set_all(
    node: &web_sys::Element,
    values: Vec<(&'static str, Value)>,
    put: Put,
) -> Vec<(&'static str, Setting)> {
    let mut settings = Vec::with_capacity(values.len());
    for (name, value) in values {
        settings.push((name, set(node, name, value, put)));
    }
    settings
}

fn set(node: &web_sys::Element, name: &'static str, value: Value, put: Put) -> Setting {
    match value {
        Value::Live(mut evaluate) => {
            let node = node.clone();
            let effect = RenderEffect::new(move |before: Option<Value>| {
                let mut value = evaluate();
                while let Value::Live(mut inner) = value {
                    value = inner();
                }
                match &before {
                    None => put.put(&node, name, &value),
                    Some(before) if before.text() != value.text() => {
                        let put = if put == Put::Nothing { Put::Attribute } else { put };
                        put.put(&node, name, &value);
                    }
                    Some(_) => {}
                }
                value
            });
            Setting::Live { _effect: effect }
        }
        value => {
            // An attribute that is absent need not be taken away from an element just made.
            if !matches!(value, Value::None | Value::Flag(false)) || put == Put::Property {
                put.put(node, name, &value);
            }
            Setting::Fixed(value)
        }
    }
}

pub(super) fn change_all(
    node: &web_sys::Element,
    settings: &mut [(&'static str, Setting)],
    values: Vec<(&'static str, Value)>,
    put: Put,
) {
    for ((name, setting), (_, value)) in settings.iter_mut().zip(values) {
        match (&mut *setting, value) {
            (Setting::Fixed(before), value) if !matches!(value, Value::Live(_)) => {
                if before.text() != value.text() || put == Put::Property {
                    put.put(node, name, &value);
                }
                *before = value;
            }
            (_, value) => *setting = set(node, name, value, put),
        }
    }
}

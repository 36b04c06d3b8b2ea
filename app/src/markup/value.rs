//! Values of attributes and properties.

use std::fmt;

use leptos::prelude::{Get, Memo, Signal};

use super::signal::RwSignal;

/// What an attribute or a property is set to.
pub enum Value {
    /// The attribute is not there; the property is left alone.
    None,
    /// The attribute stands without a value, or not at all; the property is this.
    Flag(bool),
    Static(&'static str),
    Text(String),
    /// Evaluated again whenever what it reads changes.
    Live(Box<dyn FnMut() -> Value + Send>),
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Live(_) => f.write_str("Live"),
            fixed => f.debug_tuple("Fixed").field(&fixed.text()).finish(),
        }
    }
}

impl Value {
    /// The attribute's text; `None` where it is absent.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::None | Self::Flag(false) | Self::Live(_) => None,
            Self::Flag(true) => Some(""),
            Self::Static(text) => Some(text),
            Self::Text(text) => Some(text),
        }
    }
}

/// What can be the value of an attribute.
pub trait IntoValue {
    fn into_value(self) -> Value;
}

impl IntoValue for Value {
    fn into_value(self) -> Value {
        self
    }
}

impl IntoValue for bool {
    fn into_value(self) -> Value {
        Value::Flag(self)
    }
}

impl IntoValue for &'static str {
    fn into_value(self) -> Value {
        Value::Static(self)
    }
}

impl IntoValue for String {
    fn into_value(self) -> Value {
        Value::Text(self)
    }
}

impl<T: IntoValue> IntoValue for Option<T> {
    fn into_value(self) -> Value {
        self.map_or(Value::None, T::into_value)
    }
}

impl<T: IntoValue, F: FnMut() -> T + Send + 'static> IntoValue for F {
    fn into_value(mut self) -> Value {
        Value::Live(Box::new(move || self().into_value()))
    }
}

impl<T: IntoValue + Clone + Send + Sync + 'static> IntoValue for Signal<T> {
    fn into_value(self) -> Value {
        (move || self.get()).into_value()
    }
}

impl<T: IntoValue + Clone + Send + Sync + 'static> IntoValue for RwSignal<T> {
    fn into_value(self) -> Value {
        (move || self.get()).into_value()
    }
}

impl<T: IntoValue + Clone + Send + Sync + 'static> IntoValue for Memo<T> {
    fn into_value(self) -> Value {
        (move || self.get()).into_value()
    }
}

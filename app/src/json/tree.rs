//! JSON as `serde_json` has parsed it, where there is no browser: in tests of what is read.

use serde_json::Map;

/// A value of JSON.
#[derive(Debug)]
pub struct Value(serde_json::Value);

/// The fields of an object.
#[derive(Debug)]
pub(super) struct Entries(Map<String, serde_json::Value>);

impl From<wasm_bindgen::JsValue> for Value {
    /// There are none here.
    fn from(_: wasm_bindgen::JsValue) -> Self {
        Self::null()
    }
}

impl Value {
    pub(super) fn parse(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok().map(Self)
    }

    pub(super) const fn null() -> Self {
        Self(serde_json::Value::Null)
    }

    pub(super) fn is_null(&self) -> bool {
        self.0.is_null()
    }

    pub(super) fn boolean(&self) -> Option<bool> {
        self.0.as_bool()
    }

    pub(super) fn number(&self) -> Option<f64> {
        self.0.as_f64()
    }

    pub(super) fn integer(&self) -> Option<i64> {
        self.0.as_i64()
    }

    pub(super) fn text(self) -> Option<String> {
        match self.0 {
            serde_json::Value::String(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn items(self) -> Option<Vec<Self>> {
        match self.0 {
            serde_json::Value::Array(items) => Some(items.into_iter().map(Self).collect()),
            _ => None,
        }
    }

    /// The value itself, if it is no object.
    pub(super) fn entries(self) -> Result<Entries, Self> {
        match self.0 {
            serde_json::Value::Object(entries) => Ok(Entries(entries)),
            other => Err(Self(other)),
        }
    }
}

impl Entries {
    pub(super) fn find(&mut self, name: &str) -> Option<Value> {
        self.0.get_mut(name).map(|value| Value(value.take()))
    }

    /// The one entry of an object that has no other.
    pub(super) fn single(self) -> Option<(String, Value)> {
        let entry = self.0.into_iter();
        let only = (entry.len() == 1).then_some(entry)?.next();
        only.map(|(name, value)| (name, Value(value)))
    }
}

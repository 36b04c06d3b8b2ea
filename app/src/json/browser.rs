//! JSON as the browser has parsed it: its parser is there already, and reads numbers exactly.

use js_sys::{Array, JSON, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};

/// Integers that a JavaScript number holds exactly.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// A value of JSON.
#[derive(Debug)]
pub struct Value(JsValue);

/// The fields of an object.
#[derive(Debug)]
pub(super) struct Entries(JsValue);

impl From<JsValue> for Value {
    /// What lies in the browser's own stores looks the same.
    fn from(value: JsValue) -> Self {
        Self(value)
    }
}

impl Value {
    pub(super) fn parse(text: &str) -> Option<Self> {
        JSON::parse(text).ok().map(Self)
    }

    pub(super) const fn null() -> Self {
        Self(JsValue::NULL)
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
        self.number().filter(|number| number.fract() == 0.0 && number.abs() < EXACT).map(|number| number as i64)
    }

    pub(super) fn text(self) -> Option<String> {
        self.0.as_string()
    }

    pub(super) fn items(self) -> Option<Vec<Self>> {
        Some(self.0.dyn_into::<Array>().ok()?.iter().map(Self).collect())
    }

    /// The value itself, if it is no object.
    pub(super) fn entries(self) -> Result<Entries, Self> {
        if self.0.is_object() && !Array::is_array(&self.0) { Ok(Entries(self.0)) } else { Err(self) }
    }
}

impl Entries {
    pub(super) fn find(&mut self, name: &str) -> Option<Value> {
        // Fails only for what is no object.
        let found = Reflect::get(&self.0, &name.into()).ok()?;
        (!found.is_undefined()).then_some(Value(found))
    }

    /// The one entry of an object that has no other.
    pub(super) fn single(mut self) -> Option<(String, Value)> {
        let keys = Object::keys(self.0.unchecked_ref::<Object>());
        let name = keys.get(0).as_string().filter(|_| keys.length() == 1)?;
        let value = self.find(&name)?;
        Some((name, value))
    }
}

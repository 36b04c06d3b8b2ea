//! Reading JSON on the phone.
//!
//! serde's derive writes a parser out for each struct, an eighth of the whole program. Here the browser makes a tree of
//! the text first, and a struct takes its fields out of that. The server reads with serde.

#[cfg(target_arch = "wasm32")]
mod browser;
#[cfg(not(target_arch = "wasm32"))]
mod tree;

#[cfg(target_arch = "wasm32")]
use browser::Entries;
#[cfg(target_arch = "wasm32")]
pub use browser::Value;
#[cfg(not(target_arch = "wasm32"))]
use tree::Entries;
#[cfg(not(target_arch = "wasm32"))]
pub use tree::Value;
use uuid::Uuid;

pub use waypost_macros::FromJson;

/// The text is not JSON, or not of the shape that was expected; names what was missing or different.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} cannot be read")]
pub struct Unreadable(pub &'static str);

/// What can be read from JSON, in the shape that serde writes it.
pub trait FromJson: Sized {
    /// # Errors
    /// [`Unreadable`], if the value has another shape.
    fn from_json(value: Value) -> Result<Self, Unreadable>;

    /// What a field is that is not there; `None` where it must be there.
    fn missing() -> Option<Self> {
        None
    }
}

/// Reads a whole text.
///
/// # Errors
/// [`Unreadable`], if it is not JSON or has another shape.
pub fn read<T: FromJson>(text: &str) -> Result<T, Unreadable> {
    T::from_json(Value::parse(text).ok_or(Unreadable("JSON"))?)
}

/// The fields of an object, each taken once. Those that nobody takes are ignored.
pub(crate) struct Fields {
    found: Entries,
    /// The first field that could not be read; see [`Fields::fill`].
    bad: Option<&'static str>,
}

impl Fields {
    pub(crate) fn of(value: Value) -> Result<Self, Unreadable> {
        value.entries().map(|found| Self { found, bad: None }).map_err(|_| Unreadable("object"))
    }

    fn find(&mut self, name: &str) -> Option<Value> {
        self.found.find(name)
    }

    pub(crate) fn take<T: FromJson>(&mut self, name: &'static str) -> Result<T, Unreadable> {
        match self.find(name) {
            Some(value) => T::from_json(value).map_err(|_| Unreadable(name)),
            None => T::missing().ok_or(Unreadable(name)),
        }
    }

    pub(crate) fn take_or<T: FromJson>(&mut self, name: &'static str, otherwise: T) -> Result<T, Unreadable> {
        match self.find(name) {
            Some(value) => T::from_json(value).map_err(|_| Unreadable(name)),
            None => Ok(otherwise),
        }
    }

    /// Puts a field into its place; `must`: it has to be there. What goes wrong is told by [`Fields::filled`], so that a
    /// struct of many fields needs no way out after each.
    pub(crate) fn fill<T: FromJson>(&mut self, name: &'static str, place: &mut T, must: bool) {
        let read = match self.find(name) {
            Some(value) => T::from_json(value).ok(),
            None if !must => return,
            None => T::missing(),
        };
        match read {
            Some(value) => *place = value,
            None => self.bad = self.bad.or(Some(name)),
        }
    }

    /// `whole`, if every field could be read.
    pub(crate) fn filled<T>(self, whole: T) -> Result<T, Unreadable> {
        self.bad.map_or(Ok(whole), |name| Err(Unreadable(name)))
    }

    pub(crate) fn take_or_default<T: FromJson + Default>(&mut self, name: &'static str) -> Result<T, Unreadable> {
        self.take_or(name, T::default())
    }
}

/// An enum as serde writes it: the name of a variant, or an object of that name and its content.
pub(crate) fn variant(value: Value) -> Result<(String, Value), Unreadable> {
    let found = match value.entries() {
        Ok(entries) => entries.single(),
        Err(value) => value.text().map(|name| (name, Value::null())),
    };
    found.ok_or(Unreadable("variant"))
}

/// A value of which only that it is there counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IgnoredAny;

impl FromJson for IgnoredAny {
    fn from_json(_: Value) -> Result<Self, Unreadable> {
        Ok(Self)
    }
}

impl FromJson for bool {
    fn from_json(value: Value) -> Result<Self, Unreadable> {
        value.boolean().ok_or(Unreadable("true or false"))
    }
}

impl FromJson for String {
    fn from_json(value: Value) -> Result<Self, Unreadable> {
        value.text().ok_or(Unreadable("text"))
    }
}

impl FromJson for f64 {
    fn from_json(value: Value) -> Result<Self, Unreadable> {
        value.number().ok_or(Unreadable("number"))
    }
}

impl FromJson for i64 {
    fn from_json(value: Value) -> Result<Self, Unreadable> {
        value.integer().ok_or(Unreadable("number"))
    }
}

macro_rules! narrower {
    ($($integer:ty)*) => {$(
        impl FromJson for $integer {
            fn from_json(value: Value) -> Result<Self, Unreadable> {
                i64::from_json(value)?.try_into().map_err(|_| Unreadable("number"))
            }
        }
    )*};
}

narrower!(i32 u32 u16);

impl FromJson for Uuid {
    fn from_json(value: Value) -> Result<Self, Unreadable> {
        String::from_json(value)?.parse().map_err(|_| Unreadable("id"))
    }
}

impl<T: FromJson> FromJson for Option<T> {
    fn from_json(value: Value) -> Result<Self, Unreadable> {
        if value.is_null() { Ok(None) } else { T::from_json(value).map(Some) }
    }

    fn missing() -> Option<Self> {
        Some(None)
    }
}

impl<T: FromJson> FromJson for Vec<T> {
    fn from_json(value: Value) -> Result<Self, Unreadable> {
        let items = value.items().ok_or(Unreadable("list"))?;
        let mut read = Self::with_capacity(items.len());
        for item in items {
            read.push(T::from_json(item)?);
        }
        Ok(read)
    }
}

impl<A: FromJson, B: FromJson> FromJson for (A, B) {
    fn from_json(value: Value) -> Result<Self, Unreadable> {
        let [a, b] = array(value)?;
        Ok((A::from_json(a)?, B::from_json(b)?))
    }
}

impl<A: FromJson, B: FromJson, C: FromJson> FromJson for (A, B, C) {
    fn from_json(value: Value) -> Result<Self, Unreadable> {
        let [a, b, c] = array(value)?;
        Ok((A::from_json(a)?, B::from_json(b)?, C::from_json(c)?))
    }
}

fn array<const N: usize>(value: Value) -> Result<[Value; N], Unreadable> {
    let items = value.items().ok_or(Unreadable("list"))?;
    items.try_into().map_err(|_| Unreadable("list"))
}

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Serialize};

    use super::*;

    #[derive(Debug, Default, PartialEq, Serialize, Deserialize, FromJson)]
    struct All {
        must: i64,
        may: Option<f64>,
        #[serde(default)]
        words: Vec<String>,
        span: (i64, String, bool),
        kind: Kind,
    }

    #[derive(Debug, Default, PartialEq, Serialize, Deserialize, FromJson)]
    #[serde(rename_all = "snake_case")]
    enum Kind {
        #[default]
        TwoWords,
        Holds(u16),
        Names {
            id: Uuid,
            #[serde(default)]
            note: String,
        },
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize, FromJson)]
    #[serde(rename_all = "snake_case")]
    enum Known {
        One,
        #[serde(other)]
        Other,
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize, FromJson)]
    #[serde(default)]
    struct Chosen {
        volume: u32,
        name: String,
    }

    impl Default for Chosen {
        fn default() -> Self {
            Self { volume: 11, name: "unnamed".to_owned() }
        }
    }

    fn same<T>(text: &str)
    where
        T: FromJson + for<'a> Deserialize<'a> + PartialEq + std::fmt::Debug,
    {
        assert_eq!(read::<T>(text).ok(), serde_json::from_str::<T>(text).ok(), "{text}");
    }

    #[derive(Debug, Default, PartialEq, Serialize, Deserialize, FromJson)]
    #[from_json(fill)]
    struct Filled {
        must: i64,
        may: Option<f64>,
        #[serde(default)]
        words: Vec<String>,
        span: (i64, String, bool),
        kind: Kind,
    }

    #[test]
    fn what_serde_reads_is_read_the_same_and_nothing_else() {
        for kind in [
            r#""two_words""#,
            r#"{"two_words":null}"#,
            r#"{"holds":7}"#,
            r#"{"holds":70000}"#,
            r#"{"holds":-1}"#,
            r#"{"names":{"id":"0193a2b0-0000-7000-8000-000000000001"}}"#,
            r#"{"names":{"id":"0193a2b0"}}"#,
            r#"{"names":{"id":"0193a2b0-0000-7000-8000-000000000001"},"holds":1}"#,
            r#""three""#,
            "7",
        ] {
            same::<Kind>(kind);
            same::<All>(&format!(r#"{{"must":1,"span":[1,"a",true],"kind":{kind},"more":[1]}}"#));
        }
        for text in [
            r#"{"must":1,"may":null,"words":["a"],"span":[1,"a",true],"kind":"two_words"}"#,
            r#"{"must":1,"may":2,"span":[1,"a",true],"kind":"two_words"}"#,
            r#"{"must":1.5,"span":[1,"a",true],"kind":"two_words"}"#,
            r#"{"span":[1,"a",true],"kind":"two_words"}"#,
            r#"{"must":1,"span":[1,"a"],"kind":"two_words"}"#,
            r#"{"must":1,"words":null,"span":[1,"a",true],"kind":"two_words"}"#,
            r#"{"must":1,"#,
            "[]",
            "",
        ] {
            same::<All>(text);
            same::<Filled>(text);
        }
        for text in [r#""one""#, r#""two""#, "1"] {
            same::<Known>(text);
        }
        for text in ["{}", r#"{"volume":3}"#, r#"{"volume":"loud"}"#, r#"{"name":"x","other":1}"#] {
            same::<Chosen>(text);
        }
    }
}

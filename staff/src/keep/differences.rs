//! What differs between two versions of something, field by field, in words.

use serde::Serialize;
use serde_json::{Map, Value};
use waypost_app::domain::station::Facility;
use waypost_app::domain::time::{CHINA, Minute};
use waypost_app::local::prefs::Lang;
use waypost_app::text::words;
use waypost_app::wire::staff::stations::Entry;

use crate::text::stations::Stations;

/// One field that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    pub field: &'static str,
    pub before: String,
    pub after: String,
}

/// What differs between two entries, in the order of the fields' names. Of something that was made all that is said of it.
pub fn differences(t: &Stations, lang: Lang, before: Option<&Entry>, after: Option<&Entry>) -> Vec<Difference> {
    let (was, is) = (before.map(fields).unwrap_or_default(), after.map(fields).unwrap_or_default());
    let names = was.keys().chain(is.keys().filter(|name| !was.contains_key(*name)));
    let dates = matches!(before.or(after), Some(Entry::Exception(_)));
    names
        .filter(|name| was.get(*name) != is.get(*name))
        .map(|name| Difference {
            field: (t.field)(if dates && name == "last" { "last_day" } else { name }),
            before: said(t, lang, name, was.get(name)),
            after: said(t, lang, name, is.get(name)),
        })
        .filter(|difference| difference.before != difference.after)
        .collect()
}

/// What an entry is called.
#[must_use]
pub fn name(entry: &Entry) -> String {
    match entry {
        Entry::Station(it) => it.name.clone(),
        Entry::Service(it) => it.name.clone(),
        Entry::Market(it) => it.name.clone(),
        Entry::Exception(it) if it.first == it.last => format!("{} {}", it.first, it.reason),
        Entry::Exception(it) => format!("{}–{} {}", it.first, it.last, it.reason),
    }
}

fn fields(entry: &Entry) -> Map<String, Value> {
    fn object(entry: &impl Serialize) -> Map<String, Value> {
        match serde_json::to_value(entry) {
            Ok(Value::Object(fields)) => fields,
            _ => Map::new(),
        }
    }
    match entry {
        Entry::Station(it) => object(it),
        Entry::Service(it) => object(it),
        Entry::Market(it) => object(it),
        Entry::Exception(it) => object(it),
    }
}

/// A value as people say it; empty where there is none.
fn said(t: &Stations, lang: Lang, name: &str, value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::Bool(yes)) => if *yes { t.keep.yes } else { t.keep.no }.to_owned(),
        Some(Value::String(text)) => facility(lang, text).filter(|_| name == "kind").unwrap_or(text).to_owned(),
        Some(Value::Number(number)) => match (name, number.as_i64()) {
            ("verified_at_min", Some(at)) => {
                let at = Minute(at);
                format!("{} {}", words::date(lang, CHINA.day(at)), CHINA.clock(at))
            }
            ("price_fen", Some(fen)) => words::price(lang, u32::try_from(fen).ok()),
            _ => number.to_string(),
        },
        Some(Value::Array(values)) => {
            let each: Vec<String> = values.iter().map(|value| one(lang, value)).collect();
            each.join(" · ")
        }
        Some(value @ Value::Object(_)) => one(lang, value),
    }
}

/// One of several: a facility, a step on the way in, a skill.
fn one(lang: Lang, value: &Value) -> String {
    match value {
        Value::String(code) => facility(lang, code).unwrap_or(code).to_owned(),
        Value::Object(fields) => {
            let text = |name: &str| fields.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
            let parts: Vec<&str> = ["text", "name", "person"].into_iter().filter_map(text).collect();
            parts.join(" ")
        }
        other => other.to_string(),
    }
}

fn facility(lang: Lang, code: &str) -> Option<&'static str> {
    Facility::from_code(code).map(|facility| words::facility(lang, facility))
}

#[cfg(test)]
mod tests {
    use waypost_app::domain::station::EntranceStep;
    use waypost_app::wire::staff::stations::{ExceptionDraft, ServiceDraft, StationDraft};

    use super::*;
    use crate::text::text;

    fn between(before: Option<&Entry>, after: Option<&Entry>) -> Vec<(&'static str, String, String)> {
        let all = differences(&text(Lang::Zh).stations, Lang::Zh, before, after);
        all.into_iter().map(|it| (it.field, it.before, it.after)).collect()
    }

    #[test]
    fn only_what_differs_is_said_and_each_value_in_words() {
        let before = StationDraft {
            name: "桥西".to_owned(),
            facilities: vec![Facility::Water],
            verified_at_min: None,
            ..StationDraft::default()
        };
        let after = StationDraft {
            facilities: vec![Facility::Water, Facility::Rest],
            entrance: vec![EntranceStep { text: "上二楼".to_owned(), text_en: String::new() }],
            verified_at_min: Some(Minute(29_924_670)),
            ..before.clone()
        };
        assert_eq!(
            between(Some(&Entry::Station(before.clone())), Some(&Entry::Station(after))),
            [
                ("怎么进门", String::new(), "上二楼".to_owned()),
                ("设施", "饮水".to_owned(), "饮水 · 休息".to_owned()),
                ("核实时间", String::new(), "11月24日 08:30".to_owned()),
            ]
        );
        assert_eq!(between(Some(&Entry::Station(before.clone())), Some(&Entry::Station(before))), []);
    }

    #[test]
    fn prices_kinds_and_days_are_said_as_people_say_them() {
        let service = ServiceDraft { price_fen: Some(990), kind: Facility::Meals, ..ServiceDraft::default() };
        let made = between(None, Some(&Entry::Service(service)));
        assert!(made.contains(&("价格", String::new(), "9.9 元".to_owned())), "{made:?}");
        assert!(made.contains(&("种类", String::new(), "用餐".to_owned())), "{made:?}");
        let closure = |last: &str| Entry::Exception(ExceptionDraft { last: last.to_owned(), ..Default::default() });
        let moved = between(Some(&closure("2026-11-24")), Some(&closure("2026-11-25")));
        assert_eq!(moved, [("最后一天", "2026-11-24".to_owned(), "2026-11-25".to_owned())]);
    }
}

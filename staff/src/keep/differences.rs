//! What differs between two versions of something, field by field, in words.

use serde::{Deserialize as _, Serialize};
use serde_json::{Map, Value};
use waypost_app::domain::market::SkillKind;
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
        .map(|name| {
            let (before, after) = match (was.get(name), is.get(name)) {
                (Some(Value::Array(was)), Some(Value::Array(is))) if was.iter().chain(is).any(Value::is_object) => {
                    only_what_differs(t, lang, name, was, is)
                }
                (was, is) => (said(t, lang, name, was), said(t, lang, name, is)),
            };
            Difference { field: (t.field)(if dates && name == "last" { "last_day" } else { name }), before, after }
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

/// Of lists of steps or skills, what stands between those at both ends that are the same; steps with their number.
fn only_what_differs(t: &Stations, lang: Lang, name: &str, was: &[Value], is: &[Value]) -> (String, String) {
    let head = was.iter().zip(is).take_while(|(was, is)| was == is).count();
    let ends = was[head..].iter().rev().zip(is[head..].iter().rev());
    let tail = ends.take_while(|(was, is)| was == is).count();
    let middle = |values: &[Value]| {
        let numbered = values[..values.len() - tail].iter().enumerate().skip(head);
        let each = numbered.map(|(at, value)| match name {
            "entrance" => format!("{}. {}", at + 1, one(t, lang, value)),
            _ => one(t, lang, value),
        });
        each.collect::<Vec<_>>().join(" · ")
    };
    (middle(was), middle(is))
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
            let each: Vec<String> = values.iter().map(|value| one(t, lang, value)).collect();
            each.join(" · ")
        }
        Some(value @ Value::Object(_)) => one(t, lang, value),
    }
}

/// What is said of a step on the way in or of a skill, in this order.
const PARTS: [&str; 11] =
    ["text", "text_en", "name", "name_en", "kind", "person", "person_en", "from_min", "to_min", "places", "photo"];

/// One of several: a facility, a step on the way in, a skill.
fn one(t: &Stations, lang: Lang, value: &Value) -> String {
    match value {
        Value::String(code) => facility(lang, code).unwrap_or(code).to_owned(),
        Value::Object(fields) => {
            let part = |name: &&'static str| match (*name, fields.get(*name)?) {
                (_, Value::String(text)) if text.is_empty() => None,
                // Two photos are told apart by how their names begin.
                ("photo", Value::String(hash)) => Some(format!("{} {}", t.station.photo, hash.get(..6)?)),
                ("kind", kind) => SkillKind::deserialize(kind).ok().map(|kind| (t.market.kind)(kind).to_owned()),
                (_, Value::String(text)) => Some(text.clone()),
                (name, Value::Number(number)) => Some(format!("{} {number}", (t.field)(name))),
                _ => None,
            };
            PARTS.iter().filter_map(part).collect::<Vec<_>>().join(" ")
        }
        other => other.to_string(),
    }
}

fn facility(lang: Lang, code: &str) -> Option<&'static str> {
    Facility::from_code(code).map(|facility| words::facility(lang, facility))
}

#[cfg(test)]
mod tests {
    use waypost_app::domain::ids::PhotoHash;
    use waypost_app::domain::market::Skill;
    use waypost_app::domain::station::EntranceStep;
    use waypost_app::wire::staff::stations::{ExceptionDraft, MarketDraft, ServiceDraft, StationDraft};

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
            entrance: vec![EntranceStep { text: "上二楼".to_owned(), text_en: String::new(), photo: None }],
            verified_at_min: Some(Minute(29_924_670)),
            ..before.clone()
        };
        assert_eq!(
            between(Some(&Entry::Station(before.clone())), Some(&Entry::Station(after))),
            [
                ("怎么进门", String::new(), "1. 上二楼".to_owned()),
                ("设施", "饮水".to_owned(), "饮水 · 休息".to_owned()),
                ("核实时间", String::new(), "11月24日 08:30".to_owned()),
            ]
        );
        assert_eq!(between(Some(&Entry::Station(before.clone())), Some(&Entry::Station(before))), []);
    }

    #[test]
    fn of_a_long_way_in_only_the_step_that_differs_is_said() {
        let way = |texts: &[&str]| {
            let step = |text: &&str| EntranceStep { text: (*text).to_owned(), ..EntranceStep::default() };
            let entrance = texts.iter().map(step).collect();
            Entry::Station(StationDraft { entrance, ..StationDraft::default() })
        };
        let said = |before: &[&str], after: &[&str]| between(Some(&way(before)), Some(&way(after)));
        let differ = |before: &str, after: &str| vec![("怎么进门", before.to_owned(), after.to_owned())];
        let whole = ["从东门进", "上二楼", "左转"];
        assert_eq!(said(&whole, &["从东门进", "上三楼", "左转"]), differ("2. 上二楼", "2. 上三楼"));
        assert_eq!(said(&whole, &["从东门进", "左转"]), differ("2. 上二楼", ""));
        assert_eq!(said(&whole, &["从东门进", "刷卡", "上二楼", "左转"]), differ("", "2. 刷卡"));
        assert_eq!(said(&["上楼", "上楼"], &["上楼"]), differ("2. 上楼", ""));
    }

    #[test]
    fn another_photo_and_another_number_of_places_are_differences() {
        let with = |digit: &str| {
            let photo = Some(PhotoHash::parse(&digit.repeat(64)).expect("a hash"));
            let step = EntranceStep { text: "上二楼".to_owned(), photo, ..EntranceStep::default() };
            Entry::Station(StationDraft { entrance: vec![step], ..StationDraft::default() })
        };
        let words = |photo: &str| format!("1. 上二楼 照片 {photo}");
        assert_eq!(between(Some(&with("a")), Some(&with("b"))), [("怎么进门", words("aaaaaa"), words("bbbbbb"))]);
        let held = |places| {
            let skill = Skill { kind: SkillKind::Knives, name: "磨刀".to_owned(), places, ..Skill::default() };
            Entry::Market(MarketDraft { skills: vec![skill], ..MarketDraft::default() })
        };
        let [(field, before, after)] = &between(Some(&held(Some(8))), Some(&held(None)))[..] else { panic!("one") };
        assert_eq!(*field, "手艺和人");
        assert!(before.starts_with("磨刀") && before.ends_with(" 8") && !after.contains('8'), "{before} {after}");
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

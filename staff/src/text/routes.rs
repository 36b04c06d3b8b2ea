//! The shape of the words about who is asked to repair what.

/// Rules that suggest a unit.
#[derive(Debug)]
pub struct RoutesText {
    pub title: &'static str,
    pub text: &'static str,
    pub none: &'static str,
    pub category: &'static str,
    pub any: &'static str,
    pub unit: &'static str,
    pub area: &'static str,
    pub area_hint: &'static str,
    pub district: &'static str,
    pub around: fn(&str, u32) -> String,
    pub place: &'static str,
    pub place_hint: &'static str,
    pub place_bad: &'static str,
    pub radius: &'static str,
    pub add: &'static str,
    pub new: &'static str,
    pub up: fn(usize) -> String,
    pub drop: fn(usize) -> String,
    pub saved: &'static str,
    pub changed: &'static str,
    pub needs_unit: &'static str,
}

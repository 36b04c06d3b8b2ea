//! Words about the district in numbers.

/// Reports, units, doors and hours, counted.
#[derive(Debug)]
pub struct NumbersText {
    pub title: &'static str,
    pub from: &'static str,
    pub to: &'static str,
    pub week: &'static str,
    pub week_hint: &'static str,
    pub show: &'static str,
    pub sheet: &'static str,
    pub sheet_text: &'static str,
    pub date_bad: &'static str,

    pub reports: &'static str,
    pub received: &'static str,
    pub fixed: &'static str,
    pub total: &'static str,
    pub week_of: &'static str,
    pub week_from: fn(&str) -> String,

    pub units: &'static str,
    pub units_text: &'static str,
    pub unit: &'static str,
    pub no_unit: &'static str,
    pub median: &'static str,
    pub days: fn(&str) -> String,
    pub open: &'static str,
    pub overdue: &'static str,
    pub nobody: &'static str,

    pub doors: &'static str,
    pub doors_text: &'static str,
    pub confirmed: &'static str,
    pub locked: &'static str,
    pub rate: &'static str,
    pub no_visits: &'static str,

    pub coverage: &'static str,
    pub coverage_text: &'static str,
    pub place: &'static str,
    pub whole: &'static str,
    pub no_district: &'static str,
    pub stations: fn(u32, u32) -> String,
    pub day: &'static str,
    pub gaps: &'static str,
    pub no_gap: &'static str,
}

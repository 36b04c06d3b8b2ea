//! Numbers, in English.

use crate::text::numbers::NumbersText;

pub(in crate::text) const NUMBERS: NumbersText = NumbersText {
    title: "Numbers",
    from: "From",
    to: "To",
    week: "Opening hours of which week",
    week_hint: "Choose any day of that week.",
    show: "Show",
    sheet: "Download the reports (CSV)",
    sheet_text: "Each report that came in during these days is a row; spreadsheets open it.",
    date_bad: "These dates cannot be: the end must be after the beginning, by a year at most.",

    reports: "Reports received and repaired each week",
    received: "Received",
    fixed: "Repaired",
    total: "Total",
    week_of: "Week",
    week_from: |date| format!("from {date}"),

    units: "Units",
    units_text: "Working days from being given a report (or getting it back) to its repair: half took no longer.",
    unit: "Unit",
    no_unit: "No unit",
    median: "Usually takes",
    days: |days| if days == "1" { "1 working day".to_owned() } else { format!("{days} working days") },
    open: "Waiting",
    overdue: "Overdue",
    nobody: "Nothing was repaired in this time, and nothing waits.",

    doors: "Locked doors",
    doors_text: "What people on the spot said: the data is right, or the door was locked when it should have been open.",
    confirmed: "Right",
    locked: "Locked",
    rate: "Locked, of all",
    no_visits: "–",

    coverage: "When no station is open",
    coverage_text: "How many stations are open at the worst moment of each hour. At 0 there is nowhere to go.",
    place: "Subdistrict",
    whole: "The whole district",
    no_district: "No subdistrict given",
    stations: |stations, unknown| format!("{stations} stations; of {unknown} nobody knows when they are open"),
    day: "Day",
    gaps: "No station open",
    no_gap: "Always one open",
};

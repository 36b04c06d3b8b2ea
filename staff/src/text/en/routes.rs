//! English words about who is asked to repair what.

use crate::text::RoutesText;

pub(super) const ROUTES: RoutesText = RoutesText {
    title: "Rules",
    text: "From the top, the first rule that fits suggests the unit; people still decide.",
    none: "There are no rules yet, so no unit is suggested.",
    category: "Kind",
    any: "All kinds",
    unit: "Unit",
    area: "Name of the area",
    area_hint: "Left empty: the whole district.",
    district: "the whole district",
    around: |name, metres| format!("within {metres} m of {name}"),
    place: "Middle of the area (latitude, longitude)",
    place_hint: "WGS-84, such as 30.3172, 120.1386",
    place_bad: "The middle is not “latitude, longitude”.",
    radius: "Radius in metres",
    add: "Add this rule",
    new: "New rule",
    up: |number| format!("Move rule {number} up"),
    drop: |number| format!("Remove rule {number}"),
    saved: "The rules are kept.",
    changed: "Somebody else has just changed the rules. Here are the latest; please change them again.",
    needs_unit: "Please choose a unit.",
};

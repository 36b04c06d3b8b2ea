//! Units, in English.

use crate::text::units::UnitsText;

pub(in crate::text) const UNITS: UnitsText = UnitsText {
    title: "Units",
    text: "Who repairs. A unit that is closed gets no new cases, and finishes those it has.",
    none: "No units yet.",
    new: "Add a unit",
    name: "Name",
    contact: "Whom to ask for",
    phone: "Phone",
    add: "Add",
    save: "Save",
    saved: "Saved",
    edit: "Edit",
    edit_of: |name| format!("Edit {name}"),
    cancel: "Leave it",
    close: "Close",
    open: "Open again",
    closed: "Closed",
    taken: "Another unit has this name.",
    missing: "Give it a name.",
    of_person: "Of which unit",
    choose: "Choose",
    none_yet: "There is no unit yet; add one first.",
};

//! Words about units that repair.

/// Who repairs, for admins.
#[derive(Debug)]
pub struct UnitsText {
    pub title: &'static str,
    pub text: &'static str,
    pub none: &'static str,
    pub new: &'static str,
    pub name: &'static str,
    pub contact: &'static str,
    pub phone: &'static str,
    pub add: &'static str,
    pub save: &'static str,
    pub saved: &'static str,
    pub edit: &'static str,
    pub edit_of: fn(&str) -> String,
    pub cancel: &'static str,
    pub close: &'static str,
    pub open: &'static str,
    pub closed: &'static str,
    pub taken: &'static str,
    pub missing: &'static str,
    /// Of somebody who is to be added: of which unit.
    pub of_person: &'static str,
    pub choose: &'static str,
    pub none_yet: &'static str,
}

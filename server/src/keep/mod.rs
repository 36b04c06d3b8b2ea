//! Stations kept true: what staff make, change and retire of the district, with every version kept.
//!
//! What staff write is made [`ready`] first (fields checked, hours read), which needs no database; then one write looks
//! whether it still fits what is there ([`held`]), changes the district, and keeps who did it ([`crate::store::changes`]).

mod held;
mod ready;
mod steps;
mod undo;

use waypost_app::domain::ids::StaffId;
use waypost_app::wire::staff::stations::Entry;

pub use held::{Held, all, find};
pub use ready::{Ready, make_ready};
pub use steps::{Wish, carry_out};
pub use undo::{Undone, undo};

/// Why a change does not fit what is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// There is no such thing (any more).
    Gone,
    /// Somebody has changed it since it was seen.
    Changed(Since),
    /// A field names what cannot be, with the reason in words.
    Field(&'static str, &'static str),
}

/// What somebody did since.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Since {
    /// What it is at now; `None` where it is gone.
    pub version: Option<i64>,
    /// Who of the staff, and when in milliseconds since 1970; `None`: an import.
    pub by: Option<(StaffId, String, i64)>,
}

/// What a change came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Phones hear of it under this revision.
    Done {
        rev: i64,
    },
    /// Everything was so already.
    Same,
    Refused(Refusal),
}

/// The prefix of an id tells the kind, as everywhere in the district.
const fn prefix(entry: &Entry) -> &'static str {
    match entry {
        Entry::Station(_) => "st",
        Entry::Service(_) => "sv",
        Entry::Market(_) => "mk",
        Entry::Exception(_) => "ex",
    }
}

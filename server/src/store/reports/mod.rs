//! Reports with their photos and their timeline.

mod answer;
mod code;
mod content;
pub(super) mod event;
mod insert;
mod known;
pub(super) mod merge;
mod open;
pub mod public;
mod view;
mod withdraw;

pub use answer::{Answer, Answered, answer};
pub use content::ContentHash;
pub use event::advance;
pub use insert::{Inserted, Submission, insert, settled};
pub(super) use insert::{insert_all, together};
pub use open::open;
pub use view::{Sight, Viewer, find, near, of_device};
pub use withdraw::{Withdrawn, forget_withdrawn, withdraw};

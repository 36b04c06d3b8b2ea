//! The shape of the words about reports: writing one, what became of it, and what limits this phone.

use crate::domain::report::{Category, FieldFault, ReportState};
use crate::local::import::Taken;
use crate::local::outbox::item::{Reason, RefusalKind};

/// Writing a report.
#[derive(Debug)]
pub struct ReportText {
    pub title: &'static str,
    pub photos: &'static str,
    pub take: &'static str,
    pub choose: &'static str,
    pub photos_hint: fn(usize) -> String,
    pub preparing: &'static str,
    pub photo_alt: fn(usize) -> String,
    pub photo_remove: fn(usize) -> String,
    pub photo_unreadable: fn(&str) -> String,
    pub photo_not_drawn: &'static str,
    pub photo_twice: &'static str,
    pub photo_many: fn(usize) -> String,
    pub photo_no_room: &'static str,
    pub old_photo: &'static str,
    pub park: &'static str,
    pub parked: &'static str,
    pub category: &'static str,
    pub category_name: fn(Category) -> &'static str,
    pub place: &'static str,
    pub locate: &'static str,
    pub locating: &'static str,
    pub located: fn(&str) -> String,
    pub chosen: &'static str,
    pub moved: &'static str,
    pub refused: &'static str,
    pub unavailable: &'static str,
    pub near: &'static str,
    pub near_none: &'static str,
    pub landmarks: &'static str,
    pub stations: &'static str,
    pub landmark: &'static str,
    pub landmark_hint: &'static str,
    pub plot: &'static str,
    pub plot_hint: &'static str,
    /// North, east, south, west.
    pub plot_move: [&'static str; 4],
    pub description: &'static str,
    pub description_hint: &'static str,
    pub emergency: &'static str,
    pub emergency_text: &'static str,
    /// Number to dial, and what for.
    pub numbers: [(&'static str, &'static str); 4],
    pub save: &'static str,
    pub saving: &'static str,
    pub fault: fn(&FieldFault) -> String,
    pub faults: fn(usize) -> String,
    pub draft_kept: &'static str,
    pub not_kept: &'static str,
    pub no_room: &'static str,
    pub direct: &'static str,
    pub sent_before: fn(&str) -> String,
    pub saved_here: &'static str,
    pub saved_text: &'static str,
    pub delivered: fn(&str) -> String,
    pub delivered_text: &'static str,
    pub another: &'static str,
    pub to_mine: &'static str,
    pub received_title: &'static str,
    pub received_text: &'static str,
    pub received_unknown: &'static str,
}

/// The reports on this phone.
#[derive(Debug)]
pub struct MineText {
    pub title: &'static str,
    pub reading: &'static str,
    pub plain: &'static str,
    pub empty: &'static str,
    pub empty_text: &'static str,
    pub begin: &'static str,
    pub needs_you: &'static str,
    pub drafts: &'static str,
    pub waiting: &'static str,
    pub received: &'static str,
    pub untitled: &'static str,
    pub go_on: &'static str,
    pub edit: &'static str,
    pub send_now: &'static str,
    pub send_again: &'static str,
    pub delete: &'static str,
    pub delete_draft: &'static str,
    pub delete_unsent: &'static str,
    pub delete_sending: &'static str,
    pub delete_received: &'static str,
    pub forget: &'static str,
    pub withdraw: &'static str,
    pub withdraw_question: &'static str,
    pub withdraw_yes: &'static str,
    pub stays: &'static str,
    /// Why a report can no longer be changed.
    pub frozen: &'static str,
    pub delete_yes: &'static str,
    pub delete_no: &'static str,
    pub code: fn(&str) -> String,
    pub history: &'static str,
    pub forgotten: &'static str,
    pub state: fn(ReportState) -> &'static str,
    pub export: &'static str,
    pub export_text: &'static str,
    pub exported: &'static str,
    pub failed: fn(&str) -> String,
    pub import: &'static str,
    pub import_text: &'static str,
    /// Taken, known already, not understood.
    pub imported: fn(Taken) -> String,
    pub not_ours: &'static str,
    /// How long the oldest unsent report has waited.
    pub oldest: fn(&str) -> String,
    /// Bytes used, and bytes there may be.
    pub storage: fn(&str, Option<&str>) -> String,
    pub persisted: &'static str,
    pub not_persisted: &'static str,
    pub unavailable: &'static str,
    pub photos: fn(usize) -> String,
}

/// How reports travel, and what limits this phone.
#[derive(Debug)]
pub struct SyncText {
    pub queued: &'static str,
    pub sending: &'static str,
    /// Before why a report is not taken back yet.
    pub withdrawing: &'static str,
    pub reason: fn(Reason) -> &'static str,
    /// Seconds until the next try.
    pub next_try: fn(i64) -> String,
    pub refusal: fn(RefusalKind) -> &'static str,
    pub server_says: fn(&str) -> String,
    pub storage_blocked: &'static str,
    pub storage_full: &'static str,
    pub district_too_large: &'static str,
    pub strange_rows: fn(usize) -> String,
}

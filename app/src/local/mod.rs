//! The phone: what it keeps, what waits to be sent, and how it keeps in step with the server.
//!
//! Pages read the signals of [`Phone`] and call its methods; nothing in a page waits for the network. The same code
//! compiles for the server, where a [`Phone`] only carries the [`Seed`] of one page and no effect ever runs.

pub mod about_me;
pub(crate) mod base64;
pub mod clock;
pub mod compass;
pub mod cover;
pub mod db;
pub mod device;
pub mod download;
pub mod draft;
pub mod export;
pub mod http;
pub mod import;
pub mod locate;
mod lock;
pub mod log;
pub mod outbox;
pub mod owed;
pub mod photo;
pub mod position;
pub mod prefs;
mod random;
pub mod replica;
pub mod room;
pub mod snapshot;
mod start;
pub mod storage;
pub mod sync;
pub mod verify;
pub mod wipe;

pub use start::{start, stored_seed};

use std::future::Future;
use std::pin::Pin;

use leptos::prelude::*;

use crate::markup::RwSignal;
use serde::{Deserialize, Serialize};

use crate::domain::geo::Wgs84;
use crate::domain::time::Minute;
use crate::json::FromJson;
use crate::wire::snapshot::Snapshot;
use outbox::Shelf;
use prefs::Prefs;
use replica::Replica;
use storage::StorageError;

/// Starts something that goes on by itself. Boxed, so that the machinery is written out once.
pub fn spawn(work: impl Future<Output = ()> + 'static) {
    let work: Pin<Box<dyn Future<Output = ()>>> = Box::pin(work);
    wasm_bindgen_futures::spawn_local(work);
}

/// What one server-rendered page was made from. It travels inside the page, so that hydration draws exactly the same;
/// a mounted page starts from the phone's own replica instead.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, FromJson)]
pub struct Seed {
    /// The part of the district this page shows.
    pub snapshot: Snapshot,
    /// True if `snapshot` leaves out stations or days that the full one has.
    pub partial: bool,
    /// The server's clock when the page was made.
    pub now: Minute,
    /// The id of a report sent by the plain HTML form; made by the server for each page.
    #[serde(default)]
    pub form_id: Option<uuid::Uuid>,
    pub prefs: Prefs,
}

/// Where the person is, as far as they let us know.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Whereabouts {
    /// Nobody has asked yet.
    #[default]
    NotAsked,
    /// Waiting for the first fix.
    Asking,
    /// A fix: position, radius in metres, and when.
    Here { position: Wgs84, accuracy_m: f64, at: Minute },
    /// The person said no.
    Refused,
    /// No fix to be had (no GPS, indoors, not supported).
    Unavailable,
}

/// How the replica stands with the server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SyncState {
    /// Not tried yet since the page was opened.
    #[default]
    Idle,
    /// A request is under way.
    Refreshing,
    /// The last try reached the server.
    Fresh,
    /// The last try did not reach the server.
    Offline,
    /// The server no longer speaks this build's language: update first.
    TooOld,
}

/// Something about this phone that a person should know, because it limits what "kept" means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The browser keeps nothing: prefs, district and token last until the page closes.
    StorageBlocked,
    /// There is no room even to note that a report is being sent.
    NoRoom,
    /// There was no room for the district's data; it lasts until the page closes.
    StorageFull,
    /// The server's district is larger than a phone keeps; the old one stays.
    DistrictTooLarge,
    /// So many reports or drafts on this phone cannot be read by this build. They are left alone.
    StrangeRows(usize),
}

impl From<StorageError> for Trouble {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::Blocked => Self::StorageBlocked,
            StorageError::Full => Self::StorageFull,
        }
    }
}

/// Everything the pages share. Cheap to copy: each field is a handle to a signal.
#[derive(Clone, Copy, Debug)]
pub struct Phone {
    pub replica: RwSignal<Replica>,
    /// The current minute; ticks while the page is visible.
    pub now: RwSignal<Minute>,
    /// See [`clock::ahead_ms`].
    pub clock_ahead: RwSignal<i64>,
    pub whereabouts: RwSignal<Whereabouts>,
    pub sync: RwSignal<SyncState>,
    pub prefs: RwSignal<Prefs>,
    /// Drafts and reports, as they are on the disk.
    pub shelf: RwSignal<Shelf>,
    /// How many reports are still only on this phone: the badge.
    pub unsent: RwSignal<usize>,
    /// What limits this phone, if anything.
    pub trouble: RwSignal<Option<Trouble>>,
    /// A newer build is installed and waits for a tap.
    pub update_ready: RwSignal<bool>,
    /// See [`Seed::form_id`].
    pub form_id: StoredValue<Option<uuid::Uuid>>,
}

impl Phone {
    #[must_use]
    pub fn new(seed: Seed) -> Self {
        Self {
            replica: RwSignal::new(Replica::new(seed.snapshot, seed.partial, seed.prefs.lang)),
            now: RwSignal::new(seed.now),
            clock_ahead: RwSignal::new(0),
            whereabouts: RwSignal::new(Whereabouts::default()),
            sync: RwSignal::new(SyncState::default()),
            prefs: RwSignal::new(seed.prefs),
            shelf: RwSignal::new(Shelf::default()),
            unsent: RwSignal::new(0),
            trouble: RwSignal::new(None),
            update_ready: RwSignal::new(false),
            form_id: StoredValue::new(seed.form_id),
        }
    }

    /// Shows the whole district.
    fn hold(self, snapshot: Snapshot) {
        self.replica.set(Replica::new(snapshot, false, self.prefs.get_untracked().lang));
    }
}

/// The phone of the page being drawn.
///
/// # Panics
/// Outside [`crate::App`], which provides it: a programming error that the first test of any page shows.
#[must_use]
pub fn use_phone() -> Phone {
    expect_context()
}

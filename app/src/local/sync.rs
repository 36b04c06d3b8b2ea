//! Keeping the replica in step with the server. The network only refreshes; nothing waits for it.

use std::cell::{Cell, RefCell};

use gloo_net::http::Method;

use super::http::{self, Answer, Ask, Unreachable};
use super::outbox::{drain, news};
use super::snapshot::{self, SnapshotError};
use super::{Phone, SyncState, Trouble, clock};
use crate::wire::snapshot::Snapshot;

const URL: &str = "/api/v1/snapshot";
const TIMEOUT_MS: u32 = 15_000;

thread_local! {
    static RUNNING: Cell<bool> = const { Cell::new(false) };
    /// Somebody asked while one was running, whose answer may be from before what they know of.
    static AGAIN: Cell<bool> = const { Cell::new(false) };
    /// The address and tag of the last answer, to be told "nothing new" without a body.
    static LAST: RefCell<Option<(String, String)>> = const { RefCell::new(None) };
}

/// Why a refresh did not succeed. What was there before stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Miss {
    NoAnswer,
    Snapshot(SnapshotError),
}

impl From<Unreachable> for Miss {
    fn from(_: Unreachable) -> Self {
        Self::NoAnswer
    }
}

impl From<SnapshotError> for Miss {
    fn from(error: SnapshotError) -> Self {
        Self::Snapshot(error)
    }
}

/// Asks the server for what has changed, keeps it, shows it; then for news of sent reports. One at a time: for calls while
/// one runs it asks once more.
pub async fn refresh(phone: Phone) {
    if RUNNING.replace(true) {
        return AGAIN.set(true);
    }
    phone.sync.set(SyncState::Refreshing);
    let mut is_reached = false;
    let outcome = loop {
        let outcome = pull(phone).await;
        is_reached |= outcome.is_ok();
        if !AGAIN.take() {
            break outcome;
        }
    };
    RUNNING.set(false);
    phone.sync.set(match outcome {
        Ok(()) => SyncState::Fresh,
        Err(Miss::Snapshot(SnapshotError::TooOld)) => SyncState::TooOld,
        Err(miss) => {
            if miss == Miss::Snapshot(SnapshotError::TooLarge) {
                phone.trouble.set(Some(Trouble::DistrictTooLarge));
            }
            fall_back(phone);
            SyncState::Offline
        }
    });
    if is_reached {
        // The server was just reached.
        drain::kick(phone, true);
        news::refresh(phone).await;
    }
}

async fn pull(phone: Phone) -> Result<(), Miss> {
    let base = complete(phone);
    let merged = match changes(base.as_ref()).await {
        Err(Miss::Snapshot(SnapshotError::DoesNotFollow)) => changes(None).await,
        other => other,
    }?;
    let snapshot = merged.or(base).ok_or(SnapshotError::DoesNotFollow)?;
    // Its age is shown by the phone's clock, so it is counted from when this phone heard, by the same clock.
    let snapshot = Snapshot { generated_at_min: clock::now_minute(), ..snapshot };
    match snapshot::save(&snapshot) {
        Ok(()) => {}
        Err(SnapshotError::NotKept(error)) => phone.trouble.set(Some(error.into())),
        Err(other) => return Err(other.into()),
    }
    phone.clock_ahead.set(clock::ahead_ms());
    phone.now.set(clock::now_minute());
    phone.hold(snapshot);
    Ok(())
}

/// The complete snapshot with the changes since; `None` if nothing has changed.
async fn changes(base: Option<&Snapshot>) -> Result<Option<Snapshot>, Miss> {
    let url = base.map_or_else(|| URL.to_owned(), |base| format!("{URL}?since={}", base.rev));
    let known = LAST.with_borrow(|last| last.as_ref().filter(|(of, _)| *of == url).map(|(_, tag)| tag.clone()));
    let mut headers = vec![("accept", "application/json")];
    if let Some(tag) = &known {
        headers.push(("if-none-match", tag));
    }
    let asked = clock::now_millis();
    let answer =
        http::send(Ask { method: Method::GET, url: &url, headers: &headers, body: None, timeout_ms: TIMEOUT_MS })
            .await?;
    match answer.status {
        304 if base.is_some() => {
            compare_clocks(&answer, asked);
            Ok(None)
        }
        200 => {
            let merged = snapshot::merge(base, snapshot::parse(&answer.text)?)?;
            compare_clocks(&answer, asked);
            LAST.set(answer.etag.map(|tag| (url, tag)));
            Ok(Some(merged))
        }
        _ => Err(Miss::NoAnswer),
    }
}

/// Only with an answer that is our server's own: whatever stands in its place has a clock of its own.
fn compare_clocks(answer: &Answer, asked: i64) {
    if let Some(server) = answer.date {
        clock::compare(server, asked, clock::now_millis());
    }
}

/// The complete snapshot this phone has, shown or kept.
fn complete(phone: Phone) -> Option<Snapshot> {
    let shown = phone.replica.get_untracked();
    if shown.is_blank() || shown.is_partial() { snapshot::load() } else { Some(shown.snapshot().clone()) }
}

/// Better all of it a little older than one page of it: what this phone keeps, where the page shown brought only its
/// own part.
fn fall_back(phone: Phone) {
    let shown = phone.replica.get_untracked();
    if (shown.is_blank() || shown.is_partial())
        && let Some(kept) = snapshot::load()
    {
        phone.hold(kept);
    }
}

/// Shows what this phone keeps, if it is not older than what the page brought.
pub(super) fn show_kept(phone: Phone) {
    let shown = phone.replica.get_untracked();
    if (shown.is_blank() || shown.is_partial())
        && let Some(kept) = snapshot::load()
        && kept.rev >= shown.snapshot().rev
    {
        phone.hold(kept);
    }
}

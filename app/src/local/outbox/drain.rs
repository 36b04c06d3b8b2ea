//! Sending what waits: one tab (or the service worker) at a time, oldest first, photos before their report, detached
//! from any page.
//! Verifications go first: they are small, and a photo may take minutes on a bad connection.

use std::cell::{Cell, RefCell};

use gloo_timers::callback::Timeout;

use super::answer::{Outcome, classify_verification};
use super::backoff::is_due;
use super::item::{Item, Reason, RefusalKind, Stage, Wait};
use super::send::{self, Flow};
use super::{Keep, Shelf, background, changed, drop_unneeded_photos, reload};
use crate::domain::ids::ReportId;
use crate::local::db::{self, DbError, Store};
use crate::local::lock::{Patience, Turn, Work, with_lock};
use crate::local::verify::Verification;
use crate::local::{Phone, Trouble, clock, spawn, sync, verify};

const LOCK: &str = "waypost-outbox";
/// How soon to look again when another tab is sending.
const OTHER_TAB_MS: i64 = 5_000;
/// How soon to look again after this phone's own storage failed.
const STUMBLED_MS: i64 = 30_000;
/// Timers hold at most 2³¹ ms, and a sleeping phone keeps none exactly.
const LONGEST_TIMER_MS: i64 = 3_600_000;

thread_local! {
    static RUNNING: Cell<bool> = const { Cell::new(false) };
    /// Somebody kicked while a round was running; true if eagerly.
    static AGAIN: Cell<Option<bool>> = const { Cell::new(None) };
    static TIMER: RefCell<Option<Timeout>> = const { RefCell::new(None) };
    /// Something could not be read or written in the last round.
    static STUMBLED: Cell<bool> = const { Cell::new(false) };
}

/// Sees to it that everything due is sent. Returns at once; may be called by anybody at any time. `eager`: something
/// happened that may have mended the connection, so waits of our own making end now.
pub fn kick(phone: Phone, eager: bool) {
    if RUNNING.replace(true) {
        AGAIN.set(Some(eager || AGAIN.get() == Some(true)));
        return;
    }
    spawn(async move {
        let mut eager = eager;
        let turn = loop {
            let work = Box::pin(async move {
                STUMBLED.set(false);
                if let Err(error) = round(phone, eager).await {
                    stumbled(&error);
                }
            });
            let turn = with_lock(LOCK, Patience::None, work).await;
            match AGAIN.take() {
                Some(again) => eager = again,
                None => break turn,
            }
        };
        RUNNING.set(false);
        schedule(phone, turn);
    });
}

/// One round after whoever sends now, as the service worker, which has no timers to wait with. False if something is left
/// that can go later by itself.
pub(super) async fn to_the_end(phone: Phone) -> bool {
    let work = Box::pin(async move {
        STUMBLED.set(false);
        // Under the lock: what a page has sent meanwhile is not sent once more.
        reload(phone).await;
        if let Err(error) = round(phone, true).await {
            stumbled(&error);
        }
    });
    alone(Patience::Wait, work).await;
    reload(phone).await;
    !STUMBLED.get() && next_moment(phone).is_none()
}

/// Does something after whoever sends now, and while nobody does; not at all, if that takes longer than there is patience.
pub(in crate::local) async fn alone(patience: Patience, work: Work) {
    with_lock(LOCK, patience, work).await;
}

/// When the next report or verification comes due.
fn next_moment(phone: Phone) -> Option<i64> {
    phone.shelf.look_untracked(|shelf| {
        let mut next = shelf.items.iter().filter_map(Item::next_try).min();
        for said in shelf.verifications.iter().filter(|said| said.is_unsent()) {
            next = Some(next.map_or(said.wait.not_before, |next| next.min(said.wait.not_before)));
        }
        next
    })
}

/// Sets the timer for the next report or verification that comes due.
fn schedule(phone: Phone, turn: Turn) {
    // One of which it could not be noted that it waits again waits all the same.
    let is_stuck = |shelf: &Shelf| shelf.items.iter().any(Item::is_sending);
    let stuck = STUMBLED.get() && phone.shelf.look_untracked(is_stuck);
    let next = if stuck { Some(clock::now_millis()) } else { next_moment(phone) };
    if next.is_some() {
        background::ask();
    }
    let timer = next.map(|next| {
        let pause = match turn {
            Turn::Done => {
                let soonest = if STUMBLED.get() { STUMBLED_MS } else { 500 };
                next.saturating_sub(clock::now_millis()).clamp(soonest, LONGEST_TIMER_MS)
            }
            Turn::Taken => OTHER_TAB_MS,
        };
        Timeout::new(pause as u32, move || kick(phone, false))
    });
    // The old timer is cancelled by being dropped.
    TIMER.set(timer);
}

/// One pass over everything that is due. Runs under the lock. Where nothing can be noted for lack of room, what the server has
/// gives way to what it has not.
async fn round(phone: Phone, eager: bool) -> Result<(), DbError> {
    let mut outcome = pass(phone, eager).await;
    if outcome == Err(DbError::Full) && drop_unneeded_photos(Keep::Unsent).await.is_ok() {
        outcome = pass(phone, eager).await;
    }
    let full = (outcome == Err(DbError::Full)).then_some(Trouble::NoRoom);
    if full.is_some() || phone.trouble.get_untracked() == Some(Trouble::NoRoom) {
        phone.trouble.set(full);
    }
    outcome
}

async fn pass(phone: Phone, eager: bool) -> Result<(), DbError> {
    if let Err(error) = verifications(phone, eager).await {
        stumbled(&error);
    }
    requeue_interrupted(phone).await?;
    let mut tried = Vec::new();
    while let Some(id) = next_due(&tried, eager).await? {
        tried.push(id);
        match send::report(phone, id).await {
            Ok(Flow::GoOn) => {}
            Ok(Flow::Stop) => return hold_back(phone, id, false).await,
            Ok(Flow::StopPhotos) => hold_back(phone, id, true).await?,
            Err(DbError::Full) => return Err(DbError::Full),
            // One report that this phone cannot read must not keep the others here.
            Err(error) => {
                stumbled(&error);
                if let Err(error) = send::wait(phone, id, Reason::PhoneTrouble, None).await {
                    stumbled(&error);
                }
            }
        }
    }
    Ok(())
}

fn stumbled(error: &DbError) {
    STUMBLED.set(true);
    crate::local::log::error("sending is hindered", &error);
}

/// What the server has asked of one report holds for the others: they wait as long. Where it was asked of photos only, that
/// is for those that have some to send.
async fn hold_back(phone: Phone, asked: ReportId, photos_only: bool) -> Result<(), DbError> {
    let tx = db::write(&[Store::Outbox]).await?;
    let (items, _) = tx.all::<Item>(Store::Outbox).await?;
    let until = items.iter().find(|item| item.id == asked).and_then(Item::wait).cloned();
    let Some(until) = until else { return Ok(()) };
    for mut item in items {
        let has_photos_to_send =
            item.withdrawal.is_none() && item.is_unsent() && item.uploaded.len() < item.body.photos.len();
        if photos_only && !has_photos_to_send {
            continue;
        }
        if item.wait_mut().is_some_and(|wait| wait.prolong(&until)) {
            tx.put(Store::Outbox, &item.key(), &item)?;
        }
    }
    tx.commit().await?;
    changed(phone).await;
    Ok(())
}

/// The same for what is said of stations.
async fn hold_back_verifications(phone: Phone, until: &Wait) -> Result<(), DbError> {
    let tx = db::write(&[Store::Verifications]).await?;
    let (all, _) = tx.all::<Verification>(Store::Verifications).await?;
    let mut any = false;
    for mut said in all {
        if said.is_unsent() && said.wait.prolong(until) {
            tx.put(Store::Verifications, &said.id.to_string(), &said)?;
            any = true;
        }
    }
    tx.commit().await?;
    if any {
        changed(phone).await;
    }
    Ok(())
}

/// Nobody else can be sending while we hold the lock: what still says so was cut off.
async fn requeue_interrupted(phone: Phone) -> Result<(), DbError> {
    let tx = db::write(&[Store::Outbox]).await?;
    let (items, _) = tx.all::<Item>(Store::Outbox).await?;
    let mut any = false;
    for item in items {
        if let Stage::Sending(wait) = &item.stage {
            let stage = Stage::Queued(Wait { not_before: 0, ..wait.clone() });
            tx.put(Store::Outbox, &item.key(), &Item { stage, ..item.clone() })?;
            any = true;
        }
    }
    tx.commit().await?;
    if any {
        changed(phone).await;
    }
    Ok(())
}

async fn next_due(tried: &[ReportId], eager: bool) -> Result<Option<ReportId>, DbError> {
    let (items, _) = db::read(&[Store::Outbox]).await?.all::<Item>(Store::Outbox).await?;
    let now = clock::now_millis();
    let due = |item: &&Item| !tried.contains(&item.id) && item.wait().is_some_and(|wait| is_due(wait, now, eager));
    // Those that have failed less often first: one that never gets through keeps nothing here that is younger.
    let turn = |item: &&Item| (item.wait().map_or(0, |wait| wait.tries), item.queued_at);
    Ok(items.iter().filter(due).min_by_key(turn).map(|item| item.id))
}

/// Sends every verification that is due, each once, until the server wants no more of them or does not answer. Neither holds
/// up a report: the server counts the two apart, and what comes from one address together.
async fn verifications(phone: Phone, eager: bool) -> Result<(), DbError> {
    let mut all = phone.shelf.look_untracked(|shelf| shelf.verifications.clone());
    // Like reports: one that never gets through keeps nothing here that is younger.
    all.sort_by_key(|said| said.wait.tries);
    for mut said in all {
        if !said.is_unsent() || !is_due(&said.wait, clock::now_millis(), eager) {
            continue;
        }
        let mut flow = Flow::GoOn;
        said.stage = verify::Stage::Begun;
        if !verify::keep(phone, Vec::new(), Some(said.clone()), true).await? {
            continue;
        }
        let body = serde_json::to_string(&said.body).unwrap_or_default();
        let answer = send::put_json("verifications", said.id, body).await.ok();
        match answer.as_ref().map(|it| classify_verification(it.status, &it.text, said.id)) {
            Some(Outcome::Stored(_)) => {
                said.stage = verify::Stage::Sent;
                // The station is verified now, or found locked: whoever said so may see it.
                if web_sys::window().is_some() {
                    spawn(sync::refresh(phone));
                }
            }
            // Another phone, to which it was handed over, was faster.
            Some(Outcome::Refused(refusal)) if refusal.kind == RefusalKind::SentElsewhere => {
                said.stage = verify::Stage::Sent;
            }
            Some(Outcome::Refused(_)) => said.stage = verify::Stage::Refused,
            Some(Outcome::Later(reason)) => (said.wait, flow) = send::later(&said.wait, reason, answer.as_ref()),
            None => (said.wait, flow) = send::later(&said.wait, Reason::NoAnswer, None),
        }
        verify::keep(phone, Vec::new(), Some(said.clone()), true).await?;
        if flow == Flow::Stop {
            return hold_back_verifications(phone, &said.wait).await;
        }
        if answer.is_none() {
            break;
        }
    }
    Ok(())
}

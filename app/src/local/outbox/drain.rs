//! Sending what waits: one tab (or the service worker) at a time, oldest first, photos before their report, detached
//! from any page.
//! Verifications go first: they are small, and a photo may take minutes on a bad connection.

use crate::local::spawn;
use gloo_net::http::Method;
use gloo_timers::callback::Timeout;
use js_sys::ArrayBuffer;
use std::cell::{Cell, RefCell};
use uuid::Uuid;
use wasm_bindgen::{JsCast, JsValue};

use super::answer::{Outcome, classify, classify_verification, classify_withdrawal, lacks_a_photo};
use super::backoff::{after_failure, is_due};
use super::item::{Item, Reason, Refusal, RefusalKind, Stage, Wait};
use super::{Keep, advance, background, changed, delete, drop_unneeded_photos, reload, said, upload};
use crate::domain::ids::{PhotoHash, ReportId};
use crate::local::db::{self, DbError, Store};
use crate::local::device::device;
use crate::local::http::{self, Answer, Ask, Unreachable};
use crate::local::lock::{Patience, Turn, with_lock};
use crate::local::verify;
use crate::local::{Phone, clock, sync};

const LOCK: &str = "waypost-outbox";
/// How soon to look again when another tab is sending.
const OTHER_TAB_MS: i64 = 5_000;
pub(super) const REPORT_TIMEOUT_MS: u32 = 30_000;
/// How soon to look again after this phone's own storage failed.
const STUMBLED_MS: i64 = 30_000;
/// So often a photo may fail to be read before its report is shown to a person.
const PHOTO_TRIES: u32 = 5;
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
    with_lock(LOCK, Patience::Wait, work).await;
    reload(phone).await;
    !STUMBLED.get() && next_moment(phone).is_none()
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
    let next = next_moment(phone);
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

/// One pass over everything that is due. Runs under the lock.
async fn round(phone: Phone, eager: bool) -> Result<(), DbError> {
    match verifications(phone, eager).await {
        Ok(Flow::GoOn) => {}
        Ok(Flow::Stop) => return Ok(()),
        Err(error) => stumbled(&error),
    }
    requeue_interrupted(phone).await?;
    let mut tried = Vec::new();
    while let Some(id) = next_due(&tried, eager).await? {
        tried.push(id);
        match send(phone, id).await {
            Ok(Flow::GoOn) => {}
            Ok(Flow::Stop) => return hold_back(phone, id).await,
            // One report that this phone cannot read must not keep the others here.
            Err(error) => {
                stumbled(&error);
                if let Err(error) = wait(phone, id, Reason::PhoneTrouble, None).await {
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

/// What the server has asked of one report holds for the others: they wait as long.
async fn hold_back(phone: Phone, asked: ReportId) -> Result<(), DbError> {
    let tx = db::write(&[Store::Outbox]).await?;
    let (items, _) = tx.all::<Item>(Store::Outbox).await?;
    let until = items.iter().find(|item| item.id == asked).and_then(Item::wait).cloned();
    let Some(until) = until else { return Ok(()) };
    for mut item in items {
        if let Some(wait) = item.wait_mut()
            && wait.not_before < until.not_before
        {
            (wait.not_before, wait.reason) = (until.not_before, until.reason);
            tx.put(Store::Outbox, &item.key(), &item)?;
        }
    }
    tx.commit().await?;
    changed(phone).await;
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
    Ok(items.iter().filter(due).min_by_key(|item| item.queued_at).map(|item| item.id))
}

/// Sends every verification that is due, each once.
async fn verifications(phone: Phone, eager: bool) -> Result<Flow, DbError> {
    let all = phone.shelf.look_untracked(|shelf| shelf.verifications.clone());
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
        let answer = put_json("verifications", said.id, body).await.ok();
        match answer.as_ref().map(|it| classify_verification(it.status, &it.text, said.id)) {
            Some(Outcome::Stored(_)) => {
                said.stage = verify::Stage::Sent;
                // The station is verified now, or found locked: whoever said so may see it.
                if web_sys::window().is_some() {
                    spawn(sync::refresh(phone));
                }
            }
            Some(Outcome::Refused(_)) => said.stage = verify::Stage::Refused,
            Some(Outcome::Later(reason)) => (said.wait, flow) = later(&said.wait, reason, answer.as_ref()),
            None => (said.wait, flow) = later(&said.wait, Reason::NoAnswer, None),
        }
        verify::keep(phone, Vec::new(), Some(said), true).await?;
        // Where nothing answers, the reports are not kept waiting for the others.
        if flow == Flow::Stop || answer.is_none() {
            return Ok(flow);
        }
    }
    Ok(Flow::GoOn)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flow {
    /// On to the next report.
    GoOn,
    /// The server wants nothing from us for now.
    Stop,
}

/// Sends one report as far as it goes.
async fn send(phone: Phone, id: ReportId) -> Result<Flow, DbError> {
    let mut upload_begun = false;
    let begun = advance(phone, id, |item| match &item.stage {
        _ if item.withdrawal.is_some() => false,
        Stage::Queued(wait) => {
            item.stage = Stage::Sending(wait.clone());
            upload_begun = std::mem::replace(&mut item.upload_begun, true);
            true
        }
        _ => false,
    })
    .await?;
    // Deleted or taken back a moment ago.
    let Some(item) = begun else { return Ok(Flow::GoOn) };
    if item.withdrawal.is_some() {
        return withdraw(phone, id).await;
    }
    if let (Stage::Received { .. }, Some(said)) = (&item.stage, &item.said) {
        return said::send(phone, id, said.clone()).await;
    }
    let Stage::Sending(Wait { tries, .. }) = item.stage else { return Ok(Flow::GoOn) };

    let (mut sent_now, mut missing) = (false, false);
    for hash in item.photos().into_iter().filter(|hash| !item.uploaded.contains(hash)) {
        let bytes = match photo_bytes(&hash).await {
            Err(error) if tries < PHOTO_TRIES => return Err(error),
            bytes => bytes.ok().flatten(),
        };
        let Some(bytes) = bytes else {
            // Gone from here with another report that has arrived, perhaps: the server knows whether it has it.
            missing = true;
            continue;
        };
        let (outcome, answer) = upload::send(&hash, &bytes, upload_begun).await;
        match outcome {
            Outcome::Stored(()) => {
                sent_now = true;
                let noted = advance(phone, id, |item| {
                    item.uploaded.push(hash);
                    true
                });
                match noted.await? {
                    None => return Ok(Flow::GoOn),
                    Some(item) if item.withdrawal.is_some() => return withdraw(phone, id).await,
                    Some(_) => {}
                }
            }
            Outcome::Later(reason) => return wait(phone, id, reason, answer.as_ref()).await,
            Outcome::Refused(refusal) => return refuse(phone, id, refusal).await,
        }
    }

    let begun = advance(phone, id, |item| item.withdrawal.is_none() && !std::mem::replace(&mut item.put_begun, true));
    let Some(item) = begun.await? else { return Ok(Flow::GoOn) };
    if item.withdrawal.is_some() {
        return withdraw(phone, id).await;
    }
    let answer = match serde_json::to_string(&item.body) {
        Ok(body) => put_json("reports", id.0, body).await,
        Err(_) => Err(Unreachable),
    };
    let classified = answer.as_ref().map(|it| classify(it.status, &it.text, id));
    match classified {
        Ok(Outcome::Stored(receipt)) => {
            advance(phone, id, |item| {
                item.receipt = None;
                item.stage = Stage::Received { receipt, news: None };
                true
            })
            .await?;
            // Only now: the receipt is on the disk.
            drop_unneeded_photos(Keep::Recent).await?;
            Ok(Flow::GoOn)
        }
        Ok(Outcome::Later(reason)) => wait(phone, id, reason, answer.ok().as_ref()).await,
        Ok(Outcome::Refused(refusal)) if lacks_a_photo(&refusal) && missing => {
            let lost = Refusal { kind: RefusalKind::PhotoLost, detail: String::new(), errors: Vec::new() };
            refuse(phone, id, lost).await
        }
        // If even a photo that was sent just now is missing, sending again will not help.
        Ok(Outcome::Refused(refusal)) if lacks_a_photo(&refusal) && !sent_now && !item.uploaded.is_empty() => {
            advance(phone, id, |item| {
                item.uploaded.clear();
                true
            })
            .await?;
            wait(phone, id, Reason::ServerTrouble, None).await
        }
        // It was never lost: this phone is only no longer known as its writer's. A second one would be a double.
        Ok(Outcome::Refused(refusal)) if refusal.kind == RefusalKind::Conflict && item.receipt.is_some() => {
            advance(phone, id, Item::keep_receipt).await?;
            Ok(Flow::GoOn)
        }
        Ok(Outcome::Refused(refusal)) => refuse(phone, id, refusal).await,
        Err(_) => wait(phone, id, Reason::NoAnswer, None).await,
    }
}

/// Asks the server to let go of a report, then forgets it here as well.
async fn withdraw(phone: Phone, id: ReportId) -> Result<Flow, DbError> {
    let Ok(answer) = ask_json(Method::DELETE, "reports", id.0, None).await else {
        return wait(phone, id, Reason::NoAnswer, None).await;
    };
    match classify_withdrawal(answer.status, &answer.text) {
        Outcome::Stored(()) => delete(phone, id).await?,
        Outcome::Later(reason) => return wait(phone, id, reason, Some(&answer)).await,
        Outcome::Refused(_) => {
            let kept = advance(phone, id, |item| {
                (item.withdrawal, item.stays) = (None, true);
                true
            });
            // Its writer wanted it gone, and what the server has of it is not this phone's: it is not sent after all.
            if kept.await?.is_some_and(|item| item.is_unsent()) {
                delete(phone, id).await?;
            }
        }
    }
    Ok(Flow::GoOn)
}

/// Back into the queue.
pub(super) async fn wait(phone: Phone, id: ReportId, reason: Reason, answer: Option<&Answer>) -> Result<Flow, DbError> {
    let mut flow = Flow::GoOn;
    advance(phone, id, |item| {
        let Some(before) = item.wait_mut() else { return false };
        (*before, flow) = later(before, reason, answer);
        if item.withdrawal.is_none()
            && let Stage::Sending(wait) = &item.stage
        {
            item.stage = Stage::Queued(wait.clone());
        }
        true
    })
    .await?;
    Ok(flow)
}

/// How long to wait after a failure, and whether the server wants to be left alone.
fn later(before: &Wait, reason: Reason, answer: Option<&Answer>) -> (Wait, Flow) {
    let asked = answer.and_then(|answer| answer.retry_after_s);
    // Whoever says when to come back is busy, whatever the status.
    let reason = if asked.is_some() && reason == Reason::ServerTrouble { Reason::Busy } else { reason };
    let wait = after_failure(before, reason, asked, clock::now_millis(), js_sys::Math::random());
    let stop = asked.is_some() || matches!(reason, Reason::Busy | Reason::SignIn);
    (wait, if stop { Flow::Stop } else { Flow::GoOn })
}

async fn refuse(phone: Phone, id: ReportId, refusal: Refusal) -> Result<Flow, DbError> {
    advance(phone, id, |item| {
        item.stage = Stage::NeedsYou(refusal);
        true
    })
    .await?;
    Ok(Flow::GoOn)
}

async fn photo_bytes(hash: &PhotoHash) -> Result<Option<ArrayBuffer>, DbError> {
    let value = db::read(&[Store::Photos]).await?.get_raw(Store::Photos, hash.as_str()).await?;
    Ok(value.and_then(|value| value.dyn_into().ok()))
}

pub(super) async fn put_json(what: &str, id: Uuid, body: String) -> Result<Answer, Unreachable> {
    ask_json(Method::PUT, what, id, Some(body)).await
}

async fn ask_json(method: Method, what: &str, id: Uuid, body: Option<String>) -> Result<Answer, Unreachable> {
    let device = device().await.ok_or(Unreachable)?;
    http::send(Ask {
        method,
        url: &format!("/api/v1/{what}/{id}"),
        headers: &[("authorization", &device.token.bearer()), ("content-type", "application/json")],
        timeout_ms: REPORT_TIMEOUT_MS,
        body: body.map(JsValue::from),
    })
    .await
}

//! Sending one report, its photos first; and what follows from each answer.

use gloo_net::http::Method;
use uuid::Uuid;
use wasm_bindgen::JsValue;

use super::answer::{Outcome, classify, classify_withdrawal, lacks_a_photo};
use super::backoff::after_failure;
use super::item::{Item, Reason, Refusal, RefusalKind, Stage, Wait};
use super::{Keep, advance, delete, drop_unneeded_photos, photo, said, upload};
use crate::domain::ids::ReportId;
use crate::local::db::DbError;
use crate::local::device::device;
use crate::local::http::{self, Answer, Ask, Unreachable};
use crate::local::{Phone, clock};
use crate::wire::report::Receipt;

pub(super) const REPORT_TIMEOUT_MS: u32 = 30_000;
/// So often a photo may fail to be read before its report is shown to a person.
const PHOTO_TRIES: u32 = 5;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flow {
    /// On to the next report.
    GoOn,
    /// The server wants nothing from us for now.
    Stop,
    /// It wants no photos for now.
    StopPhotos,
}

/// Sends one report as far as it goes.
pub(super) async fn report(phone: Phone, id: ReportId) -> Result<Flow, DbError> {
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
    let Stage::Sending(Wait { tries, reason, .. }) = item.stage else { return Ok(Flow::GoOn) };

    let (mut sent_now, mut missing) = (Vec::new(), false);
    for hash in item.photos().into_iter().filter(|hash| !item.uploaded.contains(hash)) {
        let bytes = match photo(&hash).await {
            Err(error) if tries < PHOTO_TRIES || reason != Some(Reason::PhoneTrouble) => return Err(error),
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
                sent_now.push(hash.clone());
                let noted = advance(phone, id, |item| {
                    // Not of one that was changed meanwhile and has it no more.
                    let has_it = item.photos().contains(&hash);
                    if has_it {
                        item.uploaded.push(hash);
                    }
                    has_it
                });
                match noted.await? {
                    Some(item) if item.withdrawal.is_some() => return withdraw(phone, id).await,
                    Some(item) if item.is_sending() => {}
                    // Deleted, or taken back to be changed: then it goes in a round of its own.
                    _ => return Ok(Flow::GoOn),
                }
            }
            Outcome::Later(reason) => {
                let flow = wait(phone, id, reason, answer.as_ref()).await?;
                return Ok(if flow == Flow::Stop { Flow::StopPhotos } else { flow });
            }
            Outcome::Refused(refusal) => return refuse(phone, id, refusal).await,
        }
    }

    let begun = advance(phone, id, |item| {
        item.withdrawal.is_none() && item.is_sending() && !std::mem::replace(&mut item.put_begun, true)
    });
    let Some(item) = begun.await? else { return Ok(Flow::GoOn) };
    if item.withdrawal.is_some() {
        return withdraw(phone, id).await;
    }
    if !item.is_sending() {
        return Ok(Flow::GoOn);
    }
    let answer = match serde_json::to_string(&item.body) {
        Ok(body) => put_json("reports", id.0, body).await,
        Err(_) => Err(Unreachable),
    };
    let classified = answer.as_ref().map(|it| classify(it.status, &it.text, id));
    match classified {
        Ok(Outcome::Stored(receipt)) => keep_receipt(phone, id, receipt).await,
        Ok(Outcome::Later(reason)) => wait(phone, id, reason, answer.ok().as_ref()).await,
        Ok(Outcome::Refused(refusal)) if lacks_a_photo(&refusal) && missing => {
            let lost = Refusal { kind: RefusalKind::PhotoLost, detail: String::new(), errors: Vec::new() };
            refuse(phone, id, lost).await
        }
        // If even a photo that was sent just now is missing, sending again will not help.
        Ok(Outcome::Refused(refusal))
            if lacks_a_photo(&refusal) && item.uploaded.iter().any(|hash| !sent_now.contains(hash)) =>
        {
            advance(phone, id, |item| {
                item.uploaded.clear();
                true
            })
            .await?;
            wait(phone, id, Reason::ServerTrouble, None).await
        }
        // It was never lost: this phone is only no longer known as its writer's. A second one would be a double.
        Ok(Outcome::Refused(Refusal { kind: RefusalKind::Conflict | RefusalKind::SentElsewhere, .. }))
            if item.receipt.is_some() =>
        {
            advance(phone, id, Item::keep_receipt).await?;
            Ok(Flow::GoOn)
        }
        Ok(Outcome::Refused(refusal)) => refuse(phone, id, refusal).await,
        Err(_) => wait(phone, id, Reason::NoAnswer, None).await,
    }
}

async fn keep_receipt(phone: Phone, id: ReportId, receipt: Receipt) -> Result<Flow, DbError> {
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

/// Whether the server lets go of a report that it may have, or may still get, or says that it keeps it; false if it does not say.
pub(in crate::local) async fn is_let_go(id: ReportId) -> bool {
    let answer = ask_json(Method::DELETE, "reports", id.0, None).await;
    answer.is_ok_and(|answer| !matches!(classify_withdrawal(answer.status, &answer.text), Outcome::Later(_)))
}

/// Asks the server to let go of a report, then forgets it here as well.
async fn withdraw(phone: Phone, id: ReportId) -> Result<Flow, DbError> {
    let Ok(answer) = ask_json(Method::DELETE, "reports", id.0, None).await else {
        return wait(phone, id, Reason::NoAnswer, None).await;
    };
    match classify_withdrawal(answer.status, &answer.text) {
        Outcome::Stored(()) => delete(phone, id).await?,
        Outcome::Later(reason) => return wait(phone, id, reason, Some(&answer)).await,
        Outcome::Refused(refusal) => {
            let kept = advance(phone, id, |item| {
                (item.withdrawal, item.stays) = (None, true);
                item.requeue();
                true
            });
            // Its writer wanted it gone, and what the server has of it is not this phone's: it is not sent after all. What
            // is public already is asked for once more, so that its writer sees that it is.
            if kept.await?.is_some_and(|item| item.is_unsent()) && refusal.kind != RefusalKind::Conflict {
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
        if item.withdrawal.is_none() {
            item.requeue();
        }
        true
    })
    .await?;
    Ok(flow)
}

/// How long to wait after a failure, and whether the server wants to be left alone.
pub(super) fn later(before: &Wait, reason: Reason, answer: Option<&Answer>) -> (Wait, Flow) {
    let asked = answer.and_then(|answer| http::asked_s(answer.status, answer.retry_after_s, &answer.text));
    // Whoever says when to come back is busy, whatever the status.
    let reason = if asked.is_some() && reason == Reason::ServerTrouble { Reason::Busy } else { reason };
    let wait = after_failure(before, reason, asked, clock::now_millis(), js_sys::Math::random());
    let stop = asked.is_some() || matches!(reason, Reason::Busy | Reason::SignIn);
    (wait, if stop { Flow::Stop } else { Flow::GoOn })
}

async fn refuse(phone: Phone, id: ReportId, refusal: Refusal) -> Result<Flow, DbError> {
    advance(phone, id, |item| {
        // What was refused of one that has been changed since is not in it any more, or is refused again.
        let is_this = item.is_sending();
        if is_this {
            item.stage = Stage::NeedsYou(refusal);
        }
        is_this
    })
    .await?;
    Ok(Flow::GoOn)
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

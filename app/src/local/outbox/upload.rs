//! A photo on its way, by tus 1.0.0: what has arrived before a cut is not sent again.

use gloo_net::http::Method;
use js_sys::ArrayBuffer;

use super::answer::{Outcome, Progress, classify_upload};
use super::item::Reason;
use super::send::REPORT_TIMEOUT_MS;
use crate::domain::ids::PhotoHash;
use crate::local::base64;
use crate::local::device::device;
use crate::local::http::{self, Answer, Ask, Unreachable};

/// A photo gets this much longer for every byte: 2 KB/s is a very bad connection that still works.
const MS_PER_BYTE: f64 = 0.5;
/// A connection that is cut this often in one try deserves a pause, whatever has arrived.
const MOST_CUTS: u32 = 100;

/// Sends what the server lacks of a photo. `begun`: something of it may be there already. Goes on at once after a cut as
/// long as more arrives each time. The answer is the last one, for its `Retry-After`.
pub(super) async fn send(hash: &PhotoHash, bytes: &ArrayBuffer, begun: bool) -> (Outcome<()>, Option<Answer>) {
    match parts(hash, bytes, begun).await {
        Ok((outcome, answer)) => (outcome, Some(answer)),
        Err(Unreachable) => (Outcome::Later(Reason::NoAnswer), None),
    }
}

async fn parts(hash: &PhotoHash, bytes: &ArrayBuffer, begun: bool) -> Result<(Outcome<()>, Answer), Unreachable> {
    let length = bytes.byte_length();
    // How much the server has, if it has heard of the photo.
    let mut there = None;
    let mut ask_first = begun;
    // Why the last part did not arrive.
    let mut broke = None;
    for _ in 0..MOST_CUTS {
        if !std::mem::take(&mut ask_first) {
            let Ok(answer) = push(hash, bytes, there).await else {
                (ask_first, broke) = (true, Some(Reason::NoAnswer));
                continue;
            };
            match classify_upload(answer.status, &answer.text, answer.upload_offset, length) {
                Outcome::Stored(Progress::Whole) => return Ok((Outcome::Stored(()), answer)),
                Outcome::Stored(Progress::Until(offset)) if there < Some(offset) => there = Some(offset),
                // It has another part of it than we thought, or what arrived was damaged and is gone.
                Outcome::Refused(_) if answer.status == 409 => {
                    (ask_first, broke) = (true, Some(Reason::ServerTrouble));
                }
                Outcome::Stored(_) => return Ok((Outcome::Later(Reason::ServerTrouble), answer)),
                Outcome::Refused(refusal) => return Ok((Outcome::Refused(refusal), answer)),
                Outcome::Later(reason) => return Ok((Outcome::Later(reason), answer)),
            }
            continue;
        }
        let answer = head(hash).await?;
        let known = match classify_upload(answer.status, &answer.text, answer.upload_offset, length) {
            Outcome::Stored(Progress::Whole) => return Ok((Outcome::Stored(()), answer)),
            Outcome::Stored(Progress::Until(offset)) => Some(offset),
            _ if answer.status == 404 => None,
            Outcome::Refused(refusal) => return Ok((Outcome::Refused(refusal), answer)),
            Outcome::Later(reason) => return Ok((Outcome::Later(reason), answer)),
        };
        // Whoever gets no further comes again later.
        if let Some(reason) = broke.filter(|_| known <= there) {
            return Ok((Outcome::Later(reason), answer));
        }
        (there, broke) = (known, None);
    }
    Err(Unreachable)
}

async fn head(hash: &PhotoHash) -> Result<Answer, Unreachable> {
    ask(Method::HEAD, &format!("/api/v1/uploads/{hash}"), &[], None).await
}

/// Sends the rest after what is `there`; all of it, if nothing is.
async fn push(hash: &PhotoHash, bytes: &ArrayBuffer, there: Option<u32>) -> Result<Answer, Unreachable> {
    let length = bytes.byte_length().to_string();
    match there {
        None => {
            let name = format!("sha256 {}", base64::encode(hash.as_str().as_bytes()));
            let headers = [("upload-length", length.as_str()), ("upload-metadata", &name)];
            ask(Method::POST, "/api/v1/uploads", &headers, Some(bytes)).await
        }
        Some(offset) => {
            let rest = bytes.slice(offset);
            let headers = [("upload-offset", &*offset.to_string())];
            ask(Method::PATCH, &format!("/api/v1/uploads/{hash}"), &headers, Some(&rest)).await
        }
    }
}

async fn ask(
    method: Method,
    url: &str,
    more: &[(&str, &str)],
    body: Option<&ArrayBuffer>,
) -> Result<Answer, Unreachable> {
    let device = device().await.ok_or(Unreachable)?;
    let bearer = device.token.bearer();
    let mut headers = vec![("authorization", bearer.as_str()), ("tus-resumable", "1.0.0")];
    if body.is_some() {
        headers.push(("content-type", "application/offset+octet-stream"));
    }
    headers.extend_from_slice(more);
    let bytes = body.map_or(0, ArrayBuffer::byte_length);
    let timeout_ms = REPORT_TIMEOUT_MS + (f64::from(bytes) * MS_PER_BYTE) as u32;
    http::send(Ask { method, url, headers: &headers, timeout_ms, body: body.map(Into::into) }).await
}

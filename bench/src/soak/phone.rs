//! One report as the outbox of a phone sends it.

use std::fmt;
use std::io::Cursor;
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anyhow::bail;
use bytes::Bytes;
use http_body_util::Full;
use hyper::Request;
use hyper::header::{AUTHORIZATION, CONNECTION, CONTENT_TYPE, RETRY_AFTER};
use serde::Deserialize;
use serde_json::json;
use sha2::{Digest, Sha256};
use tokio::time::{sleep, timeout};
use uuid::Uuid;

use super::dice::Dice;
use crate::http::{Answer, Client};

/// What a report with a photo says; without one it says its number.
pub(super) const WITH_PHOTO: &str = "with a photo";
/// A phone waits longer; here a held connection only has to be one.
const TIMEOUT: Duration = Duration::from_secs(3);
/// Likewise for the pause after a failure.
const PAUSE: Duration = Duration::from_millis(30);
/// Reports of one phone.
const REPORTS_A_PHONE: usize = 20;

#[derive(Debug)]
pub(super) struct Report {
    pub(super) id: Uuid,
    token: String,
    body: Bytes,
    /// Its name and bytes.
    pub(super) photo: Option<(String, Bytes)>,
}

/// How often phones have tried, and what became of it.
#[derive(Debug, Default)]
pub(super) struct Tries {
    requests: usize,
    /// No answer, or only a part of one.
    no_answer: usize,
    /// An answer that was not our server's.
    not_ours: usize,
    /// 5xx and 429.
    later: usize,
    /// 200 in place of 201: it had been there already.
    again: usize,
}

impl fmt::Display for Tries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { requests, no_answer, not_ours, later, again } = self;
        write!(
            f,
            "requests {requests}: no answer {no_answer}, a stranger's {not_ours}, asked to come later {later}, stored before {again}"
        )
    }
}

enum Outcome {
    Stored(Bytes),
    /// Again after this long.
    Later(Duration),
}

impl Report {
    pub(super) fn new(number: usize, dice: &mut Dice) -> anyhow::Result<Self> {
        let phone = number / REPORTS_A_PHONE;
        let token = format!("Bearer {}", hex(&Sha256::digest(format!("phone {phone} {}", dice.next()))));
        let photo = if dice.below(8) == 0 { Some(picture(number)?) } else { None };
        let description = if photo.is_some() { WITH_PHOTO.to_owned() } else { format!("report {number}") };
        let body = json!({
            "category": "road",
            "description": description,
            // Apart from each other, so that none is taken for another one.
            "lat": 30.2 + (number / 200) as f64 * 0.002,
            "lng": 120.0 + (number % 200) as f64 * 0.002,
            "accuracy_m": 12.5,
            "captured_at": "2026-11-24T08:10:00+08:00",
            "landmark": "",
            "photos": photo.iter().map(|(name, _)| name).collect::<Vec<_>>(),
        });
        Ok(Self { id: Uuid::now_v7(), token, body: serde_json::to_vec(&body)?.into(), photo })
    }

    /// Sends it until it has arrived, and gives the code in its receipt.
    ///
    /// # Errors
    /// An answer after which the outbox would ask a person.
    pub(super) async fn send(&self, addr: SocketAddr, tries: &Mutex<Tries>) -> anyhow::Result<String> {
        #[derive(Deserialize)]
        struct Receipt {
            id: Uuid,
            code: String,
        }
        #[derive(Deserialize)]
        struct Stored {
            sha256: String,
        }
        if let Some((name, bytes)) = &self.photo {
            let path = format!("/api/v1/photos/{name}");
            let ours = |body: &[u8]| serde_json::from_slice::<Stored>(body).is_ok_and(|stored| stored.sha256 == *name);
            self.until_stored(addr, tries, &path, "image/jpeg", bytes, &ours).await?;
        }
        let path = format!("/api/v1/reports/{}", self.id);
        let ours = |body: &[u8]| serde_json::from_slice::<Receipt>(body).is_ok_and(|receipt| receipt.id == self.id);
        let body = self.until_stored(addr, tries, &path, "application/json", &self.body, &ours).await?;
        Ok(serde_json::from_slice::<Receipt>(&body)?.code)
    }

    async fn until_stored(
        &self,
        addr: SocketAddr,
        tries: &Mutex<Tries>,
        path: &str,
        kind: &str,
        body: &Bytes,
        ours: &(dyn Fn(&[u8]) -> bool + Sync),
    ) -> anyhow::Result<Bytes> {
        loop {
            let request = Request::put(path)
                .header(CONTENT_TYPE, kind)
                .header(AUTHORIZATION, &self.token)
                .header(CONNECTION, "close")
                .body(Full::from(body.clone()))?;
            let answer = timeout(TIMEOUT, async { Client::connect(addr).await?.send(request).await }).await;
            let answer = answer.map_or(None, Result::ok);
            let outcome = {
                let mut tries = tries.lock().unwrap_or_else(PoisonError::into_inner);
                judge(answer, ours, &mut tries)?
            };
            match outcome {
                Outcome::Stored(body) => return Ok(body),
                Outcome::Later(pause) => sleep(pause).await,
            }
        }
    }
}

/// What an answer means, by the outbox's rules.
fn judge(answer: Option<Answer>, ours: &dyn Fn(&[u8]) -> bool, tries: &mut Tries) -> anyhow::Result<Outcome> {
    tries.requests += 1;
    let Some(answer) = answer else {
        tries.no_answer += 1;
        return Ok(Outcome::Later(PAUSE));
    };
    match answer.status.as_u16() {
        200 | 201 if ours(&answer.body) => {
            tries.again += usize::from(answer.status.as_u16() == 200);
            Ok(Outcome::Stored(answer.body))
        }
        200 | 201 => {
            tries.not_ours += 1;
            Ok(Outcome::Later(PAUSE))
        }
        429 | 500..=599 => {
            tries.later += 1;
            let asked = answer.headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
            Ok(Outcome::Later(asked.map_or(PAUSE, Duration::from_secs)))
        }
        status => bail!("{status}: {}", String::from_utf8_lossy(&answer.body)),
    }
}

/// A small JPEG like no other: what follows its end makes it so.
fn picture(number: usize) -> anyhow::Result<(String, Bytes)> {
    let shade = (number % 251) as u8;
    let picture = image::RgbImage::from_pixel(32, 24, image::Rgb([shade, 90, 120]));
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, image::ImageFormat::Jpeg)?;
    let mut bytes = bytes.into_inner();
    bytes.extend(number.to_be_bytes());
    Ok((hex(&Sha256::digest(&bytes)), bytes.into()))
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble & 15)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(*byte)]).collect()
}

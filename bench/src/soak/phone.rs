//! One report as the outbox of a phone sends it.

use std::time::Duration;

use anyhow::{bail, ensure};
use bytes::Bytes;
use http_body_util::Full;
use hyper::Request;
use hyper::header::{AUTHORIZATION, CONNECTION, CONTENT_TYPE};
use serde::Deserialize;
use serde_json::json;
use sha2::{Digest, Sha256};
use tokio::task::spawn_blocking;
use tokio::time::sleep;
use uuid::Uuid;

use super::dice::Dice;
use super::line::{Asked, Line, PAUSE, asked_pause};
use super::tries::Tries;
use super::upload::Upload;
use crate::http::Answer;
use crate::picture::street;

/// What a report with a photo says; without one it says its number.
pub(super) const WITH_PHOTO: &str = "with a photo";
/// Reports of one phone.
const REPORTS_A_PHONE: usize = 20;
/// Of a photo, in pixels: few, with much grain, so that there is much to send and little to decode.
const SIZE: (u32, u32) = (800, 600);
const GRAIN: u32 = 128;
const QUALITY: u8 = 93;
/// A smaller photo would hardly ever be cut in the middle.
const LEAST_BYTES: usize = 300 * 1024;
/// A part of a photo, for those who send no more at once.
const PART_BYTES: usize = 100_000;

#[derive(Debug)]
pub(super) struct Report {
    pub(super) id: Uuid,
    number: usize,
    token: String,
    /// How its photo goes, if it has one.
    pub(super) photo: Option<Way>,
    /// For what befalls it on its way.
    pub(super) dice: Dice,
}

/// How a photo is sent.
#[derive(Clone, Copy, Debug)]
pub(super) enum Way {
    /// By `PUT`, all of it each time.
    Whole,
    /// By tus, at most so many bytes in one request.
    Tus(usize),
}

impl Way {
    fn drawn(dice: &mut Dice) -> Self {
        match dice.below(4) {
            0 | 1 => Self::Whole,
            // The phone sends everything that is left at once.
            2 => Self::Tus(usize::MAX),
            _ => Self::Tus(PART_BYTES),
        }
    }
}

enum Outcome {
    Stored(Bytes),
    /// Again after this long.
    Later(Duration),
}

impl Report {
    pub(super) fn new(number: usize, dice: &mut Dice) -> Self {
        let phone = number / REPORTS_A_PHONE;
        let token = format!("Bearer {}", hex(&Sha256::digest(format!("phone {phone} {}", dice.next()))));
        let photo = if dice.below(8) == 0 { Some(Way::drawn(dice)) } else { None };
        Self { id: Uuid::now_v7(), number, token, photo, dice: Dice::new(dice.next()) }
    }

    /// Sends it until it has arrived, and gives the code in its receipt.
    ///
    /// # Errors
    /// An answer after which the outbox would ask a person.
    pub(super) async fn send(&self, line: &mut Line) -> anyhow::Result<String> {
        #[derive(Deserialize)]
        struct Receipt {
            id: Uuid,
            code: String,
        }
        let photo = match self.photo {
            Some(way) => Some(self.send_photo(way, line).await?),
            None => None,
        };
        let path = format!("/api/v1/reports/{}", self.id);
        let body = Bytes::from(self.body(photo.as_deref())?);
        let ours = |body: &[u8]| serde_json::from_slice::<Receipt>(body).is_ok_and(|receipt| receipt.id == self.id);
        let receipt = self.until_stored(line, &path, "application/json", &body, &ours).await?;
        Ok(serde_json::from_slice::<Receipt>(&receipt)?.code)
    }

    fn body(&self, photo: Option<&str>) -> anyhow::Result<Vec<u8>> {
        let number = self.number;
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
            "photos": photo.iter().collect::<Vec<_>>(),
        });
        Ok(serde_json::to_vec(&body)?)
    }

    /// Sends its photo until it has arrived, and gives its name. Each has a picture of its own: of two that look the same
    /// the server keeps one file, and the second would hide that the first was lost. It is drawn only now, so that few are
    /// in memory.
    async fn send_photo(&self, way: Way, line: &mut Line) -> anyhow::Result<String> {
        #[derive(Deserialize)]
        struct Stored {
            sha256: String,
        }
        let seed = u32::try_from(self.number)?;
        let bytes = spawn_blocking(move || street(SIZE, GRAIN, QUALITY, seed)).await??;
        ensure!(bytes.len() >= LEAST_BYTES, "picture {seed} has only {} bytes", bytes.len());
        let name = hex(&Sha256::digest(&bytes));
        match way {
            Way::Tus(most) => Upload::new(&self.token, &name, bytes, most).send(line).await?,
            Way::Whole => {
                let path = format!("/api/v1/photos/{name}");
                let ours =
                    |body: &[u8]| serde_json::from_slice::<Stored>(body).is_ok_and(|stored| stored.sha256 == name);
                self.until_stored(line, &path, "image/jpeg", &bytes, &ours).await?;
            }
        }
        Ok(name)
    }

    async fn until_stored(
        &self,
        line: &mut Line,
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
            let Asked { answer, .. } = line.ask(request).await;
            let outcome = judge(answer, ours, &mut line.shared.tries())?;
            match outcome {
                Outcome::Stored(body) => return Ok(body),
                Outcome::Later(pause) => sleep(pause).await,
            }
        }
    }
}

/// What an answer means, by the outbox's rules.
fn judge(answer: Option<Answer>, ours: &dyn Fn(&[u8]) -> bool, tries: &mut Tries) -> anyhow::Result<Outcome> {
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
            Ok(Outcome::Later(asked_pause(&answer)))
        }
        status => bail!("{status}: {}", String::from_utf8_lossy(&answer.body)),
    }
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble & 15)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(*byte)]).collect()
}

//! A photo by tus 1.0.0, as the outbox of a phone sends it: what has arrived before a cut is not sent again.

use std::mem;
use std::time::Duration;

use anyhow::bail;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{AUTHORIZATION, CONNECTION, CONTENT_TYPE};
use hyper::{Method, Request};
use tokio::time::sleep;

use super::line::{Asked, Line, PAUSE, Shared, asked_pause};
use crate::http::Answer;

/// A connection that is cut this often in one try deserves a pause, whatever has arrived.
const MOST_CUTS: u32 = 100;

#[derive(Debug)]
pub(super) struct Upload<'a> {
    token: &'a str,
    /// Of the photo.
    name: &'a str,
    bytes: Bytes,
    /// Most bytes in one request.
    most: usize,
    /// The last part, until the server says how much of it is there.
    open: Option<Part>,
    /// A cut of it was counted.
    cut: bool,
}

/// A part that was sent.
#[derive(Debug)]
struct Part {
    start: usize,
    /// So much of it has reached the server.
    passed: usize,
    answered: bool,
    /// When it was begun.
    unrest: usize,
}

/// What an answer says.
#[derive(Clone, Copy, Debug)]
enum Heard {
    Whole,
    /// So many bytes are there.
    Until(usize),
    /// There is no such upload.
    Unknown,
    /// Another part of it is there than was thought.
    Conflict,
    Nothing,
    /// Again after this long.
    Later(Duration),
}

impl<'a> Upload<'a> {
    /// Nothing of it is sent yet; `most`: in one request.
    pub(super) fn new(token: &'a str, name: &'a str, bytes: Bytes, most: usize) -> Self {
        Self { token, name, bytes, most, open: None, cut: false }
    }

    /// Sends it until all of it is there.
    ///
    /// # Errors
    /// An answer after which the outbox would ask a person.
    pub(super) async fn send(mut self, line: &mut Line) -> anyhow::Result<()> {
        let mut begun = false;
        while let Some(pause) = self.parts(line, begun).await? {
            sleep(pause).await;
            begun = true;
        }
        let mut tries = line.shared.tries();
        tries.uploads.photos += 1;
        tries.uploads.bytes += self.bytes.len();
        Ok(())
    }

    /// One try, which goes on at once after a cut as long as more arrives each time. Gives how long to wait before the
    /// next one, unless all of it is there. `begun`: something of it may be there already.
    async fn parts(&mut self, line: &mut Line, begun: bool) -> anyhow::Result<Option<Duration>> {
        // How much the server has, if it has heard of the photo.
        let mut there = None;
        let mut ask_first = begun;
        // The last part did not arrive.
        let mut broke = false;
        for _ in 0..MOST_CUTS {
            if !mem::take(&mut ask_first) {
                match self.push(line, there).await? {
                    Heard::Whole => return Ok(None),
                    Heard::Until(offset) if there < Some(offset) => there = Some(offset),
                    Heard::Nothing | Heard::Conflict => (ask_first, broke) = (true, true),
                    Heard::Until(_) | Heard::Unknown => return Ok(Some(PAUSE)),
                    Heard::Later(pause) => return Ok(Some(pause)),
                }
                continue;
            }
            let known = match self.head(line).await? {
                Heard::Whole => return Ok(None),
                Heard::Until(offset) => Some(offset),
                Heard::Unknown => None,
                Heard::Nothing => return Ok(Some(PAUSE)),
                Heard::Later(pause) => return Ok(Some(pause)),
                Heard::Conflict => bail!("409 to the question how much of a photo is there"),
            };
            // Whoever gets no further comes again later.
            if broke && known <= there {
                return Ok(Some(PAUSE));
            }
            (there, broke) = (known, false);
        }
        Ok(Some(PAUSE))
    }

    /// Asks how much of it is there.
    async fn head(&mut self, line: &mut Line) -> anyhow::Result<Heard> {
        let request = self.request(Method::HEAD, &format!("/api/v1/uploads/{}", self.name), &[], None)?;
        let Asked { answer, .. } = line.ask(request).await;
        let heard = self.hear(answer, &line.shared)?;
        if matches!(heard, Heard::Whole) {
            line.shared.tries().again += 1;
        }
        Ok(heard)
    }

    /// Sends what comes after what is `there`; from the first byte on, if the server has not heard of it.
    async fn push(&mut self, line: &mut Line, there: Option<usize>) -> anyhow::Result<Heard> {
        let (start, length) = (there.unwrap_or_default(), self.bytes.len());
        let part = Some(self.bytes.slice(start..length.min(start.saturating_add(self.most))));
        let request = match there {
            None => {
                let name = format!("sha256 {}", STANDARD.encode(self.name));
                let headers = [("upload-length", length.to_string()), ("upload-metadata", name)];
                self.request(Method::POST, "/api/v1/uploads", &headers, part)?
            }
            Some(offset) => {
                let headers = [("upload-offset", offset.to_string())];
                self.request(Method::PATCH, &format!("/api/v1/uploads/{}", self.name), &headers, part)?
            }
        };
        let unrest = line.shared.unrest();
        let Asked { answer, passed } = line.ask(request).await;
        self.open = Some(Part { start, passed, answered: answer.is_some(), unrest });
        self.hear(answer, &line.shared)
    }

    fn request(
        &self,
        method: Method,
        path: &str,
        more: &[(&str, String)],
        part: Option<Bytes>,
    ) -> anyhow::Result<Request<Full<Bytes>>> {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(AUTHORIZATION, self.token)
            .header(CONNECTION, "close")
            .header("tus-resumable", "1.0.0");
        if part.is_some() {
            request = request.header(CONTENT_TYPE, "application/offset+octet-stream");
        }
        for (name, value) in more {
            request = request.header(*name, value);
        }
        Ok(request.body(part.map_or_else(Full::default, Full::from))?)
    }

    /// What an answer means, by the outbox's rules.
    fn hear(&mut self, answer: Option<Answer>, shared: &Shared) -> anyhow::Result<Heard> {
        let Some(answer) = answer else {
            shared.tries().no_answer += 1;
            return Ok(Heard::Nothing);
        };
        let length = self.bytes.len();
        let offset = answer.headers.get("upload-offset").and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
        let there = match (answer.status.as_u16(), offset) {
            (200 | 201 | 204, Some(offset)) if offset <= length => offset,
            (200 | 201 | 204, _) => {
                shared.tries().not_ours += 1;
                return Ok(Heard::Later(PAUSE));
            }
            (404, _) => {
                self.settle(0, shared);
                return Ok(Heard::Unknown);
            }
            (409, _) => return Ok(Heard::Conflict),
            (429 | 500..=599, _) => {
                shared.tries().later += 1;
                return Ok(Heard::Later(asked_pause(&answer)));
            }
            (status, _) => bail!("{status}: {}", String::from_utf8_lossy(&answer.body)),
        };
        self.settle(there, shared);
        Ok(if there == length { Heard::Whole } else { Heard::Until(there) })
    }

    /// Counts what of the last part has to be sent again, now that the server has said how many bytes are there.
    fn settle(&mut self, there: usize, shared: &Shared) {
        let Some(Part { start, passed, answered, unrest }) = self.open.take() else { return };
        let reached = start + passed;
        let again = reached.saturating_sub(there);
        let remained = self.bytes.len().saturating_sub(reached);
        let mut tries = shared.tries();
        if unrest != shared.unrest() {
            tries.uploads.again_after_kills += again;
            return;
        }
        tries.uploads.again += again;
        // Once for each photo: what remains after its later cuts is a part of what remained after the first.
        if !answered && passed > 0 && remained > 0 && !mem::replace(&mut self.cut, true) {
            tries.uploads.cut += 1;
            tries.uploads.remained += remained;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_had_reached_the_server_and_is_not_there_is_sent_again() {
        let (shared, photo) = (Shared::default(), Bytes::from(vec![0; 100]));
        let mut upload = Upload::new("", "", photo, usize::MAX);
        let mut part = |start, passed, answered, there, killed: bool| {
            upload.open = Some(Part { start, passed, answered, unrest: shared.unrest() });
            if killed {
                shared.disturb();
            }
            upload.settle(there, &shared);
            let tries = shared.tries();
            (tries.uploads.cut, tries.uploads.remained, tries.uploads.again, tries.uploads.again_after_kills)
        };
        // Reset before anything went over, then cut twice, of which only the first time says what remained.
        assert_eq!(part(0, 0, false, 0, false), (0, 0, 0, 0));
        assert_eq!(part(0, 40, false, 40, false), (1, 60, 0, 0));
        assert_eq!(part(40, 30, false, 60, false), (1, 60, 10, 0));
        assert_eq!(part(60, 20, false, 65, true), (1, 60, 10, 15));
        assert_eq!(part(65, 35, true, 100, false), (1, 60, 10, 15));
    }
}

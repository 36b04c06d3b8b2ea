//! What a phone sends over: a wire of its own, on which something else befalls each request.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::Request;
use hyper::body::Body;
use hyper::header::RETRY_AFTER;
use tokio::time::timeout;

use super::dice::Dice;
use super::tries::Tries;
use crate::http::{Answer, Client};
use crate::wire::{Fault, ONE_BAR, Wire};

/// A phone waits longer; here a held connection only has to be one.
const TIMEOUT: Duration = Duration::from_secs(3);
/// Likewise, for every byte of a body: twice what it takes on one bar of signal.
const PER_BYTE: Duration = Duration::from_micros(21);
/// Likewise for the pause after a failure.
pub(super) const PAUSE: Duration = Duration::from_millis(30);

/// What all phones share.
#[derive(Debug, Default)]
pub(super) struct Shared {
    tries: Mutex<Tries>,
    /// Nothing is wrong any more.
    calm: AtomicBool,
    /// Goes up when the server is about to be killed, and when it is back.
    unrest: AtomicUsize,
}

impl Shared {
    pub(super) fn tries(&self) -> MutexGuard<'_, Tries> {
        self.tries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on nothing befalls any request.
    pub(super) fn calm_down(&self) {
        self.calm.store(true, Ordering::Relaxed);
    }

    /// Around a kill, before and after.
    pub(super) fn disturb(&self) {
        self.unrest.fetch_add(1, Ordering::Relaxed);
    }

    /// Another number than before: the server was killed meanwhile.
    pub(super) fn unrest(&self) -> usize {
        self.unrest.load(Ordering::Relaxed)
    }
}

#[derive(Debug)]
pub(super) struct Line {
    /// Of one phone, so that what it passes on can be told from what others send.
    pub(super) wire: Arc<Wire>,
    pub(super) dice: Dice,
    pub(super) shared: Arc<Shared>,
}

/// What became of a request.
#[derive(Debug)]
pub(super) struct Asked {
    /// `None`: no answer, or only a part of one.
    pub(super) answer: Option<Answer>,
    /// Bytes of its body that were passed on to the server.
    pub(super) passed: usize,
}

impl Line {
    /// Sends a request on a connection of its own.
    pub(super) async fn ask(&mut self, request: Request<Full<Bytes>>) -> Asked {
        let addr = self.wire.addr;
        let body = request.body().size_hint().exact().unwrap_or_default() as usize;
        let head = head_bytes(&request, body, addr);
        let calm = self.shared.calm.load(Ordering::Relaxed);
        self.wire.suffer_next([if calm { Fault::None } else { fault(&mut self.dice, head + body) }]);
        let before = self.wire.sent_up();
        let patience = TIMEOUT + PER_BYTE * body as u32;
        let answer = timeout(patience, async { Client::connect(addr).await?.send(request).await }).await;
        let passed = self.wire.sent_up().saturating_sub(before) as usize;
        self.shared.tries().requests += 1;
        Asked { answer: answer.map_or(None, Result::ok), passed: passed.saturating_sub(head).min(body) }
    }
}

/// How long whoever is asked to come later waits.
pub(super) fn asked_pause(answer: &Answer) -> Duration {
    let asked = answer.headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
    asked.map_or(PAUSE, Duration::from_secs)
}

/// Bytes of the head of a request, as the client writes it.
fn head_bytes(request: &Request<Full<Bytes>>, body: usize, addr: SocketAddr) -> usize {
    let frame = format!("{} {} HTTP/1.1\r\nhost: {addr}\r\n\r\n", request.method(), request.uri());
    let length = if body == 0 { String::new() } else { format!("content-length: {body}\r\n") };
    let fields = request.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + ": \r\n".len());
    frame.len() + length.len() + fields.sum::<usize>()
}

/// One bar of signal, tunnels, cafés and proxies; half of all goes well. What is cut is cut anywhere in its bytes.
fn fault(dice: &mut Dice, size: usize) -> Fault {
    const PORTAL: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 19\r\nconnection: close\r\n\r\n<title>Wi-Fi</title";
    const BAD_GATEWAY: &str = "HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    const BUSY: &str =
        "HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    match dice.below(100) {
        0..10 => Fault::CutUp { after: dice.below(size) },
        10..20 => Fault::Swallow,
        20..28 => Fault::Reset,
        28..30 => Fault::Hold { after: dice.below(size) },
        30..36 => ONE_BAR,
        36..40 => Fault::Answer(PORTAL),
        40..44 => Fault::Answer(BAD_GATEWAY),
        44..46 => Fault::Answer(BUSY),
        _ => Fault::None,
    }
}

//! A body must come at some pace: one that only drips would hold its room in memory for hours.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use hyper::body::{Frame, SizeHint};

use super::rate::takes_photos;
use crate::api::form;
use crate::config::Limits;

/// The body came more slowly than [`Limits::slowest`] for longer than [`Limits::write`], or one with photos for longer than
/// [`Limits::grace`].
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("too slow")]
pub(crate) struct TooSlow;

/// Gives up on bodies that only drip.
pub(super) async fn keep(State(limits): State<Limits>, request: Request, next: Next) -> Response {
    let grace = if may_bring_photos(request.uri().path()) { limits.grace } else { limits.write };
    let paced = |body| Paced { body, limits, grace, waiting: None, waited: Duration::ZERO, bytes: 0 };
    next.run(request.map(|body| Body::new(paced(body)))).await
}

fn may_bring_photos(path: &str) -> bool {
    takes_photos(path) || path == form::ROUTE || path.starts_with("/cases/")
}

struct Paced {
    body: Body,
    limits: Limits,
    grace: Duration,
    /// Since when the next bytes are waited for. Before that it is we who keep the sender waiting.
    waiting: Option<Instant>,
    waited: Duration,
    bytes: u64,
}

impl HttpBody for Paced {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let since = *self.waiting.get_or_insert_with(Instant::now);
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        self.waiting = None;
        self.waited += since.elapsed();
        if let Some(Ok(frame)) = &frame {
            self.bytes += frame.data_ref().map_or(0, |data| data.len() as u64);
            // As much time as so many bytes may take in all.
            if self.waited > self.grace + self.limits.at_slowest(self.bytes) {
                return Poll::Ready(Some(Err(axum::Error::new(TooSlow))));
            }
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

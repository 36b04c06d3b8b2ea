//! A body must come at some pace: one that only drips would hold its room in memory for hours.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use hyper::body::{Frame, SizeHint};

use crate::config::Limits;

/// The body came more slowly than [`Limits::slowest`] for longer than [`Limits::write`].
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("too slow")]
pub(crate) struct TooSlow;

/// Gives up on bodies that only drip.
pub(super) async fn keep(State(limits): State<Limits>, request: Request, next: Next) -> Response {
    next.run(request.map(|body| Body::new(Paced { body, limits, begun: Instant::now(), bytes: 0 }))).await
}

struct Paced {
    body: Body,
    limits: Limits,
    begun: Instant,
    bytes: u64,
}

impl HttpBody for Paced {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        if let Some(Ok(frame)) = &frame {
            self.bytes += frame.data_ref().map_or(0, |data| data.len() as u64);
            // As much time as so many bytes may take in all.
            if self.begun.elapsed() > self.limits.for_body(Some(self.bytes)) {
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

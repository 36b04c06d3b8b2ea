//! What is noted of a request: counted while it is under way, and one line in the log when its answer is sent or its client
//! has gone away. Never an address, a token or a place; a route's template and not what was asked for.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{MatchedPath, Request};
use axum::http::StatusCode;
use axum::response::Response;
use hyper::body::{Frame, SizeHint};
use tracing::Span;

use crate::api::{form, reports, verifications};
use crate::metrics::{self, Metrics, Outcome, Place, Route, Sent};

/// Written out when it is dropped.
pub(super) struct Account {
    metrics: Metrics,
    span: Span,
    method: &'static str,
    /// `None`: the address has no route of its own, and who answers it is not known yet.
    route: Option<Route>,
    begun: Instant,
    received: Arc<AtomicU64>,
    sent: u64,
    whole: bool,
    answer: Option<(StatusCode, Duration)>,
}

impl Account {
    /// For a request that has just come.
    pub(super) fn open(metrics: Metrics, id: &str, request: &Request) -> Self {
        metrics.came();
        let method = metrics::method(request.method());
        let matched = request.extensions().get::<MatchedPath>();
        let route = matched.map(|path| Route { route: path.as_str().into() });
        let span = tracing::info_span!("request", id, method);
        let (begun, received) = (Instant::now(), Arc::default());
        Self { metrics, span, method, route, begun, received, sent: 0, whole: false, answer: None }
    }

    pub(super) fn span(&self) -> Span {
        self.span.clone()
    }

    /// The same request, with its body counted.
    pub(super) fn receiving(&self, request: Request) -> Request {
        // As most do, it brings nothing.
        if request.body().is_end_stream() {
            return request;
        }
        let bytes = self.received.clone();
        request.map(|body| Body::new(Receiving { body, bytes }))
    }

    /// The same answer; the account is closed when it is sent.
    pub(super) fn answering(mut self, response: Response) -> Response {
        let (status, took) = (response.status(), self.begun.elapsed());
        let route = self.route.take();
        let route = route.unwrap_or_else(|| Place::route(response.extensions().get::<Place>().copied()));
        self.metrics.answered(self.method, &route, status, took);
        if let Some(what) = sent(self.method, &route) {
            let said = response.extensions().get::<Outcome>().copied();
            self.metrics.sent(what, said.unwrap_or_else(|| Outcome::of(status)));
        }
        self.route = Some(route);
        self.answer = Some((status, took));
        response.map(|body| {
            // To HEAD nothing is sent.
            self.whole = body.is_end_stream() || self.method == "HEAD";
            Body::new(Sending { body, account: self })
        })
    }
}

/// What a request has brought that phones keep until it is received.
fn sent(method: &str, route: &Route) -> Option<Sent> {
    match (method, &*route.route) {
        ("PUT", reports::ROUTE) | ("POST", form::ROUTE) => Some(Sent::Report),
        ("PUT", verifications::ROUTE) => Some(Sent::Verification),
        _ => None,
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        let route = self.route.take().unwrap_or_else(|| Place::route(None));
        let (bytes_in, bytes_out) = (self.received.load(Ordering::Relaxed), self.sent);
        self.metrics.over(self.method, &route, self.answer.is_some(), bytes_in, bytes_out);
        let (_here, route) = (self.span.enter(), &*route.route);
        let Some((status, took)) = self.answer else {
            let elapsed_ms = self.begun.elapsed().as_secs_f64() * 1000.0;
            tracing::debug!(route, elapsed_ms, bytes_in, "the client went away before its answer");
            return;
        };
        let (status, elapsed_ms, whole) = (status.as_u16(), took.as_secs_f64() * 1000.0, self.whole);
        if status >= 500 {
            tracing::error!(route, status, elapsed_ms, bytes_in, bytes_out, whole, "answered");
        } else {
            tracing::debug!(route, status, elapsed_ms, bytes_in, bytes_out, whole, "answered");
        }
    }
}

/// A request's body that tells how much of it has been read.
struct Receiving {
    body: Body,
    bytes: Arc<AtomicU64>,
}

impl HttpBody for Receiving {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        self.bytes.fetch_add(bytes_of(frame.as_ref()), Ordering::Relaxed);
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// An answer's body, with the account that is closed when it is sent.
struct Sending {
    body: Body,
    account: Account,
}

impl HttpBody for Sending {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        self.account.sent += bytes_of(frame.as_ref());
        // A body of known length is not asked again after its last byte.
        self.account.whole = frame.is_none() || self.body.is_end_stream();
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

fn bytes_of(frame: Option<&Result<Frame<Bytes>, axum::Error>>) -> u64 {
    frame.and_then(|frame| frame.as_ref().ok()?.data_ref()).map_or(0, |data| data.len() as u64)
}

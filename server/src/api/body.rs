//! Request bodies within bounds.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, HttpBody};
use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::{Frame, SizeHint};
use tower_http::timeout::TimeoutError;

use crate::error::{Error, bad_request, later, refused};
use crate::http::{TooSlow, content_length};

/// Most that is read and thrown away so that a refusal is heard.
const DRAIN_BYTES: u64 = 80 * 1024 * 1024;
const DRAIN_TIME: Duration = Duration::from_secs(20);

/// A whole body of at most `limit` bytes; what is longer is refused as soon as that is known, never buffered.
///
/// # Errors
/// 413 if it is longer, 503 if nothing more comes, 400 if it breaks off.
pub(crate) async fn read(headers: &HeaderMap, body: Body, limit: usize) -> Result<Bytes, Error> {
    let too_large = || refused(StatusCode::PAYLOAD_TOO_LARGE, format!("The body is larger than {} KB.", limit / 1024));
    if content_length(headers).is_some_and(|length| length > limit as u64) {
        return Err(too_large());
    }
    match Limited::new(body, limit).collect().await {
        Ok(whole) => Ok(whole.to_bytes()),
        Err(fault) if fault.is::<LengthLimitError>() => Err(too_large()),
        Err(fault) if went_silent(fault.as_ref()) => {
            Err(later("The rest of the body did not come; please send it again."))
        }
        Err(fault) => Err(bad_request(format!("The body broke off: {fault}."))),
    }
}

/// Whether reading a body ended because nothing came for [`crate::config::Limits::silence`], or too little.
pub(crate) fn went_silent(fault: &(dyn std::error::Error + 'static)) -> bool {
    std::iter::successors(Some(fault), |fault| fault.source())
        .any(|fault| fault.is::<TimeoutError>() || fault.is::<TooSlow>())
}

/// Reads and throws away the body of a request that is not looked at, as [`drain_unread`] does.
pub(crate) async fn drain_refused(request: Request) {
    let announced = content_length(request.headers()).unwrap_or(0);
    if !request.headers().contains_key(header::EXPECT) && announced <= DRAIN_BYTES {
        drain_in_time(request.into_body()).await;
    }
}

/// Reads and throws away what a handler left unread of the body before its answer goes out.
///
/// Closing a connection with unread bytes makes the peer's system discard an answer that has already arrived, so that a
/// phone would see "connection lost", try again later, and never learn that its photo is too large.
pub(crate) async fn drain_unread(request: Request, next: Next) -> Response {
    // A client that asked first has not sent anything yet, and one that announces too much is not waited for.
    let announced = content_length(request.headers()).unwrap_or(0);
    if request.headers().contains_key(header::EXPECT) || announced > DRAIN_BYTES {
        return next.run(request).await;
    }
    let left = Arc::new(Mutex::new(None));
    let request = request.map(|body| Body::new(Watched { body, left: left.clone() }));
    let response = next.run(request).await;
    let unread = left.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(unread) = unread {
        drain_in_time(unread).await;
    }
    response
}

/// Whether it ends well, breaks off or takes too long: the answer is sent now.
async fn drain_in_time(body: Body) {
    if tokio::time::timeout(DRAIN_TIME, drain(body)).await.is_err() {
        tracing::debug!("the rest of a refused body took too long");
    }
}

async fn drain(mut body: Body) {
    let mut drained = 0;
    while let Some(Ok(frame)) = body.frame().await {
        drained += frame.data_ref().map_or(0, |data| data.len() as u64);
        if drained > DRAIN_BYTES {
            break;
        }
    }
}

/// Hands its body back when it is dropped before the end.
struct Watched {
    body: Body,
    left: Arc<Mutex<Option<Body>>>,
}

impl HttpBody for Watched {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        if !self.body.is_end_stream() {
            let body = std::mem::take(&mut self.body);
            *self.left.lock().unwrap_or_else(PoisonError::into_inner) = Some(body);
        }
    }
}

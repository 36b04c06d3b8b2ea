//! The one error of the HTTP boundary.
//!
//! Handlers return `Result<_, Error>` and build errors with the small constructors below; anything unforeseen becomes
//! [`Error::Internal`], which is logged whole and answered without details.

use std::time::Duration;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use waypost_app::domain::report::FieldFault;
use waypost_app::wire::problem::{FieldError, Problem};
use waypost_app::wire::staff::stations::Overtaken;

use crate::store::StoreError;

/// Why a request is not answered as asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A 4xx (or 503) with words for the caller.
    #[error("{status}: {detail}")]
    Refused { status: StatusCode, detail: String },
    /// A 4xx about one field that is not the caller's mistake in writing it, such as a code that is still to come.
    #[error("{status}: {} {}", error.field, error.message)]
    Named { status: StatusCode, error: FieldError },
    /// 429: too much for now; the caller may go on after this time.
    #[error("429: {detail}")]
    TooMuch { detail: String, wait: Duration },
    /// 422: these fields cannot be accepted.
    #[error("{} fields cannot be accepted", .0.len())]
    Fields(Vec<FieldError>),
    /// 409: somebody else was faster; what is kept now goes with it.
    #[error("409: {}", .0.problem.detail)]
    Overtaken(Box<Overtaken>),
    /// 500: our fault; the cause is logged, not shown.
    #[error(transparent)]
    Internal(#[from] anyhow::Error),
}

/// A refusal with its status and its words.
pub fn refused(status: StatusCode, detail: impl Into<String>) -> Error {
    Error::Refused { status, detail: detail.into() }
}

/// A refusal that names what it is about, for programs.
pub fn named(status: StatusCode, field: &str, message: impl Into<String>) -> Error {
    Error::Named { status, error: FieldError { field: field.to_owned(), message: message.into() } }
}

/// 400: the request cannot be read at all.
pub fn bad_request(detail: impl Into<String>) -> Error {
    refused(StatusCode::BAD_REQUEST, detail)
}

/// 401: no token, or not one.
pub fn unauthorized(detail: impl Into<String>) -> Error {
    refused(StatusCode::UNAUTHORIZED, detail)
}

/// 404, also for what the caller may not know exists.
pub fn not_found(detail: impl Into<String>) -> Error {
    refused(StatusCode::NOT_FOUND, detail)
}

/// 409: the same id with other content.
pub fn conflict(detail: impl Into<String>) -> Error {
    refused(StatusCode::CONFLICT, detail)
}

/// 503 with [`RETRY_AFTER`]: what was sent is fine, only not now. Phones keep it.
pub fn later(detail: impl Into<String>) -> Error {
    refused(StatusCode::SERVICE_UNAVAILABLE, detail)
}

/// 429 with Retry-After: fine in itself, but more than one device may send for now.
pub fn share_used_up(detail: impl Into<String>, wait: Duration) -> Error {
    Error::TooMuch { detail: detail.into(), wait }
}

/// Seconds after which a client that was told 503 may come again.
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("10");

/// 422 for one field.
pub fn field(field: &str, message: impl Into<String>) -> Error {
    Error::Fields(vec![FieldError { field: field.to_owned(), message: message.into() }])
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Full => refused(
                StatusCode::INSUFFICIENT_STORAGE,
                "The server has no room left; keep what you sent and try again later.",
            ),
            StoreError::Busy | StoreError::Closed | StoreError::Unreachable(_) => {
                later("The server is busy; please try again in a moment.")
            }
            _ => Self::Internal(error.into()),
        }
    }
}

impl From<Vec<FieldFault>> for Error {
    fn from(faults: Vec<FieldFault>) -> Self {
        Self::Fields(
            faults
                .into_iter()
                .map(|fault| FieldError { field: fault.field.to_owned(), message: fault.fault.to_string() })
                .collect(),
        )
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let mut retry_after = None;
        let (status, detail, errors) = match self {
            Self::Refused { status, detail } => (status, detail, Vec::new()),
            Self::Named { status, error } => (status, format!("{} {}", error.field, error.message), vec![error]),
            Self::TooMuch { detail, wait } => {
                // Not a moment too early.
                retry_after = Some(HeaderValue::from(wait.as_nanos().div_ceil(1_000_000_000) as u64));
                (StatusCode::TOO_MANY_REQUESTS, detail, Vec::new())
            }
            Self::Fields(errors) => {
                let named = errors.iter().map(|error| format!("{} {}", error.field, error.message));
                let detail = named.collect::<Vec<_>>().join("; ");
                (StatusCode::UNPROCESSABLE_ENTITY, detail, errors)
            }
            Self::Overtaken(overtaken) => return problem_json(StatusCode::CONFLICT, *overtaken),
            Self::Internal(cause) => {
                tracing::error!(error = ?cause, "request failed");
                (
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "Something broke on our side; please try again.".to_owned(),
                    Vec::new(),
                )
            }
        };
        let problem = Problem {
            title: status.canonical_reason().unwrap_or("Error").to_owned(),
            status: status.as_u16(),
            detail,
            errors,
        };
        let mut response = problem_json(status, problem);
        if status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if status == StatusCode::SERVICE_UNAVAILABLE {
            retry_after = Some(RETRY_AFTER);
        }
        if let Some(seconds) = retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
        response
    }
}

fn problem_json(status: StatusCode, body: impl serde::Serialize) -> Response {
    let mut response = (status, Json(body)).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    response
}

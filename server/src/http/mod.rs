//! What stands in front of every route: request ids, tracing, headers, panics, time limits, cross-site writes,
//! compression.

mod headers;
mod span;

use std::any::Any;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use tower_http::CompressionLevel;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::csrf::CsrfLayer;

use crate::config::{Config, Limits};
use crate::error::refused;

/// Puts everything in front of the routes. The outermost comes last.
///
/// # Errors
/// If the public address cannot be an origin.
pub fn guard(routes: Router, config: &Config) -> anyhow::Result<Router> {
    let mut cross_site = CsrfLayer::new().with_rejection_response(|_| -> Response {
        refused(StatusCode::FORBIDDEN, "This address is changed only from its own pages.").into_response()
    });
    if let Some(url) = &config.public_url {
        // A proxy may show us another Host than the one in the browser's Origin.
        cross_site = cross_site.add_trusted_origin(url.as_str())?;
    }
    // Level 4 takes a tenth of the time of 11 for a few per cent more bytes; what is asked for often is precompressed.
    let compression = CompressionLayer::new().quality(CompressionLevel::Precise(4));
    Ok(routes
        .layer(compression)
        .layer(cross_site)
        .layer(from_fn_with_state(config.limits, within_time))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(headers::security(config), headers::set))
        .layer(from_fn(span::trace)))
}

/// Gives up on a request that takes too long. Durable writes that are queued are still carried out.
async fn within_time(State(limits): State<Limits>, request: Request, next: Next) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let limit = if reads { limits.read } else { limits.write };
    match tokio::time::timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(_elapsed) => {
            // 503 and not 408: phones keep what they wanted to send and try again later.
            let mut response =
                refused(StatusCode::SERVICE_UNAVAILABLE, "This took too long; please try again.").into_response();
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("10"));
            // The rest of a half-sent body would be read as the next request.
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
            response
        }
    }
}

fn panicked(cause: Box<dyn Any + Send>) -> axum::http::Response<Body> {
    let words = cause
        .downcast_ref::<&str>()
        .map(|words| (*words).to_owned())
        .or_else(|| cause.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no message".to_owned());
    crate::error::Error::Internal(anyhow::anyhow!("a handler panicked: {words}")).into_response()
}

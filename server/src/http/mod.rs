//! What stands in front of every route: request ids, tracing, headers, panics, time limits, cross-site writes,
//! compression, rates.

mod account;
mod fetched;
mod headers;
mod known;
mod pace;
mod plain;
mod rate;
mod span;

use std::any::Any;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use tower_http::CompressionLevel;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::csrf::CsrfLayer;
use tower_http::timeout::RequestBodyTimeoutLayer;

pub(crate) use fetched::Fetched;
pub use known::Known;
pub(crate) use pace::TooSlow;
pub(crate) use rate::{Client, Network, Peer, network};

use crate::config::{Config, Limits};
use crate::error::{later, refused};
use crate::metrics::Metrics;

/// How many bytes a request announces.
pub(crate) fn content_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Puts everything in front of the routes. The outermost comes last. `known`: which phones are no strangers.
///
/// # Errors
/// If the public address cannot be an origin.
pub fn guard(routes: Router, config: &Config, metrics: &Metrics, known: Known) -> anyhow::Result<Router> {
    // Whoever comes there shows by the address itself what they may do, and no cookie is looked at; the pages tell no site
    // where they are, so older browsers send `Origin: null` with their forms.
    let with_address = |_: &Method, uri: &Uri| uri.path().starts_with("/cases/");
    let mut cross_site = CsrfLayer::new().with_insecure_bypass(with_address).with_rejection_response(|_| -> Response {
        refused(StatusCode::FORBIDDEN, "This address is changed only from its own pages.").into_response()
    });
    if let Some(url) = &config.public_url {
        // A proxy may show us another Host than the one in the browser's Origin.
        cross_site = cross_site.add_trusted_origin(url.as_str())?;
    }
    // Level 4 takes a tenth of the time of 11 for a few per cent more bytes; what is asked for often is precompressed.
    let compression = CompressionLayer::new().quality(CompressionLevel::Precise(4));
    Ok(routes
        .layer(from_fn_with_state(rate::Limiter::new(config, metrics, known), rate::keep))
        .layer(RequestBodyTimeoutLayer::new(config.limits.silence))
        .layer(from_fn_with_state(config.limits, pace::keep))
        .layer(from_fn(plain::to_problem))
        .layer(compression)
        .layer(cross_site)
        .layer(from_fn_with_state(config.limits, within_time))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(headers::security(config), headers::set))
        .layer(from_fn_with_state(metrics.clone(), span::trace)))
}

/// Gives up on a request that takes too long. Durable writes that are queued are still carried out.
async fn within_time(State(limits): State<Limits>, request: Request, next: Next) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let limit = if reads { limits.read } else { limits.for_body(content_length(request.headers())) };
    match tokio::time::timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(_elapsed) => {
            // 503 and not 408: phones keep what they wanted to send and try again later.
            let mut response = later("This took too long; please try again.").into_response();
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

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;
    use axum::routing::get;
    use prometheus_client::metrics::histogram::Histogram;
    use tower::ServiceExt;

    use super::*;

    async fn answer(routes: Router, request: axum::http::request::Builder) -> (Response, Vec<u8>) {
        let config = Config::new("127.0.0.1:0".parse().unwrap(), "unused");
        let request = request.body(Body::empty()).unwrap();
        let metrics = Metrics::new([(); 2].map(|()| Histogram::new([1.0])), "none");
        let mut response = guard(routes, &config, &metrics, Known::nobody()).unwrap().oneshot(request).await.unwrap();
        let body = std::mem::replace(response.body_mut(), Body::empty());
        (response, to_bytes(body, usize::MAX).await.unwrap().to_vec())
    }

    #[tokio::test]
    async fn a_panic_is_answered_as_a_problem_without_its_words() {
        async fn broken() -> &'static str {
            panic!("the secret of the house")
        }
        let (response, body) = answer(Router::new().route("/", get(broken)), Request::get("/")).await;
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(response.headers()[header::CONTENT_TYPE], "application/problem+json");
        assert!(response.headers().contains_key(header::CONTENT_SECURITY_POLICY));
        assert!(response.headers().contains_key("x-request-id"));
        assert!(!String::from_utf8(body).unwrap().contains("secret"));
    }

    #[tokio::test]
    async fn a_client_that_goes_away_before_its_answer_is_counted_as_gone() {
        let config = Config::new("127.0.0.1:0".parse().unwrap(), "unused");
        let metrics = Metrics::new([(); 2].map(|()| Histogram::new([1.0])), "none");
        let routes = Router::new().route("/slow/{id}", get(std::future::pending::<&'static str>));
        let request = Request::get("/slow/7").body(Body::empty()).unwrap();
        let answer = guard(routes, &config, &metrics, Known::nobody()).unwrap().oneshot(request);
        assert!(tokio::time::timeout(std::time::Duration::from_millis(10), answer).await.is_err());
        let text = metrics.text(crate::metrics::Now::default()).unwrap();
        let gone = "waypost_http_requests_total{method=\"GET\",route=\"/slow/{id}\",status=\"gone\"} 1\n";
        assert!(text.contains(gone) && text.contains("waypost_http_under_way 0\n"), "{text}");
    }

    #[tokio::test]
    async fn pages_and_json_are_compressed_once() {
        let long = "<p>驿友</p>".repeat(200);
        let page = long.clone();
        let sent = vec![7_u8; 4096];
        let routes = Router::new()
            .route("/page", get(async move || axum::response::Html(page)))
            .route("/packed", get(async move || ([(header::CONTENT_ENCODING, "gzip")], sent)));
        let asked = |path| Request::get(path).header(header::ACCEPT_ENCODING, "br, gzip");
        let (response, body) = answer(routes.clone(), asked("/page")).await;
        assert_eq!(response.headers()[header::CONTENT_ENCODING], "br");
        assert!(body.len() * 4 < long.len());
        let (response, body) = answer(routes, asked("/packed")).await;
        assert_eq!(response.headers()[header::CONTENT_ENCODING], "gzip");
        assert_eq!(body, vec![7; 4096]);
    }
}

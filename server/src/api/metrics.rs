//! `GET /metrics`: the counters as text, for whoever runs the server and nobody else.

use std::net::IpAddr;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::error::{Error, not_found};
use crate::http::Peer;
use crate::metrics::Now;
use crate::state::AppState;

/// What Prometheus asks for first and every program that reads its format understands.
const OPEN_METRICS: HeaderValue =
    HeaderValue::from_static("application/openmetrics-text; version=1.0.0; charset=utf-8");

/// What proxies write. Behind one on this machine everybody comes from the loopback address.
const FORWARDED: [&str; 5] = ["x-forwarded-for", "x-forwarded-host", "forwarded", "x-real-ip", "via"];

/// The counters, for programs on this machine; for everybody else there is nothing here.
pub(crate) async fn page(State(state): State<AppState>, request: Request) -> Response {
    let peer = request.extensions().get::<Peer>().copied();
    if is_local(peer, request.headers()) { text(&state).await } else { nothing().into_response() }
}

/// The only thing on a listener of its own, for whoever reaches that.
pub(crate) fn alone(state: AppState) -> Router {
    let page = async |State(state): State<AppState>| text(&state).await;
    Router::new().route("/metrics", get(page)).fallback(async || nothing()).with_state(state)
}

fn nothing() -> Error {
    not_found("There is nothing at this address.")
}

fn is_local(peer: Option<Peer>, headers: &HeaderMap) -> bool {
    peer.is_some_and(|Peer(address)| address.to_canonical().is_loopback())
        && !FORWARDED.iter().any(|name| headers.contains_key(*name))
        && headers.get(header::HOST).is_some_and(names_this_machine)
}

/// Who comes under another name comes through a proxy that writes nothing else, or by a trick with names.
fn names_this_machine(host: &HeaderValue) -> bool {
    let Ok(authority) = Authority::try_from(host.as_bytes()) else { return false };
    let host = authority.host();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.to_canonical().is_loopback())
}

async fn text(state: &AppState) -> Response {
    // A server that nobody asks does not look by itself; if it cannot look, the age says so.
    if let Err(error) = state.snapshots.view().await {
        tracing::error!(error = ?error, "the snapshot cannot be made");
    }
    let pool = state.store.pool();
    let (photos_arriving, photos_waiting) = state.photos.under_way();
    let now = Now {
        queue: state.store.queue(),
        readers: (
            pool.size() as usize - pool.num_idle().min(pool.size() as usize),
            pool.options().get_max_connections() as usize,
        ),
        photos_arriving,
        photos_waiting,
        snapshot: state.snapshots.standing(),
    };
    match state.metrics.text(now) {
        Ok(text) => {
            let no_store = (header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
            (StatusCode::OK, [(header::CONTENT_TYPE, OPEN_METRICS), no_store], text).into_response()
        }
        Err(error) => Error::Internal(error.into()).into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_who_comes_from_this_machine_and_through_no_proxy_is_local() {
        let peer = |text: &str| Some(Peer(text.parse().unwrap()));
        let asking = |host: &'static str| HeaderMap::from_iter([(header::HOST, HeaderValue::from_static(host))]);
        let none = asking("127.0.0.1:3000");
        for address in ["127.0.0.1", "127.8.9.10", "::1", "::ffff:127.0.0.1"] {
            assert!(is_local(peer(address), &none), "{address}");
        }
        for address in ["10.0.0.1", "192.168.1.1", "2001:db8::1", "::ffff:10.0.0.1", "0.0.0.0"] {
            assert!(!is_local(peer(address), &none), "{address}");
        }
        assert!(!is_local(None, &none));
        for name in FORWARDED {
            let mut headers = none.clone();
            headers.insert(name, HeaderValue::from_static("127.0.0.1"));
            assert!(!is_local(peer("127.0.0.1"), &headers), "{name}");
        }
        for host in ["localhost", "localhost:3000", "[::1]:3000", "127.0.0.1"] {
            assert!(is_local(peer("127.0.0.1"), &asking(host)), "{host}");
        }
        for host in ["waypost.example", "localhost.example", "10.0.0.1:3000", "", "127.0.0.1.example"] {
            assert!(!is_local(peer("127.0.0.1"), &asking(host)), "{host}");
        }
        assert!(!is_local(peer("127.0.0.1"), &HeaderMap::new()));
    }
}

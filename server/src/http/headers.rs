//! Headers that every answer carries.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

use crate::config::Config;

const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
     img-src 'self' blob: data:; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; \
     frame-ancestors 'none'; worker-src 'self'; manifest-src 'self'";

/// What the pages use is allowed for themselves. Features not named here (clipboard, share, fullscreen, wake lock)
/// keep the browser's default: this site only, and only on a tap.
const PERMISSIONS_POLICY: &str = "camera=(self), geolocation=(self), accelerometer=(self), gyroscope=(self), \
     magnetometer=(self), autoplay=(), display-capture=(), encrypted-media=(), gamepad=(), hid=(), \
     idle-detection=(), local-fonts=(), microphone=(), midi=(), payment=(), picture-in-picture=(), \
     publickey-credentials-create=(), publickey-credentials-get=(), serial=(), usb=(), window-management=(), \
     xr-spatial-tracking=()";

/// The headers for this configuration.
pub(super) fn security(config: &Config) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let mut set = |name: HeaderName, value: &'static str| {
        headers.insert(name, HeaderValue::from_static(value));
    };
    set(header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY);
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::REFERRER_POLICY, "strict-origin-when-cross-origin");
    set(HeaderName::from_static("permissions-policy"), PERMISSIONS_POLICY);
    set(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    set(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    if config.public_url.as_ref().is_some_and(crate::config::PublicUrl::is_https) {
        set(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
    headers
}

/// Adds them; a handler that set one itself keeps its own.
pub(super) async fn set(State(headers): State<HeaderMap>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    for (name, value) in &headers {
        response.headers_mut().entry(name).or_insert_with(|| value.clone());
    }
    response
}

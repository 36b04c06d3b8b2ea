//! `/staff` and below: one small document that starts the staff's own program, and the service worker that keeps it.
//! What staff see is drawn from the API in the browser, so the document is the same for everybody.

use axum::extract::{Request, State};
use axum::http::{HeaderValue, header};
use axum::response::{Html, IntoResponse, Response};
use sha2::{Digest, Sha256};
use waypost_app::local::prefs::Lang;

use super::document::Scripts;
use super::visitor::Visitor;
use crate::error::not_found;
use crate::schedule::calendar::hex;
use crate::site::Site;
use crate::state::AppState;

const WORKER: &str = include_str!("../assets/staff-sw.js");

/// The document, at every address below `/staff`.
pub(crate) async fn page(State(state): State<AppState>, request: Request) -> Response {
    let visitor = Visitor::of(request.headers());
    let headers = [
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        (header::VARY, HeaderValue::from_static("accept-encoding, accept-language, cookie")),
        // A set-up link carries its secret in the address: no other site is told it.
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    ];
    (headers, Html(document(&state.site, visitor))).into_response()
}

/// `/staff/sw.js`, for everything below `/staff` and nothing else.
pub(super) async fn service_worker(State(state): State<AppState>) -> Response {
    let Some(script) = worker(&state.site) else {
        return not_found("This program was built without its site.").into_response();
    };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/javascript; charset=utf-8")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        // It lies below the address that it looks after.
        (header::HeaderName::from_static("service-worker-allowed"), HeaderValue::from_static("/staff")),
    ];
    (headers, script).into_response()
}

fn document(site: &Site, visitor: Visitor) -> String {
    let Visitor { lang, theme } = visitor;
    let (title, plain) = match lang {
        Lang::Zh => ("驿友 · 工作台", "工作台需要浏览器开启 JavaScript。"),
        Lang::En => ("Waypost · staff", "The staff's pages need JavaScript."),
    };
    let (mut data, mut links, mut note) = (String::new(), String::new(), String::new());
    match Scripts::of_staff(site) {
        Scripts { js: Some(js), wasm: Some(wasm), css } => {
            data = format!(" data-js=\"{js}\" data-wasm=\"{wasm}\"");
            let css = css.map(|css| format!("<link rel=\"stylesheet\" href=\"{css}\">")).unwrap_or_default();
            links = format!(
                "{css}<script src=\"/prefs.js\"></script><link rel=\"modulepreload\" href=\"{js}\">\
                 <script type=\"module\" src=\"/staff/boot.js\"></script>"
            );
        }
        _ => "<p>This program was built without its site.</p>".clone_into(&mut note),
    }
    format!(
        "<!DOCTYPE html><html lang=\"{}\" data-theme=\"{}\"{data}><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1, viewport-fit=cover\">\
         <title>{title}</title><meta name=\"robots\" content=\"noindex\">{links}\
         <meta name=\"theme-color\" content=\"#fbf6ef\" media=\"(prefers-color-scheme: light)\">\
         <meta name=\"theme-color\" content=\"#0d0a08\" media=\"(prefers-color-scheme: dark)\">\
         <link rel=\"icon\" href=\"/icons/icon.svg\" type=\"image/svg+xml\"></head><body>\
         <main class=\"shell\"><img src=\"/icons/icon.svg\" width=\"72\" height=\"72\" alt=\"{title}\">{note}\
         <noscript><p>{plain}</p></noscript></main></body></html>",
        lang.tag(),
        theme.code(),
    )
}

/// The worker's script; `None` where there is no program to keep.
fn worker(site: &Site) -> Option<String> {
    let Scripts { js: Some(js), wasm: Some(wasm), css } = Scripts::of_staff(site) else { return None };
    let mut files = vec![js, wasm];
    files.extend(css);
    files.extend(["/staff/boot.js", "/prefs.js", "/icons/icon.svg"].map(str::to_owned));
    let mut digest = Sha256::new();
    digest.update(WORKER);
    digest.update(document(site, Visitor::default()));
    for path in &files {
        digest.update(path);
        digest.update(site.file(path.trim_start_matches('/'))?.hash());
    }
    let list = serde_json::to_string(&files).ok()?;
    Some(WORKER.replace("__FILES__", &list).replace("__BUILD__", &hex(&digest.finalize()[..6])))
}

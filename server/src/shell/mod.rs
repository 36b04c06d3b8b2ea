//! The pages as HTML, the empty shell for the phone, and the service worker that keeps it: the server side of the two
//! doors.

mod document;
mod draw;
mod kept;
mod seed;
mod staff;
mod visitor;
mod worker;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use uuid::Uuid;
use waypost_app::router::Address;

pub use document::{Document, Door, Scripts, escape};
pub use kept::Pages;
pub(crate) use staff::page as staff_page;
pub use visitor::Visitor;

use crate::error::{Error, not_found};
use crate::state::AppState;
use draw::draw;
use worker::Kind;

const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");

/// What the phone's half is made of besides the files of the site.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/shell", get(shell))
        .route("/sw.js", get(service_worker))
        .route("/staff", get(staff::page))
        // A courier who joins is drawn the same program.
        .route("/join", get(staff::page))
        .route("/staff/sw.js", get(staff::service_worker))
}

/// The page at an address, drawn from the part of the district it shows.
pub async fn page(state: AppState, request: Request) -> Response {
    match answer(&state, request.uri(), request.headers()).await {
        Ok(mut response) => {
            // The same address is another page for another language or theme.
            response
                .headers_mut()
                .insert(header::VARY, HeaderValue::from_static("accept-encoding, accept-language, cookie"));
            response
        }
        Err(error) => error.into_response(),
    }
}

async fn answer(state: &AppState, uri: &Uri, headers: &HeaderMap) -> Result<Response, Error> {
    let address = uri.path_and_query().map_or(uri.path(), |address| address.as_str());
    let parsed = Address::new(uri.path(), uri.query().unwrap_or_default());
    let visitor = Visitor::of(headers);
    let view = state.snapshots.view().await?;
    // A form carries an id of its own, so no two are the same page.
    let is_form = uri.path() == "/report";
    if !is_form && let Some(kept) = state.pages.get(&view, visitor, address) {
        return Ok(kept.answer(headers, HTML).await?);
    }
    let form_id = is_form.then(Uuid::now_v7);
    let seed = seed::of_page(view.snapshot(), visitor, &parsed, form_id);
    let drawn = draw(seed, parsed)?;
    let document = Document {
        visitor,
        title: &drawn.title,
        head: "",
        body: &drawn.body,
        seed: Some(&drawn.seed),
        scripts: Scripts::of(&state.site),
    };
    let html = document.html(Door::Hydrate);
    if drawn.missing || is_form {
        let status = if drawn.missing { StatusCode::NOT_FOUND } else { StatusCode::OK };
        let mut response = (status, Html(html)).into_response();
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        // Gives the browser reason to keep the page: "back" then leads to the same form, with the same id.
        if let Some(tag) = form_id.and_then(|id| HeaderValue::try_from(format!("W/\"{id}\"")).ok()) {
            response.headers_mut().insert(header::ETAG, tag);
        }
        return Ok(response);
    }
    Ok(state.pages.keep(&view, visitor, address, html).answer(headers, HTML).await?)
}

/// `/shell`: what the service worker keeps and answers every navigation with; the program draws the page into it.
async fn shell(State(state): State<AppState>) -> Response {
    let html = worker::shell(&state.site);
    ([(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"))], Html(html)).into_response()
}

/// `/sw.js`, with this build's name and its exact list of files; `/sw.js?classic` for browsers whose workers cannot be
/// modules.
async fn service_worker(State(state): State<AppState>, uri: Uri) -> Response {
    let kind = if uri.query() == Some("classic") { Kind::Classic } else { Kind::Module };
    let Some(script) = worker::script(&state.site, kind) else {
        return not_found("This program was built without its site.").into_response();
    };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/javascript; charset=utf-8")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
    ];
    (headers, script).into_response()
}

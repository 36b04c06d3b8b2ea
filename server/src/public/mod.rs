//! `/reports`: what everybody may see of the reports that were taken on, as plain pages that need no script.
//!
//! Nothing here knows more than `store::reports::public` gives: no landmark, no exact place, no phone.

mod asked;
mod counted;
mod csv;
mod frame;
mod list;
mod plot;
mod report;
mod shape;
mod words;

use axum::Router;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use sha2::{Digest, Sha256};

use crate::error::{Error, field};
use crate::schedule::calendar::hex;
use crate::shell::{Visitor, escape};
use crate::site::Encoded;
use crate::state::AppState;
use crate::store::reports::public::{self, ByCode, PublicReport};
use asked::{Asked, Misread};
pub use counted::Counts;
use frame::Page;
use list::{Listed, PAGE, PLOTTED};
use report::Shown;

/// Longest code that is looked for; those that are given have four or five letters.
const LONGEST_CODE: usize = 16;
/// A page may be shown again for so long without asking. Short, because what is public today may not be tomorrow.
const KEPT: HeaderValue = HeaderValue::from_static("private, max-age=30");
const VARY: HeaderValue = HeaderValue::from_static("accept-encoding, accept-language, cookie");
const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");

pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/reports", get(list))
        .route("/reports/{code}", get(one))
        .route("/reports.csv", get(file))
        .route(frame::STYLE_PATH, get(style))
}

/// The style of these pages; its address names its content.
async fn style() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/css; charset=utf-8"),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    (headers, frame::STYLE).into_response()
}

async fn list(State(state): State<AppState>, uri: Uri, headers: HeaderMap) -> Result<Response, Error> {
    let visitor = Visitor::of(&headers);
    match Asked::read(&uri) {
        Ok(asked) => answer(&list_page(&state, visitor, asked).await?, &headers).await,
        Err(misread) => Ok(misread_page(&state, visitor, misread)),
    }
}

async fn list_page(state: &AppState, visitor: Visitor, asked: Asked) -> Result<String, Error> {
    let view = state.snapshots.view().await?;
    let now = state.clock.minute();
    let filter = asked.filter(now);
    let numbers = state.counts.of(&state.store, filter, view.calendar(), state.clock.now_ms()).await?;
    // So that both lists are of the same moment.
    let mut conn = state.store.moment().await?;
    let latest = public::list(&mut conn, filter, None, PLOTTED as u32 + 1).await?;
    let older = match asked.after {
        Some(after) => Some(public::list(&mut conn, filter, Some(after), PAGE as u32 + 1).await?),
        None => None,
    };
    drop(conn);
    let first: &[PublicReport] = latest.get(..=PAGE).unwrap_or(&latest);
    let lang = visitor.lang;
    let main = Listed {
        lang,
        asked,
        now,
        reports: older.as_deref().unwrap_or(first),
        latest: &latest,
        numbers,
        district: view.snapshot(),
    }
    .html();
    let t = words::of(lang);
    Ok(Page { visitor, title: t.title, about: t.about, listed_at: Some("/reports"), picture: None, main: &main }
        .html(state))
}

async fn one(
    State(state): State<AppState>,
    code: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response, Error> {
    let visitor = Visitor::of(&headers);
    // What cannot be read is no code. Codes are read out, and typed as they come.
    let code = code.map(|Path(code)| code.trim().to_ascii_uppercase()).unwrap_or_default();
    let known = code.len() <= LONGEST_CODE && code.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let found = if known && !code.is_empty() {
        let mut conn = state.store.moment().await?;
        public::by_code(&mut conn, &code).await?
    } else {
        ByCode::Nothing
    };
    let t = words::of(visitor.lang);
    match found {
        ByCode::Public(whole) => {
            let view = state.snapshots.view().await?;
            let shown = Shown {
                lang: visitor.lang,
                now: state.clock.minute(),
                whole: &whole,
                district: view.snapshot(),
                calendar: view.calendar(),
            };
            let (title, main, address) = (shown.title(), shown.html(), format!("/reports/{}", whole.report.code));
            let about = if whole.report.description.is_empty() { t.about } else { whole.report.description.as_str() };
            let picture = whole.before.first().map(|picture| format!("/api/v1/photos/{}", picture.hash));
            let page = Page {
                visitor,
                title: &title,
                about,
                listed_at: Some(&address),
                picture: picture.as_deref(),
                main: &main,
            };
            answer(&page.html(&state), &headers).await
        }
        ByCode::Merged(into) => {
            let (title, main) = report::merged(visitor.lang, &code, &into);
            Ok(unlisted(visitor, &title, &main).refusal(&state, StatusCode::OK))
        }
        ByCode::NoLonger => Ok(refused(&state, visitor, StatusCode::GONE, (t.gone, t.gone_text))),
        ByCode::Nothing => Ok(refused(&state, visitor, StatusCode::NOT_FOUND, (t.missing, t.missing_text))),
    }
}

async fn file(State(state): State<AppState>, uri: Uri, headers: HeaderMap) -> Result<Response, Error> {
    let asked = Asked::read(&uri).map_err(|Misread(name)| field(name, "is not one that we know"))?;
    let view = state.snapshots.view().await?;
    let (filter, lang) = (asked.filter(state.clock.minute()), Visitor::of(&headers).lang);
    let body = csv::file(state.store.clone(), filter, lang, view.calendar().clone());
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8")),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"reports.csv\"")),
        (header::CACHE_CONTROL, KEPT),
        (header::VARY, VARY),
    ];
    Ok((headers, body).into_response())
}

/// A page that may be kept for a moment.
async fn answer(html: &str, headers: &HeaderMap) -> Result<Response, Error> {
    let tag = hex(&Sha256::digest(html)[..8]);
    let mut response = Encoded::new(html.to_owned(), &tag).answer(headers, HTML).await?;
    response.headers_mut().insert(header::CACHE_CONTROL, KEPT);
    response.headers_mut().insert(header::VARY, VARY);
    Ok(response)
}

fn unlisted<'a>(visitor: Visitor, title: &'a str, main: &'a str) -> Page<'a> {
    Page { visitor, title, about: "", listed_at: None, picture: None, main }
}

/// A page that says in plain words what there is not.
fn refused(state: &AppState, visitor: Visitor, status: StatusCode, (title, words): (&str, &str)) -> Response {
    let t = words::of(visitor.lang);
    let main = format!(
        "{}<header class=\"page-head\"><h1 class=\"page-title\">{}</h1></header><div class=\"card empty\"><p>{}</p>\
         <a class=\"btn\" href=\"/reports\">{}</a></div>",
        report::back(t),
        escape(title),
        escape(words),
        escape(t.clear)
    );
    unlisted(visitor, title, &main).refusal(state, status)
}

fn misread_page(state: &AppState, visitor: Visitor, Misread(name): Misread) -> Response {
    let t = words::of(visitor.lang);
    refused(state, visitor, StatusCode::UNPROCESSABLE_ENTITY, (t.misread, &(t.misread_text)(name)))
}

//! `/api/v1/staff/templates`: sentences that staff say often, shared by all.

use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use waypost_app::domain::case::{MAX_NOTE, Step};
use waypost_app::wire::staff::cases::{Template, TemplateList, TemplatesChanged};

use super::overtaken::overtaken;
use super::read;
use crate::error::{Error, field};
use crate::state::AppState;
use crate::store::templates::{self, Put};

/// Most of them: more than that nobody looks through.
const MOST: usize = 50;
/// Most bytes of them all.
const MAX_BYTES: usize = 256 * 1024;

pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/api/v1/staff/templates", get(list).put(replace))
}

async fn list(State(state): State<AppState>) -> Result<Json<TemplateList>, Error> {
    let mut conn = state.store.moment().await?;
    Ok(Json(templates::all(&mut conn).await?))
}

async fn replace(State(state): State<AppState>, headers: HeaderMap, body: Body) -> Result<Response, Error> {
    let mut fields = read::fields_up_to(&headers, body, MAX_BYTES).await?;
    let version: Option<i64> = fields.needed("version", "a whole number");
    let given: Option<Vec<Template>> = fields.needed("templates", "a list of steps and words");
    fields.all_right()?;
    let (seen, given) = (version.unwrap_or_default(), given.unwrap_or_default());
    if given.len() > MOST {
        return Err(field("templates", format!("has more than {MOST} entries")));
    }
    let mut kept = Vec::with_capacity(given.len());
    for Template { step, words } in given {
        let words = words.trim().replace('\0', "");
        if words.is_empty() || words.chars().count() > MAX_NOTE {
            return Err(field("words", format!("must have 1 to {MAX_NOTE} characters")));
        }
        if !matches!(step, Step::Fix | Step::Decline | Step::Note | Step::Accept | Step::Reopen) {
            return Err(field("step", "is not one that says something"));
        }
        kept.push(Template { step, words });
    }
    match state.store.write(move |conn| Box::pin(async move { templates::put(conn, seen, &kept).await })).await? {
        Put::Done(list) => Ok(Json(list).into_response()),
        Put::Changed(changed) => Ok(overtaken("this list", |problem| TemplatesChanged { problem, changed })),
    }
}

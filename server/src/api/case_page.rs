//! `/cases/{token}`: one case for the unit that has it, without an account. Whoever has the address may see the case, and
//! say that its repair has begun or is done; nobody is signed in, and no cookie is looked at.

mod page;

use axum::Router;
use axum::extract::multipart::MultipartRejection;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{DefaultBodyLimit, Multipart, Path, Query, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use serde::Deserialize;
use uuid::Uuid;
use waypost_app::domain::case::{MAX_NOTE, Step};
use waypost_app::domain::ids::{PhotoHash, ReportId, UnitId};
use waypost_app::wire::staff::cases::CaseView;

use super::body;
use super::form::read::{Form, Named, SentPhoto, read};
use super::form::{FormFault, fault_words};
use super::photos::picture;
use super::reports::parse_id;
use crate::error::Error;
use crate::http::Network;
use crate::intake::Naming;
use crate::people::Token;
use crate::photo::Kept;
use crate::shell::Visitor;
use crate::state::AppState;
use crate::store::cases::{self, Actor, Change, Taken, links};
use crate::store::devices::DeviceId;
use crate::store::doomed::{self, Doom};
use crate::store::photos::{self, Photo};
use crate::store::{Connection, StoreError};

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/cases/{token}", get(show).post(work))
        .route("/cases/{token}/photos/{sha256}", get(photo))
        // Parts are counted and bounded one by one, as those of the report's form.
        .layer(DefaultBodyLimit::disable())
        .layer(from_fn(body::drain_unread))
        .layer(from_fn(unheard_of))
}

/// The address of a link on a site such as `https://waypost.example`.
pub(super) fn url(site: &str, token: &Token) -> String {
    format!("{site}/cases/{}", token.as_str())
}

/// No cache keeps what is here, no index lists it, and no other site is told the address.
async fn unheard_of(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex, nofollow"));
    response
}

/// A link that works.
#[derive(Clone, Debug)]
struct Link {
    token: Token,
    case: ReportId,
    unit: UnitId,
}

impl Link {
    /// `None` alike for what cannot be one, is none, is too old, or was ended.
    async fn open(conn: &mut Connection, token: &str, now_ms: i64) -> Result<Option<Self>, StoreError> {
        let Some(token) = Token::parse(token) else { return Ok(None) };
        let found = links::of_token(conn, &token.hash(), now_ms).await?;
        Ok(found.map(|(case, unit)| Self { token, case, unit }))
    }

    async fn case(&self, conn: &mut Connection, now_ms: i64) -> Result<Option<CaseView>, StoreError> {
        let case = cases::find(conn, self.case, now_ms).await?;
        Ok(case.map(|mut case| {
            case.steps = [Step::Start, Step::Fix]
                .into_iter()
                .filter(|step| case.merged_into.is_none() && step.from(case.row.state).is_some())
                .collect();
            case
        }))
    }
}

async fn show(
    State(state): State<AppState>,
    token: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Response {
    let visitor = Visitor::of(&headers);
    match case_of(&state, token).await {
        Ok(Some((link, case))) => page::case(&case, &link, visitor, &state.site),
        Ok(None) => page::gone(visitor, &state.site),
        Err(error) => failed(error, visitor, &state),
    }
}

async fn case_of(
    state: &AppState,
    token: Result<Path<String>, PathRejection>,
) -> Result<Option<(Link, CaseView)>, Error> {
    let Ok(Path(token)) = token else { return Ok(None) };
    let now_ms = state.clock.now_ms();
    // So that the case and its link are of the same moment.
    let mut conn = state.store.moment().await?;
    let Some(link) = Link::open(&mut conn, &token, now_ms).await? else { return Ok(None) };
    let case = link.case(&mut conn, now_ms).await?;
    Ok(case.map(|case| (link, case)))
}

/// Logged whole, and said without details.
fn failed(error: Error, visitor: Visitor, state: &AppState) -> Response {
    let status = match error {
        Error::Refused { status, .. } => status,
        error => {
            tracing::error!(?error, "a unit's page could not be answered");
            StatusCode::INTERNAL_SERVER_ERROR
        }
    };
    page::refused(status, visitor, &state.site)
}

#[derive(Debug, Deserialize)]
struct Size {
    size: Option<String>,
}

/// A photo of the link's case, or of what was done with it.
async fn photo(
    State(state): State<AppState>,
    path: Result<Path<(String, String)>, PathRejection>,
    query: Result<Query<Size>, QueryRejection>,
    network: Network,
    headers: HeaderMap,
) -> Response {
    let visitor = Visitor::of(&headers);
    let thumb = query.is_ok_and(|Query(Size { size })| size.as_deref() == Some("thumb"));
    match photo_of(&state, path, thumb, network).await {
        Ok(Some(picture)) => picture,
        Ok(None) => page::gone(visitor, &state.site),
        Err(error) => failed(error, visitor, &state),
    }
}

async fn photo_of(
    state: &AppState,
    path: Result<Path<(String, String)>, PathRejection>,
    thumb: bool,
    network: Network,
) -> Result<Option<Response>, Error> {
    let Ok(Path((token, name))) = path else { return Ok(None) };
    let Ok(sha256) = PhotoHash::parse(&name) else { return Ok(None) };
    let mut conn = state.store.moment().await?;
    let Some(link) = Link::open(&mut conn, &token, state.clock.now_ms()).await? else { return Ok(None) };
    let shown = cases::shows(&mut conn, link.case, &sha256).await?;
    drop(conn);
    if shown { picture(state, &sha256, thumb, network).await } else { Ok(None) }
}

/// The text fields of both forms.
#[derive(Debug, Default)]
struct Fields {
    event_id: String,
    step: String,
    note: String,
}

impl Named for Fields {
    fn named(&mut self, name: &str) -> Option<&mut String> {
        match name {
            "event_id" => Some(&mut self.event_id),
            "step" => Some(&mut self.step),
            "note" => Some(&mut self.note),
            _ => None,
        }
    }
}

/// What became of a form.
enum Worked {
    /// It is written down, now or when it was sent before.
    Done,
    /// The link does not work any more.
    Gone,
    /// What is wrong with it.
    Faults(Vec<String>),
    /// The case is past that.
    NotNow,
}

async fn work(
    State(state): State<AppState>,
    token: Result<Path<String>, PathRejection>,
    network: Network,
    headers: HeaderMap,
    form: Result<Multipart, MultipartRejection>,
) -> Response {
    let visitor = Visitor::of(&headers);
    // Before a byte of the form is read.
    let link = match case_of(&state, token).await {
        Ok(Some((link, _))) => link,
        Ok(None) => return page::gone(visitor, &state.site),
        Err(error) => return failed(error, visitor, &state),
    };
    let Ok(form) = form else {
        return page::refused(StatusCode::UNSUPPORTED_MEDIA_TYPE, visitor, &state.site);
    };
    let form = match read::<Fields>(form, &state.photos, network).await {
        Ok(form) => form,
        Err(status) => return page::refused(status, visitor, &state.site),
    };
    let back = url("", &link.token);
    match take(&state, &link, form, visitor).await {
        // So that reloading the page sends nothing twice.
        Ok(Worked::Done) => Redirect::to(&back).into_response(),
        Ok(Worked::Gone) => page::gone(visitor, &state.site),
        Ok(Worked::Faults(faults)) => page::faults(&faults, &back, visitor, &state.site),
        Ok(Worked::NotNow) => page::not_now(&back, visitor, &state.site),
        Err(error) => failed(error, visitor, &state),
    }
}

async fn take(state: &AppState, link: &Link, form: Form<Fields>, visitor: Visitor) -> Result<Worked, Error> {
    let Form { fields, photos, faults } = form;
    for fault in &faults {
        if let FormFault::Photo(_, fault) = fault {
            state.metrics.photo_refused(fault.reason());
        }
    }
    let mut faults: Vec<_> = faults.iter().map(|fault| fault_words(fault, visitor.lang)).collect();
    let note = fields.note.trim();
    if note.chars().count() > MAX_NOTE {
        faults.push(page::too_long(visitor.lang));
    }
    let step = [Step::Start, Step::Fix].into_iter().find(|step| step.code() == fields.step);
    match step {
        None => faults.push(page::no_step(visitor.lang)),
        Some(Step::Fix) if note.is_empty() && photos.is_empty() && faults.is_empty() => {
            faults.push(page::shows_nothing(visitor.lang));
        }
        Some(_) => {}
    }
    let Some(step) = step.filter(|_| faults.is_empty()) else { return Ok(Worked::Faults(faults)) };
    let change = Change {
        case: link.case,
        event_id: parse_id(fields.event_id.trim()).map_or_else(Uuid::now_v7, |ReportId(id)| id),
        // Whoever stands at the kerb says what they did there, whatever was noted meanwhile.
        version: None,
        step,
        by: Actor::Link(link.unit),
        only_of: Some(link.unit),
        unit: None,
        note_public: note.to_owned(),
        note_internal: String::new(),
        reason: None,
        into: None,
        photos: photos.iter().map(|photo| photo.sha256.clone()).collect(),
        at_ms: state.clock.now_ms(),
        calendar: state.snapshots.calendar().await?,
    };
    Ok(match store(state, link, change, &photos).await? {
        Some(Taken::Done | Taken::Again) => {
            state.store.cases_changed();
            Worked::Done
        }
        None | Some(Taken::Unknown) => Worked::Gone,
        Some(Taken::Changed(_) | Taken::NotAllowed(_) | Taken::Field(..)) => Worked::NotNow,
    })
}

/// The files first, then everything else in one change; `None`: the link has ended meanwhile.
async fn store(state: &AppState, link: &Link, change: Change, sent: &[SentPhoto]) -> Result<Option<Taken>, Error> {
    let pictures: Vec<_> = sent.iter().map(|photo| &photo.picture).collect();
    let insert = |kept: Vec<Kept>, gone| {
        let photo = |(sent, kept): (&SentPhoto, Kept)| Photo {
            sha256: sent.sha256.clone(),
            kept,
            sent_bytes: Some(sent.sent_bytes),
            received_at_ms: change.at_ms,
        };
        insert(state, link.clone(), change.clone(), sent.iter().zip(kept).map(photo).collect(), gone)
    };
    let (taken, stored) = state.intake.name(&pictures, insert).await?;
    for Photo { kept, sent_bytes, .. } in stored {
        state.metrics.photo_stored(sent_bytes.unwrap_or_default(), Some(kept.bytes));
    }
    Ok(taken)
}

/// A step with its photos, unless files of them are dropped; and which photos are stored by it.
async fn insert(
    state: &AppState,
    link: Link,
    change: Change,
    photos: Vec<Photo>,
    gone: Vec<Doom>,
) -> Result<Naming<(Option<Taken>, Vec<Photo>)>, StoreError> {
    let insert = state.store.write(move |conn| {
        Box::pin(async move {
            // Again, now that nobody else can write: it may have been ended, or the same form sent twice at once.
            let open = links::of_token(conn, &link.token.hash(), change.at_ms).await?;
            if open != Some((link.case, link.unit)) {
                return Ok(Naming::Done((None, Vec::new())));
            }
            let ready = match cases::ready(conn, &change).await? {
                Ok(ready) => ready,
                Err(taken) => return Ok(Naming::Done((Some(taken), Vec::new()))),
            };
            let files: Vec<_> =
                photos.iter().flat_map(|photo| [photo.kept.blob.clone(), photo.kept.thumb.clone()]).collect();
            let leave = match Naming::leave(doomed::leave(conn, &files, &gone).await?) {
                Ok(leave) => leave,
                Err(refused) => return Ok(refused),
            };
            let sender = DeviceId::of_link(link.case, link.unit);
            for photo in &photos {
                photos::insert(conn, photo, &sender, &leave).await?;
            }
            cases::finish(conn, &change, ready).await?;
            Ok(Naming::Done((Some(Taken::Done), photos)))
        })
    });
    insert.await
}

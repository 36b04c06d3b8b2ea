//! `POST /report`: the report form as plain HTML sends it, from browsers without WASM.
//!
//! Such a browser has no token, so the report belongs to a device nobody holds. Sending the same form twice is
//! harmless: it carries its report's id.

mod page;
pub(super) mod read;

use axum::extract::multipart::MultipartRejection;
use axum::extract::{DefaultBodyLimit, Multipart, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::post;
use axum::{Router, middleware};
use uuid::Uuid;
use waypost_app::domain::geo::Wgs84;
use waypost_app::domain::ids::ReportId;
use waypost_app::domain::report::{Fault, FieldFault, Unchecked};
use waypost_app::domain::station::{Landmark, Station};
use waypost_app::local::draft::NAMED_PLACE_ACCURACY_M;

use super::body;
use super::reports::parse_id;
use crate::clock;
use crate::error::Error;
use crate::http::Network;
use crate::intake::Naming;
use crate::metrics::Outcome;
use crate::photo::{Kept, PhotoError};
use crate::shell::{self, Visitor};
use crate::state::AppState;
use crate::store::StoreError;
use crate::store::devices::DeviceId;
use crate::store::doomed::{self, Doom};
use crate::store::photos::{self, Photo};
use crate::store::reports::{self, ContentHash, Inserted, Submission};
pub use page::answer;
pub(super) use page::{fault_words, refusal};
use read::{Fields, Form, SentPhoto};

/// Of the form's page, and where it is sent.
pub(crate) const ROUTE: &str = "/report";

pub fn routes() -> Router<AppState> {
    Router::new()
        .route(ROUTE, post(submit).get(form))
        // Parts are counted and bounded one by one; see `read`.
        .layer(DefaultBodyLimit::disable())
        .layer(middleware::from_fn(body::drain_unread))
}

/// What became of a submitted form.
#[derive(Debug)]
pub enum FormOutcome {
    /// Stored, now or when the same form was sent before.
    Received { code: String, outcome: Outcome },
    /// Nothing was stored.
    Faults(Vec<FormFault>),
    /// The form's id belongs to a report that says something else.
    AlreadySent,
    /// Not a form at all, or we cannot store anything now.
    Refused(StatusCode),
}

/// One thing to mend.
#[derive(Debug)]
pub enum FormFault {
    Field(FieldFault),
    /// `lat` or `lng` is not a number.
    NotANumber(&'static str),
    /// Neither coordinates nor a known place.
    NoPlace,
    /// A photo, counted from 1, and why it is not taken.
    Photo(usize, PhotoError),
}

/// The page with the form. It is drawn like every other page; only this address also takes a POST.
async fn form(State(state): State<AppState>, request: Request) -> Response {
    shell::page(state, request).await
}

async fn submit(
    State(state): State<AppState>,
    network: Network,
    headers: HeaderMap,
    form: Result<Multipart, MultipartRejection>,
) -> Response {
    let outcome = match form {
        Ok(form) => receive(&state, form, network).await,
        Err(_) => FormOutcome::Refused(StatusCode::UNSUPPORTED_MEDIA_TYPE),
    };
    let mut response = answer(&outcome, Visitor::of(&headers), &state.site);
    match &outcome {
        FormOutcome::Received { outcome, .. } => {
            response.extensions_mut().insert(*outcome);
        }
        FormOutcome::Faults(faults) => {
            for fault in faults {
                if let FormFault::Photo(_, fault) = fault {
                    state.metrics.photo_refused(fault.reason());
                }
            }
        }
        FormOutcome::AlreadySent | FormOutcome::Refused(_) => {}
    }
    response
}

async fn receive(state: &AppState, form: Multipart, network: Network) -> FormOutcome {
    let form = match read::read(form, &state.photos, network).await {
        Ok(form) => form,
        Err(status) => return FormOutcome::Refused(status),
    };
    take(state, form).await.unwrap_or_else(|error| match error {
        Error::Refused { status, .. } => FormOutcome::Refused(status),
        error => {
            tracing::error!(?error, "a form was not stored");
            FormOutcome::Refused(StatusCode::INTERNAL_SERVER_ERROR)
        }
    })
}

async fn take(state: &AppState, form: Form<Fields>) -> Result<FormOutcome, Error> {
    let Form { fields, photos, mut faults } = form;
    let place = Place::read(state, &fields, &mut faults).await?;
    let captured_at = clock::rfc3339(state.clock.now());
    let unchecked = Unchecked {
        category: Some(&fields.category),
        description: &fields.description,
        lat: place.lat,
        lng: place.lng,
        accuracy_m: place.accuracy_m,
        captured_at: Some(&captured_at),
        landmark: &fields.landmark,
        photos: photos.iter().map(|photo| photo.sha256.as_str()).collect(),
        same_as: None,
    };
    let content = match unchecked.check() {
        Ok(content) if faults.is_empty() => content,
        checked => {
            let more = checked.err().unwrap_or_default().into_iter().filter(|more| !is_said(more, &faults));
            let more: Vec<_> = more.map(FormFault::Field).collect();
            faults.extend(more);
            return Ok(FormOutcome::Faults(faults));
        }
    };
    let id = parse_id(fields.id.trim()).unwrap_or_else(|| ReportId(Uuid::now_v7()));
    let now_ms = state.clock.now_ms();
    let submission = Submission {
        id,
        device: DeviceId::of_form(id),
        // Without the time: it is ours, and differs from one sending to the next.
        content_hash: ContentHash::of(&content, None),
        content,
        captured_at_ms: now_ms,
        received_at_ms: now_ms,
    };
    let mut conn = state.store.pool().acquire().await.map_err(StoreError::from)?;
    let earlier = reports::settled(&mut conn, &submission).await?;
    drop(conn);
    let inserted = match earlier {
        Some(settled) => settled,
        None => store(state, submission, photos).await?,
    };
    match inserted {
        Inserted::New(receipt) => Ok(FormOutcome::Received { code: receipt.code, outcome: Outcome::Created }),
        Inserted::Merged(receipt) => Ok(FormOutcome::Received { code: receipt.code, outcome: Outcome::Merged }),
        Inserted::Again(receipt) => Ok(FormOutcome::Received { code: receipt.code, outcome: Outcome::Repeated }),
        Inserted::Conflict | Inserted::FromAnother | Inserted::Withdrawn => Ok(FormOutcome::AlreadySent),
        Inserted::UnknownPhotos(photos) => {
            Err(anyhow::anyhow!("a form's photos were not stored before it: {photos:?}").into())
        }
    }
}

/// A field that could not be understood is not missing as well, and a report whose photo is refused is not without one.
fn is_said(more: &FieldFault, faults: &[FormFault]) -> bool {
    more.fault == Fault::Missing
        && faults.iter().any(|fault| match fault {
            FormFault::NoPlace => matches!(more.field, "lat" | "lng"),
            FormFault::NotANumber(field) => more.field == *field,
            FormFault::Photo(..) => more.field == "description",
            FormFault::Field(_) => false,
        })
}

/// The files first, then everything else in one change: either the whole form is stored or no row of it.
async fn store(state: &AppState, submission: Submission, sent: Vec<SentPhoto>) -> Result<Inserted, Error> {
    let pictures: Vec<_> = sent.iter().map(|photo| &photo.picture).collect();
    let insert = |kept: Vec<Kept>, gone| {
        let photo = |(sent, kept): (&SentPhoto, Kept)| Photo {
            sha256: sent.sha256.clone(),
            kept,
            sent_bytes: Some(sent.sent_bytes),
            received_at_ms: submission.received_at_ms,
        };
        insert(state, submission.clone(), sent.iter().zip(kept).map(photo).collect(), gone)
    };
    let (inserted, photos) = state.intake.name(&pictures, insert).await?;
    if matches!(inserted, Inserted::New(_)) {
        state.store.cases_changed();
    }
    if matches!(inserted, Inserted::New(_) | Inserted::Merged(_)) {
        for Photo { kept, sent_bytes, .. } in &photos {
            state.metrics.photo_stored(sent_bytes.unwrap_or_default(), Some(kept.bytes));
        }
    }
    Ok(inserted)
}

/// Everything of a form in one change, unless files of its photos are dropped.
async fn insert(
    state: &AppState,
    submission: Submission,
    photos: Vec<Photo>,
    gone: Vec<Doom>,
) -> Result<Naming<(Inserted, Vec<Photo>)>, StoreError> {
    let insert = state.store.write(move |conn| {
        Box::pin(async move {
            // Again, now that nobody else can write: the same form may have been sent twice at once.
            if let Some(settled) = reports::settled(conn, &submission).await? {
                return Ok(Naming::Done((settled, photos)));
            }
            let files: Vec<_> =
                photos.iter().flat_map(|photo| [photo.kept.blob.clone(), photo.kept.thumb.clone()]).collect();
            let leave = match Naming::leave(doomed::leave(conn, &files, &gone).await?) {
                Ok(leave) => leave,
                Err(refused) => return Ok(refused),
            };
            for photo in &photos {
                photos::insert(conn, photo, &submission.device, &leave).await?;
            }
            let inserted = reports::insert(conn, &submission).await?;
            Ok(Naming::Done((inserted, photos)))
        })
    });
    insert.await
}

/// Where a form says it is.
#[derive(Clone, Copy, Debug, Default)]
struct Place {
    lat: Option<f64>,
    lng: Option<f64>,
    accuracy_m: Option<f64>,
}

impl Place {
    /// From the coordinates, or else from the named place.
    async fn read(state: &AppState, fields: &Fields, faults: &mut Vec<FormFault>) -> Result<Self, Error> {
        let mut number = |field, text: &str| match text.trim() {
            "" => None,
            text => {
                let number = text.parse().ok();
                if number.is_none() {
                    faults.push(FormFault::NotANumber(field));
                }
                number
            }
        };
        if !(fields.lat.trim().is_empty() && fields.lng.trim().is_empty()) {
            let (lat, lng) = (number("lat", &fields.lat), number("lng", &fields.lng));
            return Ok(Self { lat, lng, accuracy_m: None });
        }
        if let Some(at) = place_of(state, fields.near.trim()).await? {
            return Ok(Self { lat: Some(at.lat), lng: Some(at.lng), accuracy_m: Some(NAMED_PLACE_ACCURACY_M) });
        }
        faults.push(FormFault::NoPlace);
        Ok(Self::default())
    }
}

/// The place of a landmark or a station.
async fn place_of(state: &AppState, id: &str) -> Result<Option<Wgs84>, Error> {
    let district = state.snapshots.current().await?;
    let landmark = district.landmarks.iter().find(|landmark| landmark.id.as_str() == id);
    let station = district.stations.iter().find(|station| station.id.as_str() == id);
    Ok(landmark.map(Landmark::position).or_else(|| station.map(Station::position)))
}

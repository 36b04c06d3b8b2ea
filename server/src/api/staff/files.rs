//! `POST /api/v1/staff/import` and `GET /api/v1/staff/export`: what the command line does, from a browser.

use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use tokio::runtime::Handle;
use waypost_app::local::prefs::Lang;
use waypost_app::wire::problem::FieldError;
use waypost_app::wire::staff::stations::{self, ImportEnding};

use crate::api::body;
use crate::error::{Error, bad_request, field};
use crate::export::{self, Format};
use crate::import::report::{Ending, Outcome};
use crate::import::{self, ImportError, Imported, Options};
use crate::state::AppState;

/// Longest file from a browser, in bytes: a city's stations. The command line takes longer ones.
const MAX_BYTES: usize = 8 * 1024 * 1024;

pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/api/v1/staff/import", post(bring)).route("/api/v1/staff/export", get(take))
}

#[derive(Debug, Deserialize)]
struct How {
    /// Say what would happen; write nothing.
    #[serde(default)]
    dry_run: bool,
    /// What people here have changed gives way to the file.
    #[serde(default)]
    overwrite: bool,
    /// In which language the report is, and what is wrong with the file; English for programs.
    lang: Option<String>,
}

async fn bring(
    State(state): State<AppState>,
    how: Result<Query<How>, QueryRejection>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<stations::Imported>, Error> {
    let Query(How { dry_run, overwrite, lang }) = how.map_err(|fault| bad_request(fault.body_text()))?;
    let lang = lang.as_deref().and_then(Lang::from_tag).unwrap_or(Lang::En);
    let file = body::read(&headers, body, MAX_BYTES).await?;
    let options = Options { overwrite, dry_run };
    let (database, now) = (state.store.database().clone(), state.clock.minute());
    // A rule in it may take its time: not on a thread that answers requests.
    let runtime = Handle::current();
    let done = tokio::task::spawn_blocking(move || runtime.block_on(import::import(&database, &file, options, now)));
    let done = done.await.map_err(anyhow::Error::from)?;
    let imported = done.map_err(|error| match error {
        ImportError::File(error) => field("file", error.in_words(lang)),
        ImportError::Store(error) => error.into(),
        error => Error::Internal(error.into()),
    })?;
    let ending = match imported.ending() {
        Ending::Refused { .. } => return Err(Error::Fields(faults(&imported, lang))),
        Ending::DryRun => ImportEnding::DryRun,
        Ending::NothingToDo => ImportEnding::NothingToDo,
        Ending::Written { .. } => {
            state.snapshots.changed();
            ImportEnding::Written
        }
    };
    let sample_stations_gone = imported.sample_stations_gone();
    Ok(Json(stations::Imported { ending, report: imported.in_words(lang), sample_stations_gone }))
}

/// Each cell that was not understood.
fn faults(imported: &Imported, lang: Lang) -> Vec<FieldError> {
    let Imported::Stations(report) = imported else {
        return vec![FieldError { field: "file".to_owned(), message: imported.in_words(lang) }];
    };
    let rows = report.rows.iter().filter_map(|row| match &row.outcome {
        Outcome::Refused(faults) => Some((row.row, faults)),
        _ => None,
    });
    rows.flat_map(|(row, faults)| {
        faults
            .iter()
            .map(move |fault| FieldError { field: fault.place(row, lang), message: fault.reason.in_words(lang) })
    })
    .collect()
}

#[derive(Debug, Deserialize)]
struct As {
    format: Option<String>,
}

async fn take(State(state): State<AppState>, asked: Result<Query<As>, QueryRejection>) -> Result<Response, Error> {
    let Query(asked) = asked.map_err(|fault| bad_request(fault.body_text()))?;
    let (format, kind, name) = match asked.format.as_deref().unwrap_or("csv") {
        "csv" => (Format::Csv, "text/csv; charset=utf-8", "stations.csv"),
        "geojson" => (Format::Geojson, "application/geo+json", "stations.geojson"),
        "json" => (Format::Json, "application/json", "stations.json"),
        _ => return Err(bad_request("format: use csv, geojson or json")),
    };
    let file = export::export(state.store.database(), format).await.map_err(anyhow::Error::from)?;
    let attached = format!("attachment; filename=\"{name}\"");
    Ok(([(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, attached)], file).into_response())
}

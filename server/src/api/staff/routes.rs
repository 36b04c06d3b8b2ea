//! `/api/v1/staff/routes`: which unit a case is suggested for.

use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Map, Value};
use waypost_app::domain::geo::Wgs84;
use waypost_app::domain::report::Category;
use waypost_app::wire::problem::FieldError;
use waypost_app::wire::staff::routing::{Area, Route, Routes, RoutesChanged};

use super::overtaken::overtaken;
use super::read;
use crate::api::json_body;
use crate::error::{Error, field};
use crate::state::AppState;
use crate::store::routes::{self, Put};

/// Most bytes of a list.
const MAX_BYTES: usize = 256 * 1024;
const MAX_ROUTES: usize = 500;
/// Most characters of an area's name.
const MAX_NAME: usize = 100;
/// In metres: a corner at least, and not much more than a district.
const RADIUS: std::ops::RangeInclusive<u32> = 10..=50_000;

pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/api/v1/staff/routes", get(list).put(replace))
}

async fn list(State(state): State<AppState>) -> Result<Json<Routes>, Error> {
    let mut conn = state.store.moment().await?;
    Ok(Json(routes::all(&mut conn).await?))
}

async fn replace(State(state): State<AppState>, headers: HeaderMap, body: Body) -> Result<Response, Error> {
    let mut fields = read::fields_up_to(&headers, body, MAX_BYTES).await?;
    let version = fields.needed::<i64>("version", "a whole number");
    let sent = fields.needed::<Vec<Value>>("routes", "a list");
    fields.all_right()?;
    let sent = sent.unwrap_or_default();
    if sent.len() > MAX_ROUTES {
        return Err(field("routes", format!("has more than {MAX_ROUTES} entries")));
    }
    let mut errors = Vec::new();
    let mut new = Vec::with_capacity(sent.len());
    for (nth, route) in sent.into_iter().enumerate() {
        new.extend(route_of(route, &format!("routes[{nth}]"), &mut errors));
    }
    if !errors.is_empty() {
        return Err(Error::Fields(errors));
    }
    let seen = version.unwrap_or_default();
    match state.store.write(move |conn| Box::pin(async move { routes::put(conn, seen, &new).await })).await? {
        Put::Done(routes) => Ok(Json(routes).into_response()),
        Put::Changed(changed) => Ok(overtaken("this list", |problem| RoutesChanged { problem, changed })),
        Put::UnknownUnit(nth) => Err(field(&format!("routes[{nth}].unit"), "is not known")),
    }
}

/// One route, or what is wrong with it under its place in the list.
fn route_of(sent: Value, at: &str, errors: &mut Vec<FieldError>) -> Option<Route> {
    let mut route = object(sent, at, errors)?;
    let before = errors.len();
    let category = taken::<String>(&mut route, at, "category", "the code of a category", errors);
    let category = category.and_then(|code| {
        // Not read as JSON, where a code that nobody knows is another word for `other`.
        let known = Category::from_code(&code);
        if known.is_none() {
            errors.push(wrong(at, "category", "must be the code of a category"));
        }
        known
    });
    let area = route.remove("area").filter(|area| !area.is_null());
    let area = area.and_then(|area| area_of(area, &format!("{at}.area"), errors));
    let unit = needed(&mut route, at, "unit", "the id of a unit", errors)?;
    (errors.len() == before).then_some(Route { category, area, unit })
}

fn area_of(sent: Value, at: &str, errors: &mut Vec<FieldError>) -> Option<Area> {
    let mut area = object(sent, at, errors)?;
    let name = needed::<String>(&mut area, at, "name", "a text", errors);
    let [lat, lng] = ["lat", "lng"].map(|axis| needed::<f64>(&mut area, at, axis, "a number", errors));
    let radius_m = needed::<u32>(&mut area, at, "radius_m", "a whole number of metres", errors);
    let (name, lat, lng, radius_m) = (name?.trim().to_owned(), lat?, lng?, radius_m?);
    let before = errors.len();
    if name.is_empty() || name.chars().count() > MAX_NAME || name.chars().any(char::is_control) {
        errors.push(wrong(at, "name", &format!("must have 1 to {MAX_NAME} characters, on one line")));
    }
    if !(-90.0..=90.0).contains(&lat) {
        errors.push(wrong(at, "lat", "is not a latitude"));
    }
    if Wgs84::new(0.0, lng).is_none() {
        errors.push(wrong(at, "lng", "is not a longitude"));
    }
    if !RADIUS.contains(&radius_m) {
        errors.push(wrong(at, "radius_m", &format!("must be from {} to {}", RADIUS.start(), RADIUS.end())));
    }
    (errors.len() == before).then_some(Area { name, lat, lng, radius_m })
}

fn object(sent: Value, at: &str, errors: &mut Vec<FieldError>) -> Option<Map<String, Value>> {
    if let Value::Object(fields) = sent {
        return Some(fields);
    }
    errors.push(FieldError { field: at.to_owned(), message: "must be an object".to_owned() });
    None
}

/// A field of something in the list; what is wrong with it is named by its whole way.
fn taken<T: serde::de::DeserializeOwned>(
    fields: &mut Map<String, Value>,
    at: &str,
    name: &str,
    kind: &str,
    errors: &mut Vec<FieldError>,
) -> Option<T> {
    let before = errors.len();
    let value = json_body::take(fields, name, kind, errors);
    errors.iter_mut().skip(before).for_each(|error| error.field = format!("{at}.{name}"));
    value
}

/// The same of one that must be there.
fn needed<T: serde::de::DeserializeOwned>(
    fields: &mut Map<String, Value>,
    at: &str,
    name: &str,
    kind: &str,
    errors: &mut Vec<FieldError>,
) -> Option<T> {
    let before = errors.len();
    let value = taken(fields, at, name, kind, errors);
    if value.is_none() && errors.len() == before {
        errors.push(wrong(at, name, "is missing"));
    }
    value
}

fn wrong(at: &str, name: &str, message: &str) -> FieldError {
    FieldError { field: format!("{at}.{name}"), message: message.to_owned() }
}

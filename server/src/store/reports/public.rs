//! Reports as everybody may read them: only what is public now, and of that only what is in these types. The landmark and the
//! exact place are never asked for.

use sqlx::{AssertSqlSafe, Row};
use uuid::Uuid;
use waypost_app::domain::geo::Wgs84;
use waypost_app::domain::ids::{PhotoHash, ReportId};
use waypost_app::domain::report::{Category, ReportState};

use super::event;
use crate::store::{Connection, DbRow, StoreError};

/// When a report was repaired: that is said by the repair itself, not by what was noted or redacted later. Repairs from before steps were
/// written down have none.
const FIXED_AT: &str = "(SELECT MAX(at_ms) FROM report_events
     WHERE report = reports.id AND report_events.state = 'fixed' AND step IN ('fix', ''))";

/// Whether a public report still waits for its repair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Group {
    Open,
    Fixed,
}

impl Group {
    pub const ALL: [Self; 2] = [Self::Open, Self::Fixed];

    /// That of a state; `None` if the state is not public.
    #[must_use]
    pub const fn of(state: ReportState) -> Option<Self> {
        match state {
            state if state.is_open() => Some(Self::Open),
            state if state.is_public() => Some(Self::Fixed),
            _ => None,
        }
    }
}

/// Which reports are asked for; what is left out leaves out none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    pub group: Option<Group>,
    pub category: Option<Category>,
    /// Received at this moment or later.
    pub since_ms: i64,
}

/// Where a page ended: when its last report was received, and which it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub received_at_ms: i64,
    pub id: ReportId,
}

/// One public report.
#[derive(Clone, Debug, PartialEq)]
pub struct PublicReport {
    pub id: ReportId,
    pub code: String,
    pub state: ReportState,
    pub category: Category,
    pub description: String,
    /// Rounded to about 100 m.
    pub position: Wgs84,
    pub received_at_ms: i64,
    /// `None` while it is not repaired.
    pub fixed_at_ms: Option<i64>,
    /// The first of its photos.
    pub photo: Option<PhotoHash>,
}

impl PublicReport {
    pub fn place(&self) -> Place {
        Place { received_at_ms: self.received_at_ms, id: self.id }
    }
}

/// How many there are, and how long repairs took.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Numbers {
    pub received: u64,
    /// When each of those that are repaired was received and repaired.
    pub repairs: Vec<(i64, i64)>,
}

/// A picture of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    pub hash: PhotoHash,
    pub width: u32,
    pub height: u32,
}

/// Something that has happened, as far as everybody may know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicEvent {
    pub state: ReportState,
    pub at_ms: i64,
    pub note: String,
}

/// A report with all that belongs to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Whole {
    pub report: PublicReport,
    pub timeline: Vec<PublicEvent>,
    pub before: Vec<Picture>,
    pub after: Vec<Picture>,
    /// Others that are followed through it.
    pub followed_by: u64,
}

/// What stands behind a code.
#[derive(Clone, Debug, PartialEq)]
pub enum ByCode {
    Public(Box<Whole>),
    /// It is followed through this one, which is public.
    Merged(PublicReport),
    /// It was public once.
    NoLonger,
    /// There is none, or it is not public.
    Nothing,
}

/// Public reports, the latest first, from where another page ended.
///
/// # Errors
/// Those of the database.
pub async fn list(
    conn: &mut Connection,
    filter: Filter,
    after: Option<Place>,
    limit: u32,
) -> Result<Vec<PublicReport>, StoreError> {
    // What comes next is found by where the page before ended: nothing is shown twice or left out because something new has
    // come meanwhile, and the last page costs as much as the first.
    let sql = format!(
        "SELECT {} FROM reports
         WHERE is_public = 1 AND received_at_ms >= $1 AND ($2 = '' OR category = $2) AND state NOT IN ({})
           AND (received_at_ms, id) < ($3, $4)
         ORDER BY received_at_ms DESC, id DESC LIMIT $5",
        columns(),
        others(filter.group)
    );
    let rows = sqlx::query(AssertSqlSafe(sql))
        .bind(filter.since_ms)
        .bind(filter.category.map_or("", Category::code))
        .bind(after.map_or(i64::MAX, |place| place.received_at_ms))
        .bind(after.map(|place| place.id.to_string()).unwrap_or_default())
        .bind(i64::from(limit))
        .fetch_all(conn)
        .await?;
    rows.iter().map(report).collect()
}

/// How many were received and repaired, whichever of the two groups is asked for.
///
/// # Errors
/// Those of the database.
pub async fn numbers(conn: &mut Connection, filter: Filter) -> Result<Numbers, StoreError> {
    let category = filter.category.map_or("", Category::code);
    let received: i64 = sqlx::query_scalar(AssertSqlSafe(format!(
        "SELECT COUNT(*) FROM reports
         WHERE is_public = 1 AND received_at_ms >= $1 AND ($2 = '' OR category = $2) AND state NOT IN ({})",
        others(None)
    )))
    .bind(filter.since_ms)
    .bind(category)
    .fetch_one(&mut *conn)
    .await?;
    let repairs: Vec<(i64, Option<i64>)> = sqlx::query_as(AssertSqlSafe(format!(
        "SELECT received_at_ms, {FIXED_AT} FROM reports
         WHERE is_public = 1 AND received_at_ms >= $1 AND ($2 = '' OR category = $2) AND state NOT IN ({})",
        others(Some(Group::Fixed))
    )))
    .bind(filter.since_ms)
    .bind(category)
    .fetch_all(conn)
    .await?;
    let repairs = repairs.into_iter().filter_map(|(received, fixed)| Some((received, fixed?))).collect();
    Ok(Numbers { received: received.unsigned_abs(), repairs })
}

/// What stands behind a code, for everybody.
///
/// # Errors
/// Those of the database.
pub async fn by_code(conn: &mut Connection, code: &str) -> Result<ByCode, StoreError> {
    if let Some(report) = one(conn, "code", code).await? {
        let id = report.id.to_string();
        let whole = Whole {
            timeline: timeline(conn, &id).await?,
            before: photos(conn, &id).await?,
            // What is not repaired after all has nothing to show.
            after: match Group::of(report.state) {
                Some(Group::Fixed) => photos_of_the_repair(conn, &id).await?,
                _ => Vec::new(),
            },
            followed_by: followed_by(conn, &id).await?,
            report,
        };
        return Ok(ByCode::Public(Box::new(whole)));
    }
    let row = sqlx::query("SELECT id, merged_into FROM reports WHERE code = $1")
        .bind(code)
        .fetch_optional(&mut *conn)
        .await?;
    let Some(row) = row else { return Ok(ByCode::Nothing) };
    if let Some(into) = row.try_get::<Option<&str>, _>("merged_into")? {
        return Ok(one(conn, "id", into).await?.map_or(ByCode::Nothing, ByCode::Merged));
    }
    let was_public = sqlx::query(AssertSqlSafe(format!(
        "SELECT 1 FROM report_events WHERE report = $1 AND state NOT IN ({}) LIMIT 1",
        others(None)
    )))
    .bind(row.try_get::<&str, _>("id")?)
    .fetch_optional(conn)
    .await?;
    Ok(if was_public.is_some() { ByCode::NoLonger } else { ByCode::Nothing })
}

/// The one whose `column` has a value, if it is public.
async fn one(conn: &mut Connection, column: &'static str, value: &str) -> Result<Option<PublicReport>, StoreError> {
    let sql = format!("SELECT {} FROM reports WHERE {column} = $1 AND is_public = 1", columns());
    let row = sqlx::query(AssertSqlSafe(sql)).bind(value).fetch_optional(conn).await?;
    let found = row.as_ref().map(report).transpose()?;
    Ok(found.filter(|report| report.state.is_public()))
}

/// What everybody may know of what has happened: that it came in, and from then on what was done while it was public.
async fn timeline(conn: &mut Connection, id: &str) -> Result<Vec<PublicEvent>, StoreError> {
    let sql = format!(
        "SELECT state, at_ms, note FROM report_events WHERE report = $1 AND {} ORDER BY seq",
        event::for_strangers()
    );
    let rows = sqlx::query(AssertSqlSafe(sql)).bind(id).fetch_all(conn).await?;
    let event =
        |row: &DbRow| Ok(PublicEvent { state: state(row)?, at_ms: row.try_get("at_ms")?, note: row.try_get("note")? });
    rows.iter().map(event).collect()
}

/// What the reporter's photos show.
async fn photos(conn: &mut Connection, id: &str) -> Result<Vec<Picture>, StoreError> {
    let rows = sqlx::query(
        "SELECT photo, width, height FROM report_photos JOIN photos ON photos.sha256 = report_photos.photo
         WHERE report = $1 ORDER BY position",
    )
    .bind(id)
    .fetch_all(conn)
    .await?;
    rows.iter().map(picture).collect()
}

/// What the last repair looks like.
async fn photos_of_the_repair(conn: &mut Connection, id: &str) -> Result<Vec<Picture>, StoreError> {
    let rows = sqlx::query(
        "SELECT photo, width, height FROM event_photos JOIN photos ON photos.sha256 = event_photos.photo
         WHERE report = $1
           AND seq = (SELECT MAX(seq) FROM report_events WHERE report = $1 AND state = 'fixed' AND step = 'fix')
         ORDER BY position",
    )
    .bind(id)
    .fetch_all(conn)
    .await?;
    rows.iter().map(picture).collect()
}

async fn followed_by(conn: &mut Connection, id: &str) -> Result<u64, StoreError> {
    let count: i64 =
        sqlx::query_scalar("SELECT COUNT(*) FROM reports WHERE merged_into = $1").bind(id).fetch_one(conn).await?;
    Ok(count.unsigned_abs())
}

/// What is read of each report.
fn columns() -> String {
    format!(
        "id, code, state, category, description, public_lat, public_lng, received_at_ms, {FIXED_AT} AS fixed_at_ms,
         (SELECT photo FROM report_photos WHERE report = reports.id ORDER BY position LIMIT 1) AS photo"
    )
}

/// The codes of all states that are not a group's, or not public, as SQL lists them. Those that are would make SQLite look them
/// up one by one and sort what it finds, where it can read the latest in their order.
fn others(group: Option<Group>) -> String {
    let is_other = |state: &ReportState| Group::of(*state).is_none_or(|of| group.is_some_and(|group| group != of));
    let codes: Vec<_> =
        ReportState::ALL.into_iter().filter(is_other).map(|state| format!("'{}'", state.code())).collect();
    codes.join(", ")
}

fn report(row: &DbRow) -> Result<PublicReport, StoreError> {
    let state = state(row)?;
    let fixed_at_ms: Option<i64> = row.try_get("fixed_at_ms")?;
    Ok(PublicReport {
        id: Uuid::try_parse(row.try_get("id")?).map(ReportId).map_err(|_| StoreError::Unreadable("id of a report"))?,
        code: row.try_get("code")?,
        state,
        category: Category::from_code(row.try_get("category")?)
            .ok_or(StoreError::Unreadable("category of a report"))?,
        description: row.try_get("description")?,
        position: Wgs84 { lat: row.try_get("public_lat")?, lng: row.try_get("public_lng")? },
        received_at_ms: row.try_get("received_at_ms")?,
        // What was repaired once and is not after all waits for another repair.
        fixed_at_ms: fixed_at_ms.filter(|_| Group::of(state) == Some(Group::Fixed)),
        photo: row.try_get::<Option<&str>, _>("photo")?.map(hash).transpose()?,
    })
}

fn picture(row: &DbRow) -> Result<Picture, StoreError> {
    let pixels = |column: &str| -> Result<u32, StoreError> {
        u32::try_from(row.try_get::<i64, _>(column)?).map_err(|_| StoreError::Unreadable("photo size"))
    };
    Ok(Picture { hash: hash(row.try_get("photo")?)?, width: pixels("width")?, height: pixels("height")? })
}

fn hash(text: &str) -> Result<PhotoHash, StoreError> {
    PhotoHash::parse(text).map_err(|_| StoreError::Unreadable("photo hash"))
}

fn state(row: &DbRow) -> Result<ReportState, StoreError> {
    ReportState::from_code(row.try_get("state")?).ok_or(StoreError::Unreadable("state of a report"))
}

//! The queue, a page at a time.

use sqlx::{AssertSqlSafe, Row};
use waypost_app::domain::ids::UnitId;
use waypost_app::domain::report::{Category, ReportState};
use waypost_app::wire::staff::cases::CaseList;

use super::COLUMNS;
use crate::store::{Connection, StoreError};

/// Which cases are asked for; what is left out leaves out none.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub state: Option<ReportState>,
    pub unit: Option<UnitId>,
    pub category: Option<Category>,
    pub overdue: bool,
    /// A piece of the code, the description or the landmark, also of a report that is followed through the case. Without a
    /// state they are looked for in every state: whoever asks by telephone knows only the code.
    pub words: String,
    /// The last one of the page before: its [`CaseList::next`], read.
    pub after: Option<(i64, String)>,
    /// Most cases in the answer.
    pub limit: u32,
}

/// Cases by deadline. With a state in which nobody has to do anything, and with words in whatever state, the latest received
/// first.
///
/// # Errors
/// Those of the database.
pub async fn list(conn: &mut Connection, filter: &Filter, now_ms: i64) -> Result<CaseList, StoreError> {
    // What comes next is found by where the page before ended, so that the last page costs as much as the first.
    let is_done = filter.state.is_some_and(|state| state != ReportState::Received && !state.is_open());
    let is_anywhere = filter.state.is_none() && !filter.overdue && !filter.words.trim().is_empty();
    let by_deadline = !is_done && !is_anywhere;
    let (key, which, order) = if by_deadline {
        ("due_at_ms", "due_at_ms IS NOT NULL AND (due_at_ms, id) > ($6, $7)", "due_at_ms, id")
    } else {
        ("received_at_ms", "(received_at_ms, id) < ($6, $7)", "received_at_ms DESC, id DESC")
    };
    let sql = format!(
        "SELECT {COLUMNS}, {key} AS place FROM reports
         WHERE merged_into IS NULL AND {which}
           AND ($1 = '' OR state = $1) AND ($2 = '' OR unit = $2) AND ($3 = '' OR category = $3)
           AND ($4 = 0 OR due_at_ms < $4)
           AND ($5 = '' OR LOWER(code || ' ' || description || ' ' || landmark) LIKE LOWER($5) ESCAPE '!'
             OR EXISTS (SELECT 1 FROM reports AS same WHERE same.merged_into = reports.id
               AND LOWER(same.code || ' ' || same.description || ' ' || same.landmark) LIKE LOWER($5) ESCAPE '!'))
         ORDER BY {order} LIMIT $8"
    );
    let first = if by_deadline { i64::MIN } else { i64::MAX };
    let (at, id) = filter.after.clone().unwrap_or((first, String::new()));
    let limit = filter.limit as usize;
    let rows = sqlx::query(AssertSqlSafe(sql))
        .bind(filter.state.map_or("", ReportState::code))
        .bind(filter.unit.map(|unit| unit.to_string()).unwrap_or_default())
        .bind(filter.category.map_or("", Category::code))
        .bind(if filter.overdue { now_ms } else { 0 })
        .bind(pattern(&filter.words))
        .bind(at)
        .bind(id)
        .bind(i64::from(filter.limit) + 1)
        .fetch_all(conn)
        .await?;
    let cases = rows.iter().take(limit).map(|row| super::row(row, now_ms)).collect::<Result<_, _>>()?;
    let next = match rows.get(limit).and_then(|_| rows.get(limit.checked_sub(1)?)) {
        Some(last) => Some(format!("{}.{}", last.try_get::<i64, _>("place")?, last.try_get::<&str, _>("id")?)),
        None => None,
    };
    Ok(CaseList { cases, next })
}

/// Words as LIKE looks for them anywhere, and none of their letters as a wild card. The database makes capitals small on both
/// sides: SQLite knows only those of ASCII, and would look for others as nobody has stored them.
fn pattern(words: &str) -> String {
    let words = words.trim();
    if words.is_empty() {
        return String::new();
    }
    let mut pattern = String::from("%");
    for letter in words.chars() {
        if matches!(letter, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}

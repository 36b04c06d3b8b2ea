//! Sentences that staff say often.

use sqlx::Row;
use waypost_app::domain::case::Step;
use waypost_app::wire::staff::cases::{Template, TemplateList};

use super::{Connection, StoreError};

/// What became of a new list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Put {
    Done(TemplateList),
    /// Somebody else was faster: what they wrote.
    Changed(TemplateList),
}

/// All of them, in the order in which they are offered. To be read in a moment, or where nobody else writes.
///
/// # Errors
/// Those of the database.
pub async fn all(conn: &mut Connection) -> Result<TemplateList, StoreError> {
    let version: Option<i64> =
        sqlx::query_scalar("SELECT value FROM meta WHERE name = 'templates'").fetch_optional(&mut *conn).await?;
    let rows = sqlx::query("SELECT step, words FROM answer_templates ORDER BY position").fetch_all(conn).await?;
    let read = |row: &super::DbRow| {
        let step = Step::from_code(row.try_get("step")?).ok_or(StoreError::Unreadable("step of a template"))?;
        Ok(Template { step, words: row.try_get("words")? })
    };
    let templates = rows.iter().map(read).collect::<Result<_, StoreError>>()?;
    Ok(TemplateList { version: version.unwrap_or_default(), templates })
}

/// Puts these in the place of all that were seen.
///
/// # Errors
/// Those of the database.
pub async fn put(conn: &mut Connection, seen: i64, templates: &[Template]) -> Result<Put, StoreError> {
    let now = all(conn).await?;
    if now.version != seen {
        return Ok(Put::Changed(now));
    }
    sqlx::query("DELETE FROM answer_templates").execute(&mut *conn).await?;
    for (position, template) in (0_i64..).zip(templates) {
        sqlx::query("INSERT INTO answer_templates (position, step, words) VALUES ($1, $2, $3)")
            .bind(position)
            .bind(template.step.code())
            .bind(&template.words)
            .execute(&mut *conn)
            .await?;
    }
    let version = seen.saturating_add(1);
    sqlx::query("INSERT INTO meta (name, value) VALUES ('templates', $1) ON CONFLICT (name) DO UPDATE SET value = $1")
        .bind(version)
        .execute(conn)
        .await?;
    Ok(Put::Done(TemplateList { version, templates: templates.to_vec() }))
}

//! Sentences that staff say often.

use sqlx::Row;
use waypost_app::domain::case::Step;
use waypost_app::wire::staff::cases::Template;

use super::{Connection, StoreError};

/// All of them, in the order in which they are offered.
///
/// # Errors
/// Those of the database.
pub async fn all(conn: &mut Connection) -> Result<Vec<Template>, StoreError> {
    let rows = sqlx::query("SELECT step, words FROM answer_templates ORDER BY position").fetch_all(conn).await?;
    let read = |row: &super::DbRow| {
        let step = Step::from_code(row.try_get("step")?).ok_or(StoreError::Unreadable("step of a template"))?;
        Ok(Template { step, words: row.try_get("words")? })
    };
    rows.iter().map(read).collect()
}

/// Puts these in the place of all that there were.
///
/// # Errors
/// Those of the database.
pub async fn replace(conn: &mut Connection, templates: &[Template]) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM answer_templates").execute(&mut *conn).await?;
    for (position, template) in (0_i64..).zip(templates) {
        sqlx::query("INSERT INTO answer_templates (position, step, words) VALUES ($1, $2, $3)")
            .bind(position)
            .bind(template.step.code())
            .bind(&template.words)
            .execute(&mut *conn)
            .await?;
    }
    Ok(())
}

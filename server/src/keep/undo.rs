//! Taking a change back: another change, with what was before.

use waypost_app::wire::staff::stations::Entry;

use super::held::{Held, all, find};
use super::ready::Ready;
use super::steps::{Step, misfit, since, write};
use super::{Outcome, Refusal};
use crate::store::changes::Author;
use crate::store::{Connection, StoreError};

/// One thing of a change that is taken back.
#[derive(Clone, Debug)]
pub struct Undone {
    pub id: String,
    /// As it shall be again.
    pub before: Option<Ready>,
    /// As it must still be.
    pub after: Option<Entry>,
}

/// Takes a change back if all of it is still as it made it. Call it inside [`crate::store::Store::write`].
///
/// # Errors
/// Those of the database.
pub async fn undo(conn: &mut Connection, undone: Vec<Undone>, author: &Author) -> Result<Outcome, StoreError> {
    let mut steps = Vec::with_capacity(undone.len());
    for Undone { id, before, after } in undone {
        let now = find(conn, &id).await?;
        if now.as_ref().map(Held::entry) != after.as_ref() {
            let version = now.map(|held| held.version);
            return Ok(Outcome::Refused(Refusal::Changed(since(conn, &id, version).await?)));
        }
        steps.push(Step { id, before: now.map(|held| held.ready), after: before });
    }
    if let Some(refusal) = misfit(&steps, &all(conn).await?) {
        return Ok(Outcome::Refused(refusal));
    }
    Ok(Outcome::Done { rev: write(conn, &steps, author).await? })
}

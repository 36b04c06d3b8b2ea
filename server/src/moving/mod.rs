//! Everything at once: from one database to another (`waypost migrate`), into a file (`waypost backup`) and out of it
//! (`waypost restore`).

mod archive;
mod backup;
mod pieces;

use std::fmt;

use crate::store::copy::Tally;
use crate::store::{Connection, Database, Store, StoreError, is_unused, open_to_read};

pub use archive::BadBackup;
pub use backup::{BackupError, Contents, RestoreError, backup, backup_with, restore};
use pieces::{Refused, WAITING, read_all, take_all};

/// Why nothing was moved. The new database is as it was.
#[derive(Debug, thiserror::Error)]
pub enum MoveError {
    #[error("there is nothing at {0}")]
    NothingThere(Database),
    #[error("there is something at {0} already; move into an empty database")]
    NotEmpty(Database),
    #[error("{table} did not arrive as it was: {here} rows here, {there} there; nothing was moved")]
    Differs { table: &'static str, here: u64, there: u64 },
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What was moved, and found to be the same on both sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved(pub Vec<(&'static str, Tally)>);

impl fmt::Display for Moved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (table, tally) in &self.0 {
            writeln!(f, "{table}\t{} rows, the same on both sides", tally.rows)?;
        }
        Ok(())
    }
}

/// Copies every row as of one moment into an empty database, and compares both. All of it is one change of the new database:
/// broken off, it leaves nothing, and can be begun again.
///
/// # Errors
/// [`MoveError`]
pub async fn migrate(from: &Database, to: &Database) -> Result<Moved, MoveError> {
    let source = open_to_read(from).await?.ok_or_else(|| MoveError::NothingThere(from.clone()))?;
    if !is_unused(to).await? {
        return Err(MoveError::NotEmpty(to.clone()));
    }
    let target = Store::open(to).await?;
    let moved = copy_all(source, &target).await;
    target.close().await;
    moved?.map_err(|refused| match refused {
        Refused::NotEmpty => MoveError::NotEmpty(to.clone()),
        Refused::Differs { table, here, there } => MoveError::Differs { table, here, there },
    })
}

async fn copy_all(mut source: Connection, target: &Store) -> Result<Result<Moved, Refused>, StoreError> {
    let (send, receive) = tokio::sync::mpsc::channel(WAITING);
    let read = async move {
        let read = read_all(&mut source, &send).await;
        // Where it ended early, whoever writes waits for no more.
        drop(send);
        read
    };
    let (read, taken) = tokio::join!(read, take_all(target, receive, None));
    match taken {
        // What broke the reading tells more than that the writing was given up.
        Err(StoreError::Undone) => read.map(|_| ()).and(Err(StoreError::Undone)),
        Err(error) => Err(error),
        Ok(taken) => Ok(taken.map(Moved)),
    }
}

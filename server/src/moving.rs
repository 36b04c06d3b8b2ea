//! From one database to another: `waypost migrate`.

use std::fmt;
use std::sync::{Arc, OnceLock};

use futures::TryStreamExt;
use tokio::sync::mpsc;

use crate::store::copy::{self, Cell, Columns, TABLES, Tally};
use crate::store::{Connection, Database, Store, StoreError, open_to_read};

/// Rows that wait to be written.
const WAITING: usize = 1_000;
/// Rows that are written at once.
const AT_ONCE: usize = 500;

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

/// What comes from the database that is copied.
enum Piece {
    Table(&'static str, Columns),
    Row(Vec<Cell>),
    /// All rows of the table were sent; so many.
    Counted(Tally),
    End,
}

/// Copies every row as of one moment into an empty database, and compares both. All of it is one change of the new database:
/// broken off, it leaves nothing, and can be begun again.
///
/// # Errors
/// [`MoveError`]
pub async fn migrate(from: &Database, to: &Database) -> Result<Moved, MoveError> {
    let source = open_to_read(from).await?.ok_or_else(|| MoveError::NothingThere(from.clone()))?;
    let target = Store::open(to).await?;
    let moved = copy_all(source, &target).await;
    target.close().await;
    moved?.map_err(|refused| match refused {
        Refused::NotEmpty => MoveError::NotEmpty(to.clone()),
        Refused::Differs { table, here, there } => MoveError::Differs { table, here, there },
    })
}

/// Why the rows of a database were not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refused {
    NotEmpty,
    Differs { table: &'static str, here: u64, there: u64 },
}

async fn copy_all(mut source: Connection, target: &Store) -> Result<Result<Moved, Refused>, StoreError> {
    let (send, receive) = mpsc::channel(WAITING);
    // A change that is not wanted must fail to be undone; this is why.
    let refused = Arc::new(OnceLock::new());
    let why = refused.clone();
    let writing = target.write(move |conn| Box::pin(write_all(conn, receive, why)));
    let (read, written) = tokio::join!(read_all(&mut source, send), writing);
    match (refused.get(), written) {
        (Some(why), _) => Ok(Err(*why)),
        // What broke the reading tells more than that the writing was given up.
        (None, Err(StoreError::Undone)) => read.and(Err(StoreError::Undone)),
        (None, written) => Ok(Ok(Moved(written?))),
    }
}

/// Sends everything, and stops when nobody wants it any more.
async fn read_all(source: &mut Connection, send: mpsc::Sender<Piece>) -> Result<(), StoreError> {
    for table in TABLES {
        let columns = copy::columns(source, table).await?;
        let mut tally = Tally::default();
        let mut rows = copy::rows(source, table);
        let mut wanted = send.send(Piece::Table(table, columns.clone())).await.is_ok();
        while wanted && let Some(cells) = rows.try_next().await? {
            tally.add(&columns, &cells);
            wanted = send.send(Piece::Row(cells)).await.is_ok();
        }
        if !wanted || send.send(Piece::Counted(tally)).await.is_err() {
            return Ok(());
        }
    }
    // Nobody may be there to hear it, and then nothing was moved.
    drop(send.send(Piece::End).await);
    Ok(())
}

async fn write_all(
    conn: &mut Connection,
    mut pieces: mpsc::Receiver<Piece>,
    refused: Arc<OnceLock<Refused>>,
) -> Result<Vec<(&'static str, Tally)>, StoreError> {
    let refuse = |why| {
        refused.get_or_init(|| why);
        Err(StoreError::Undone)
    };
    if !copy::clear_new(conn).await? {
        return refuse(Refused::NotEmpty);
    }
    let mut moved = Vec::new();
    let (mut table, mut columns) = (TABLES[0], Columns::new());
    let mut waiting = Vec::with_capacity(AT_ONCE);
    while let Some(piece) = pieces.recv().await {
        match piece {
            Piece::Table(next, its) => (table, columns) = (next, its),
            Piece::Row(cells) => {
                waiting.push(cells);
                if waiting.len() == AT_ONCE {
                    copy::insert(conn, table, &columns, &waiting).await?;
                    waiting.clear();
                }
            }
            Piece::Counted(here) => {
                copy::insert(conn, table, &columns, &waiting).await?;
                waiting.clear();
                // Read back: what counts is what is there.
                let there = copy::tally(conn, table).await?;
                if here != there {
                    return refuse(Refused::Differs { table, here: here.rows, there: there.rows });
                }
                moved.push((table, there));
            }
            Piece::End => return Ok(moved),
        }
    }
    // The other database could not be read to its end.
    Err(StoreError::Undone)
}

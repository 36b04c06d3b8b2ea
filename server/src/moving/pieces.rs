//! All rows on their way, piece by piece: whoever reads and whoever writes work at the same time and in little memory.

use std::sync::{Arc, OnceLock};

use futures::TryStreamExt;
use tokio::sync::mpsc;

use crate::store::copy::{self, Cell, Columns, TABLES, Tally};
use crate::store::{Connection, Store, StoreError, district};

/// Pieces that may wait to be written.
pub(super) const WAITING: usize = 1_000;
/// Rows that are written at once.
const AT_ONCE: usize = 500;

/// What comes, table by table.
pub(super) enum Piece {
    Table(&'static str, Columns),
    Row(Vec<Cell>),
    /// All rows of the table were sent; so many.
    Counted(Tally),
    End,
}

/// Why the rows of a database were not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    NotEmpty,
    Differs { table: &'static str, here: u64, there: u64 },
}

/// Sends everything in a database. False: nobody wanted the rest.
///
/// # Errors
/// Those of the database.
pub(super) async fn read_all(source: &mut Connection, send: &mpsc::Sender<Piece>) -> Result<bool, StoreError> {
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
            return Ok(false);
        }
    }
    Ok(send.send(Piece::End).await.is_ok())
}

/// Writes everything into an empty database and reads it back, in one change: all of it, or nothing. With `epoch` (a moment in
/// milliseconds since 1970) phones are told that the server was set back.
///
/// # Errors
/// Those of the database; [`StoreError::Undone`] if the pieces end before their end.
pub(super) async fn take_all(
    target: &Store,
    pieces: mpsc::Receiver<Piece>,
    epoch: Option<i64>,
) -> Result<Result<Vec<(&'static str, Tally)>, Refused>, StoreError> {
    // A change that is not wanted must fail to be undone; this is why.
    let refused = Arc::new(OnceLock::new());
    let why = refused.clone();
    let written = target.write(move |conn| Box::pin(write_all(conn, pieces, why, epoch))).await;
    match refused.get() {
        Some(why) => Ok(Err(*why)),
        None => Ok(Ok(written?)),
    }
}

async fn write_all(
    conn: &mut Connection,
    mut pieces: mpsc::Receiver<Piece>,
    refused: Arc<OnceLock<Refused>>,
    epoch: Option<i64>,
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
            Piece::End => {
                if let Some(now_ms) = epoch {
                    district::begin_epoch(conn, now_ms).await?;
                }
                return Ok(moved);
            }
        }
    }
    // Whoever sends them could not read to the end.
    Err(StoreError::Undone)
}

//! What is kept: one database, one writer, many readers.
//!
//! Every change goes through [`Store::write`], which commits many callers' changes together (see [`writer`]); reads use
//! [`Store::pool`] and never wait for a writer. Resources are free functions taking a connection
//! (`store::reports::insert(conn, …)`), so that one job may combine several.
//!
//! The SQL is portable: ids TEXT, times BIGINT, documents JSON in TEXT, `$1`, `ON CONFLICT`, `RETURNING`.

pub mod calendar;
pub mod devices;
pub mod district;
pub mod doomed;
pub mod effective;
pub mod error;
pub mod exceptions;
pub mod imports;
pub mod photos;
pub mod reports;
pub mod rights;
pub mod uploads;
pub mod verifications;
mod writer;

use std::fmt;
use std::path::Path;
use std::time::Duration;

use futures::future::BoxFuture;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteRow,
    SqliteSynchronous,
};
use sqlx::{ConnectOptions, migrate::Migrator};

pub use error::StoreError;
use writer::Writer;

/// The database in use; the aliases below are the only places that name it.
pub type Db = sqlx::Sqlite;
/// One connection: what resource functions take.
pub type Connection = SqliteConnection;
/// One row of an answer.
pub type DbRow = SqliteRow;
/// Connections for reading.
pub type Pool = SqlitePool;

/// The database's file inside the data directory.
const FILE: &str = "waypost.db";
/// Another program (a backup, an operator's shell) may hold the lock this long before a write fails.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// A read that finds every connection taken for this long is refused instead of piling up.
const READ_TIMEOUT: Duration = Duration::from_secs(5);
const READERS: u32 = 8;
/// Changes that may wait where nobody says otherwise.
const QUEUE: usize = 2048;

static MIGRATIONS: Migrator = sqlx::migrate!("./migrations");

/// The open database; cheap to clone.
#[derive(Clone)]
pub struct Store {
    readers: Pool,
    writer: Writer,
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("readers", &self.readers.size()).finish_non_exhaustive()
    }
}

impl Store {
    /// Opens (or creates) the database in a directory and brings its tables up to date.
    ///
    /// # Errors
    /// If the directory cannot be used, or the database is damaged or from a newer version of the program.
    pub async fn open(data_dir: &Path) -> Result<Self, StoreError> {
        Self::open_with(data_dir, QUEUE).await
    }

    /// The same; `queue` changes may wait to be written, beyond it [`Store::write`] is [`StoreError::Busy`].
    ///
    /// # Errors
    /// Those of [`Store::open`].
    pub async fn open_with(data_dir: &Path, queue: usize) -> Result<Self, StoreError> {
        tokio::fs::create_dir_all(data_dir).await?;
        let base = SqliteConnectOptions::new()
            .filename(data_dir.join(FILE))
            .busy_timeout(BUSY_TIMEOUT)
            .foreign_keys(true)
            .disable_statement_logging();
        let writing = base
            .clone()
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // An acknowledged report must survive a power cut.
            .synchronous(SqliteSynchronous::Full);
        let mut connection = writing.connect().await?;
        MIGRATIONS.run(&mut connection).await?;
        // After the writer: a read-only connection cannot create the write-ahead log it needs.
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .acquire_timeout(READ_TIMEOUT)
            .connect_with(base.read_only(true))
            .await?;
        Ok(Self { readers, writer: Writer::start(writing, connection, queue) })
    }

    /// Connections for reading only. What [`Store::write`] has answered is visible to the next read.
    pub fn pool(&self) -> &Pool {
        &self.readers
    }

    /// Runs a change and answers once it is safe on disk.
    ///
    /// If `job` fails (or panics) everything it did is undone, and nothing of anybody else's. Once queued the job runs
    /// even if the caller stops waiting. A job must not begin, commit or roll back a transaction of its own.
    ///
    /// # Errors
    /// The job's own error, or the reason why the change could not be committed.
    pub async fn write<T, F>(&self, job: F) -> Result<T, StoreError>
    where
        F: for<'c> FnOnce(&'c mut Connection) -> BoxFuture<'c, Result<T, StoreError>> + Send + 'static,
        T: Send + 'static,
    {
        self.writer.write(job).await
    }

    /// Finishes every queued change, then closes the database. Later calls fail with [`StoreError::Closed`].
    pub async fn close(&self) {
        // The writer last: only the last connection to close folds the write-ahead log into the database.
        self.readers.close().await;
        self.writer.close().await;
    }
}

/// A connection that only reads, and sees everything as of one moment, to a database that another program may be using;
/// `None` where there is none. Neither makes the database nor brings it up to date.
///
/// # Errors
/// [`StoreError::Outdated`] if the tables are not those of this version, or if the database cannot be read.
pub async fn open_to_read(data_dir: &Path) -> Result<Option<Connection>, StoreError> {
    let file = data_dir.join(FILE);
    if !tokio::fs::try_exists(&file).await? {
        return Ok(None);
    }
    let options = SqliteConnectOptions::new()
        .filename(file)
        .read_only(true)
        .busy_timeout(BUSY_TIMEOUT)
        .disable_statement_logging();
    let mut conn = options.connect().await?;
    let version: Option<i64> =
        sqlx::query_scalar("SELECT MAX(version) FROM _sqlx_migrations").fetch_one(&mut conn).await?;
    if version < MIGRATIONS.iter().map(|migration| migration.version).max() {
        return Err(StoreError::Outdated);
    }
    sqlx::query("BEGIN").execute(&mut conn).await?;
    Ok(Some(conn))
}

/// The next revision of the district. Call it inside [`Store::write`]: the single writer makes sure that no reader
/// sees a higher revision before a lower one.
///
/// # Errors
/// Those of the database.
pub async fn next_rev(conn: &mut Connection) -> Result<i64, StoreError> {
    let rev = sqlx::query_scalar("UPDATE meta SET value = value + 1 WHERE name = 'rev' RETURNING value");
    Ok(rev.fetch_one(conn).await?)
}

/// The latest revision.
///
/// # Errors
/// Those of the database.
pub async fn current_rev(conn: &mut Connection) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar("SELECT value FROM meta WHERE name = 'rev'").fetch_one(conn).await?)
}

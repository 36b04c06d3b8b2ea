//! What is kept: one database (a SQLite file or a PostgreSQL server), one writer at a time, many readers.
//!
//! Every change goes through [`Store::write`], which commits many callers' changes together (see [`writer`]); reads use
//! [`Store::pool`] and never wait for a writer. Resources are free functions taking a connection
//! (`store::reports::insert(conn, …)`), so that one job may combine several.
//!
//! The SQL is portable: ids TEXT, times BIGINT, documents JSON in TEXT, `$1`, `ON CONFLICT`, `RETURNING`.

pub mod calendar;
pub mod cases;
pub mod changes;
pub mod copy;
mod database;
pub mod devices;
pub mod district;
pub mod doomed;
pub mod effective;
pub mod error;
pub mod exceptions;
pub mod imports;
pub mod jobs;
pub mod numbers;
pub mod people;
pub mod photos;
mod queue_news;
pub mod reports;
pub mod rights;
pub mod routes;
mod rows;
pub mod station_photos;
pub mod templates;
pub mod units;
pub mod uploads;
pub mod verifications;
mod writer;

use std::cmp::Ordering;
use std::fmt;
use std::time::Duration;

use futures::future::BoxFuture;
use prometheus_client::metrics::histogram::Histogram;
use rand::Rng;
use sqlx::migrate::Migrator;
use sqlx::{Executor, Transaction};
use tokio::sync::watch;

pub use database::{Database, NotADatabase};
pub use error::StoreError;
use queue_news::QueueNews;
use writer::Writer;

use crate::config::Limits;

/// The driver in use: SQLite's or PostgreSQL's, whichever the URL names. The aliases below are the only places that name it.
pub type Db = sqlx::Any;
/// One connection: what resource functions take.
pub type Connection = sqlx::AnyConnection;
/// One row of an answer.
pub type DbRow = sqlx::any::AnyRow;
/// Connections for reading.
pub type Pool = sqlx::AnyPool;

/// How long one change of a server may take. A connection that has died without a word would otherwise hold up everybody
/// behind it until the system gives it up, which takes a quarter of an hour.
const CHANGE_WITHIN: Duration = Duration::from_mins(1);

static MIGRATIONS: Migrator = sqlx::migrate!("./migrations");

/// The open database; cheap to clone.
#[derive(Clone)]
pub struct Store {
    database: Database,
    readers: Pool,
    writer: Writer,
    queue_news: QueueNews,
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("readers", &self.readers.size()).finish_non_exhaustive()
    }
}

impl Store {
    /// Opens a database, makes its file where there is none, and brings its tables up to date. Of several copies that do
    /// that at once one does, and the others wait. A change takes as long as it takes: this is for whoever brings everything
    /// in one (an import, a backup that is restored).
    ///
    /// # Errors
    /// If it cannot be reached, is damaged, or is from a newer version of the program.
    pub async fn open(database: &Database) -> Result<Self, StoreError> {
        Self::open_within(database, Limits::default().queue, None).await
    }

    /// The same, with the tables as they were at a migration: for rows that were written down then.
    ///
    /// # Errors
    /// Those of [`Store::open`].
    pub async fn open_as_of(database: &Database, migration: i64) -> Result<Self, StoreError> {
        let then = MIGRATIONS.iter().filter(|one| one.version <= migration).cloned().collect();
        Self::open_by(&Migrator::with_migrations(then), database, Limits::default().queue, None).await
    }

    /// The same for a server: `queue` changes may wait to be written, beyond it [`Store::write`] is [`StoreError::Busy`]; and
    /// so is a change that is not done within a minute.
    ///
    /// # Errors
    /// Those of [`Store::open`].
    pub async fn open_with(database: &Database, queue: usize) -> Result<Self, StoreError> {
        Self::open_within(database, queue, Some(CHANGE_WITHIN)).await
    }

    /// The same; a change may take until `patience` ends. `None`: as long as it takes.
    ///
    /// # Errors
    /// Those of [`Store::open`].
    pub async fn open_within(
        database: &Database,
        queue: usize,
        patience: Option<Duration>,
    ) -> Result<Self, StoreError> {
        Self::open_by(&MIGRATIONS, database, queue, patience).await
    }

    async fn open_by(
        migrations: &Migrator,
        database: &Database,
        queue: usize,
        patience: Option<Duration>,
    ) -> Result<Self, StoreError> {
        let alone = database.alone().await?;
        let mut connection = database.connect().await?;
        migrations.run(&mut connection).await?;
        drop(alone);
        database.announce_revisions(&mut connection).await?;
        database.prepare_writer(&mut connection).await?;
        // After the writer: a connection that only reads cannot create the write-ahead log it needs.
        let readers = database.readers().await?;
        let writer = Writer::start(database.clone(), connection, queue, patience);
        Ok(Self { database: database.clone(), readers, writer, queue_news: QueueNews::default() })
    }

    /// Where it is.
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// A transaction for reading that sees everything as of one moment.
    ///
    /// # Errors
    /// If the database cannot be reached.
    pub async fn moment(&self) -> Result<Transaction<'static, Db>, StoreError> {
        Ok(self.readers.begin_with(self.database.begin_reading()).await?)
    }

    /// Connections for reading only. What [`Store::write`] has answered is visible to the next read.
    pub fn pool(&self) -> &Pool {
        &self.readers
    }

    /// Runs a change and answers once it is safe on disk.
    ///
    /// If `job` fails (or panics) everything it did is undone, and nothing of anybody else's. Once queued the job runs
    /// even if the caller stops waiting. A job must not begin, commit or roll back a transaction of its own. One that takes
    /// longer than the store was opened for is broken off, and undone with everything that was to be committed with it.
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

    /// Stores a report once, however often and however concurrently it is sent, and answers once it is safe on disk. What
    /// others send at the same time is stored along with it.
    ///
    /// # Errors
    /// Those of [`Store::write`].
    pub async fn insert_report(&self, report: reports::Submission) -> Result<reports::Inserted, StoreError> {
        self.writer.insert(report).await
    }

    /// Calls `heard` whenever another copy may have made a revision, if the database can tell; until this is dropped.
    pub async fn follow(&self, heard: impl FnMut() + Send) {
        self.database.follow(heard, || self.queue_news.heard()).await;
    }

    /// The queue of staff looks different: whoever watches it is told, here at once and at other copies within a second.
    pub fn cases_changed(&self) {
        self.queue_news.happened();
    }

    /// Changes its value whenever the queue of staff may look different.
    pub fn watch_cases(&self) -> watch::Receiver<u64> {
        self.queue_news.watch()
    }

    /// Tells other copies of what [`Store::cases_changed`] here, at most once a second. Goes on for ever.
    pub async fn tell_of_cases(&self) {
        self.queue_news.keep_telling(&self.database, &self.readers).await;
    }

    /// Changes that wait to be written, and how many may.
    pub fn queue(&self) -> (usize, usize) {
        self.writer.waiting()
    }

    /// Kept by the writer: how many changes each commit has, and how many seconds it takes.
    pub(crate) fn pulse(&self) -> [Histogram; 2] {
        self.writer.pulse()
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
pub async fn open_to_read(database: &Database) -> Result<Option<Connection>, StoreError> {
    if database.is_missing().await? {
        return Ok(None);
    }
    let mut conn = database.connect_reader().await?;
    let version = sqlx::query_scalar("SELECT MAX(version) FROM _sqlx_migrations").fetch_one(&mut conn).await;
    let version: Option<i64> = match version.map_err(StoreError::from) {
        Err(StoreError::NoTable) => return Ok(None),
        version => version?,
    };
    match version.cmp(&Some(newest_migration())) {
        Ordering::Less => return Err(StoreError::Outdated),
        Ordering::Greater => return Err(StoreError::Newer),
        Ordering::Equal => {}
    }
    conn.execute(database.begin_reading()).await?;
    Ok(Some(conn))
}

/// Whether nobody has used a database yet. Neither makes it nor changes it.
///
/// # Errors
/// If it cannot be read.
pub async fn is_unused(database: &Database) -> Result<bool, StoreError> {
    if database.is_missing().await? {
        return Ok(true);
    }
    let mut conn = database.connect_reader().await?;
    match copy::is_new(&mut conn).await {
        Err(StoreError::NoTable) => Ok(true),
        unused => unused,
    }
}

/// The name by which the place of the photos knows this database; made the first time.
///
/// # Errors
/// Those of the database.
pub async fn identity(conn: &mut Connection) -> Result<i64, StoreError> {
    let new: i64 = rand::rng().random_range(1..i64::MAX);
    sqlx::query("INSERT INTO meta (name, value) VALUES ('identity', $1) ON CONFLICT DO NOTHING")
        .bind(new)
        .execute(&mut *conn)
        .await?;
    Ok(sqlx::query_scalar("SELECT value FROM meta WHERE name = 'identity'").fetch_one(conn).await?)
}

/// The last change of the tables that this program knows.
pub fn newest_migration() -> i64 {
    MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or_default()
}

/// The next revision of the district. Call it inside [`Store::write`]: writers come one after the other, so no
/// reader sees a higher revision before a lower one.
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

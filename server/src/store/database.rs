//! Which database is used, and what the two kinds do differently. Nothing outside this file knows.

use std::fmt;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Once;
use std::time::Duration;

use percent_encoding::{NON_ALPHANUMERIC, percent_encode};
use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::PgListener;
use sqlx::{ConnectOptions, Executor};
use url::Url;

use super::{Connection, Pool, StoreError};

/// The database's file inside the data directory.
const FILE: &str = "waypost.db";
/// A read that finds every connection taken for this long is refused instead of piling up.
const READ_TIMEOUT: Duration = Duration::from_secs(5);
const READERS: u32 = 8;
/// How long until a server that could not be listened to is asked again.
const LISTEN_AGAIN: Duration = Duration::from_secs(5);

/// Where the data is kept.
#[derive(Clone, PartialEq, Eq)]
pub enum Database {
    /// A file, for one server (and commands beside it).
    Sqlite(PathBuf),
    /// A PostgreSQL server, for any number of copies.
    Postgres(Url),
}

/// The text does not say where a database is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("give the database as sqlite://FILE or postgres://USER@HOST/NAME")]
pub struct NotADatabase;

impl Database {
    /// The file in a data directory.
    #[must_use]
    pub fn in_dir(data_dir: &Path) -> Self {
        Self::Sqlite(data_dir.join(FILE))
    }

    /// The folder that the file is in; `None` for a server, which keeps its data elsewhere.
    #[must_use]
    pub fn folder(&self) -> Option<PathBuf> {
        let Self::Sqlite(file) = self else { return None };
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
        Some(folder.unwrap_or(Path::new(".")).to_owned())
    }

    /// Whether there is no file; a server may always hold the tables.
    pub(super) async fn is_missing(&self) -> Result<bool, StoreError> {
        match self {
            Self::Sqlite(file) => Ok(!tokio::fs::try_exists(file).await?),
            Self::Postgres(_) => Ok(false),
        }
    }

    /// Makes sure that a file can be made, and that nobody else changes its tables while the answer is held. PostgreSQL sees to
    /// that by itself.
    pub(super) async fn alone(&self) -> Result<Option<File>, StoreError> {
        let Some(folder) = self.folder() else { return Ok(None) };
        let lock = move || {
            std::fs::create_dir_all(&folder)?;
            // The folder itself: a file made for this would have to be tidied away.
            let folder = File::open(&folder)?;
            folder.lock()?;
            std::io::Result::Ok(folder)
        };
        Ok(Some(tokio::task::spawn_blocking(lock).await.map_err(std::io::Error::from)??))
    }

    /// A connection that may change everything, also the tables: it waits for as long as another copy does that.
    pub(super) async fn connect(&self) -> Result<Connection, StoreError> {
        let mut conn = self.options(true)?.connect().await?;
        conn.execute(match self {
            // An acknowledged report must survive a power cut.
            Self::Sqlite(_) => "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL",
            // A report is acknowledged when it is on disk, whatever the server's default.
            Self::Postgres(_) => "SET client_min_messages = warning; SET synchronous_commit = on",
        })
        .await?;
        Ok(conn)
    }

    /// Sees to it that another copy that is cut off while it writes does not stop this one for ever.
    pub(super) async fn prepare_writer(&self, conn: &mut Connection) -> Result<(), StoreError> {
        if let Self::Postgres(_) = self {
            // Tables that are new have no statistics, and PostgreSQL would read them whole for each of the few rows that are
            // looked up by their keys.
            conn.execute(
                "SET lock_timeout = '5s'; SET idle_in_transaction_session_timeout = '10s'; SET enable_seqscan = off;
                 SET tcp_keepalives_idle = 3; SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 3",
            )
            .await?;
        }
        Ok(())
    }

    /// Sees to it that other copies hear of each revision as soon as it is there. A file has no way to tell anybody.
    pub(super) async fn announce_revisions(&self, conn: &mut Connection) -> Result<(), StoreError> {
        if let Self::Postgres(_) = self {
            // Looked for first, because making it waits for everybody who writes; made by one copy at a time.
            conn.execute(
                "DO $do$ BEGIN
                   PERFORM pg_advisory_xact_lock(2002876784);
                   IF NOT EXISTS (SELECT 1 FROM pg_trigger
                                  WHERE tgname = 'waypost_rev' AND tgrelid = CAST('meta' AS regclass)) THEN
                     CREATE OR REPLACE FUNCTION waypost_rev() RETURNS trigger LANGUAGE plpgsql AS
                       $$ BEGIN PERFORM pg_notify('waypost_rev', ''); RETURN NULL; END $$;
                     CREATE TRIGGER waypost_rev AFTER UPDATE ON meta
                       FOR EACH ROW WHEN (NEW.name = 'rev') EXECUTE FUNCTION waypost_rev();
                   END IF;
                 END $do$",
            )
            .await?;
        }
        Ok(())
    }

    /// Calls `heard` when anybody has made a revision, and `cases` when the queue looks different, both also when that may have
    /// been missed; never for a file. Goes on for ever.
    pub(super) async fn follow(&self, mut heard: impl FnMut() + Send, mut cases: impl FnMut() + Send) {
        let Self::Postgres(url) = self else { return std::future::pending().await };
        loop {
            if let Err(error) = listen(url, &mut heard, &mut cases).await {
                tracing::warn!(%error, "other copies' changes are seen a second late, until the database can be listened to");
            }
            tokio::time::sleep(LISTEN_AGAIN).await;
        }
    }

    /// A connection for changes of what is in the tables.
    pub(super) async fn connect_writer(&self) -> Result<Connection, StoreError> {
        let mut conn = self.connect().await?;
        self.prepare_writer(&mut conn).await?;
        Ok(conn)
    }

    /// A connection that cannot change anything.
    pub(super) async fn connect_reader(&self) -> Result<Connection, StoreError> {
        let mut conn = self.options(false)?.connect().await?;
        conn.execute(self.when_reading()).await?;
        if let Self::Postgres(_) = self {
            // Whoever reads everything takes as long as it takes.
            conn.execute("SET statement_timeout = 0").await?;
        }
        Ok(conn)
    }

    /// Connections that cannot change anything.
    pub(super) async fn readers(&self) -> Result<Pool, StoreError> {
        let settings = self.when_reading();
        // Nobody is warned of a read that waited and came: who runs a server sees the connections in use among its numbers,
        // and a command says nothing that its person did not ask for.
        let pool = AnyPoolOptions::new().max_connections(READERS).acquire_slow_threshold(Duration::MAX);
        let pool = pool.acquire_timeout(READ_TIMEOUT).after_connect(move |conn, _| {
            Box::pin(async move {
                conn.execute(settings).await?;
                Ok(())
            })
        });
        Ok(pool.connect_with(self.options(false)?).await?)
    }

    /// Runs statements of the writer's own, which are few and come for every change.
    pub(super) async fn run(&self, conn: &mut Connection, sql: &'static str) -> Result<(), StoreError> {
        match self {
            // Prepared once, although they are several: SQLite takes them one after the other.
            Self::Sqlite(_) => sqlx::query(sql).execute(conn).await?,
            // Several at once are only taken unprepared.
            Self::Postgres(_) => conn.execute(sql).await?,
        };
        Ok(())
    }

    /// Most reports that are stored at a time.
    pub(super) const fn most_together(&self) -> usize {
        match self {
            // Its driver looks each value's place up among all of the statement's: twice as many take four times as long.
            Self::Sqlite(_) => 16,
            // Each call goes over a network, and back.
            Self::Postgres(_) => 32,
        }
    }

    /// Begins a transaction that no other writer's overlaps, in this or another program.
    pub(super) const fn begin_writing(&self) -> &'static str {
        match self {
            // Immediate: a transaction that upgrades from reading to writing would fail at once, whatever the busy timeout.
            Self::Sqlite(_) => "BEGIN IMMEDIATE; SAVEPOINT job",
            // One after the other, as on the file: only so can a reader never see a revision before a lower one, and a job
            // that looks before it writes need not think of others. The level is said, because with another one the look
            // would be from before the wait.
            // The number is a name that only this program uses: "wayp".
            Self::Postgres(_) => {
                "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SELECT pg_advisory_xact_lock(2002876784); SAVEPOINT job"
            }
        }
    }

    /// Begins a transaction that sees everything as of one moment.
    pub(super) const fn begin_reading(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "BEGIN",
            Self::Postgres(_) => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        }
    }

    const fn when_reading(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "PRAGMA query_only = ON",
            Self::Postgres(_) => "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY; SET statement_timeout = '30s'",
        }
    }

    fn options(&self, writing: bool) -> Result<AnyConnectOptions, StoreError> {
        // Whoever comes first says which kinds there are; it is the same for everybody.
        static DRIVERS: Once = Once::new();
        DRIVERS.call_once(sqlx::any::install_default_drivers);
        let url = match self {
            Self::Sqlite(file) => {
                let file = percent_encode(file.as_os_str().as_encoded_bytes(), NON_ALPHANUMERIC);
                format!("sqlite://{file}?mode={}", if writing { "rwc" } else { "ro" })
            }
            Self::Postgres(url) => url.to_string(),
        };
        Ok(url.parse::<AnyConnectOptions>()?.disable_statement_logging())
    }
}

async fn listen(
    url: &Url,
    heard: &mut (impl FnMut() + Send),
    cases: &mut (impl FnMut() + Send),
) -> Result<(), sqlx::Error> {
    let mut listener = PgListener::connect(url.as_str()).await?;
    listener.listen_all(["waypost_rev", CASES]).await?;
    let mut told: Option<String> = None;
    loop {
        if told.as_deref() != Some(CASES) {
            heard();
        }
        if told.as_deref().is_none_or(|channel| channel == CASES) {
            cases();
        }
        // Nothing means that the connection was lost, and is made again by the next call.
        told = listener.try_recv().await?.map(|notice| notice.channel().to_owned());
    }
}

/// Where copies tell each other that the queue looks different.
pub(super) const CASES: &str = "waypost_cases";

impl FromStr for Database {
    type Err = NotADatabase;

    fn from_str(text: &str) -> Result<Self, NotADatabase> {
        if let Some(file) = text.strip_prefix("sqlite:") {
            let file = file.strip_prefix("//").unwrap_or(file);
            return if file.is_empty() { Err(NotADatabase) } else { Ok(Self::Sqlite(file.into())) };
        }
        let url: Url = text.parse().map_err(|_| NotADatabase)?;
        if matches!(url.scheme(), "postgres" | "postgresql") { Ok(Self::Postgres(url)) } else { Err(NotADatabase) }
    }
}

impl fmt::Display for Database {
    /// Without the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(file) => write!(f, "{}", file.display()),
            Self::Postgres(url) => {
                let host = url.host_str().unwrap_or_default();
                let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
                write!(f, "postgres://{host}{port}{}", url.path())
            }
        }
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Database({self})")
    }
}

/// A number or NULL, to be bound to a statement. Bound as an `Option`, the driver for any database would declare a missing
/// `f64` as an `f32` to PostgreSQL, which then takes every later number of that statement for one.
#[derive(Clone, Copy, Debug)]
pub(super) struct MaybeNumber(pub(super) Option<f64>);

impl sqlx::Type<sqlx::Any> for MaybeNumber {
    fn type_info() -> sqlx::any::AnyTypeInfo {
        <f64 as sqlx::Type<sqlx::Any>>::type_info()
    }
}

impl sqlx::Encode<'_, sqlx::Any> for MaybeNumber {
    fn encode_by_ref(&self, buffer: &mut <sqlx::Any as sqlx::Database>::ArgumentBuffer) -> Result<IsNull, BoxDynError> {
        match self.0 {
            Some(number) => sqlx::Encode::<sqlx::Any>::encode_by_ref(&number, buffer),
            // The driver declares this one as an `f64`.
            None => sqlx::Encode::<sqlx::Any>::encode_by_ref(&None::<f32>, buffer),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_is_named_by_its_scheme_and_its_password_is_never_shown() {
        assert_eq!("sqlite://data/x.db".parse(), Ok(Database::Sqlite("data/x.db".into())));
        assert_eq!("sqlite:/srv/a b.db".parse(), Ok(Database::Sqlite("/srv/a b.db".into())));
        let postgres: Database =
            "postgres://way:s3cret@db.example:5433/post?sslmode=require&password=s3cret".parse().unwrap();
        let shown = format!("{postgres} {postgres:?}");
        assert!(shown.contains("db.example:5433/post") && !shown.contains("s3cret"), "{shown}");
        for wrong in ["", "data", "mysql://x/y", "sqlite:", "sqlite://", "/srv/waypost.db"] {
            assert_eq!(wrong.parse::<Database>(), Err(NotADatabase), "{wrong}");
        }
    }

    #[test]
    fn the_folder_of_a_file_is_known_and_that_of_a_server_is_its_own_affair() {
        let folder = |url: &str| url.parse::<Database>().unwrap().folder();
        assert_eq!(folder("sqlite:///srv/waypost/x.db"), Some("/srv/waypost".into()));
        assert_eq!(folder("sqlite://x.db"), Some(".".into()));
        assert_eq!(folder("postgres://way@db/post"), None);
    }

    #[tokio::test]
    async fn what_is_acknowledged_is_synced_to_disk() {
        let data = tempfile::tempdir().unwrap();
        let mut conn = Database::in_dir(&data.path().join("a? b#%41")).connect_in_new_folder().await;
        let synchronous: i64 = sqlx::query_scalar("PRAGMA synchronous").fetch_one(&mut conn).await.unwrap();
        let journal: String = sqlx::query_scalar("PRAGMA journal_mode").fetch_one(&mut conn).await.unwrap();
        let foreign_keys: i64 = sqlx::query_scalar("PRAGMA foreign_keys").fetch_one(&mut conn).await.unwrap();
        // 2 is FULL.
        assert_eq!((synchronous, journal.as_str(), foreign_keys), (2, "wal", 1));
        assert!(data.path().join("a? b#%41").join(FILE).exists());
    }

    impl Database {
        async fn connect_in_new_folder(&self) -> Connection {
            drop(self.alone().await.unwrap());
            self.connect_writer().await.unwrap()
        }
    }
}

//! The database that a test's data directory stands for: a file in it; or, where `WAYPOST_TEST_POSTGRES` names a server
//! (`postgres://USER@HOST:PORT`, see `scripts/with-postgres`), one of its own there. Tests need not know which.

use std::collections::HashMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError};

use sqlx::{ConnectOptions, Connection, Executor};
use waypost_server::store::{self, Database, Store, StoreError};

use super::command::run;
use super::phone::sha256;

const SERVER: &str = "WAYPOST_TEST_POSTGRES";

/// The database of a data directory; an empty one is made where it has to be.
pub fn of(data: &Path) -> Database {
    url(data).map_or_else(|| Database::in_dir(data), |url| url.parse().expect("a database"))
}

/// Makes a command use the database of a data directory.
pub fn named(command: &mut Command, data: &Path) {
    if let Some(url) = url(data) {
        command.env("WAYPOST_DATABASE_URL", url);
    }
}

fn url(data: &Path) -> Option<String> {
    static MADE: Mutex<Option<HashMap<String, PathBuf>>> = Mutex::new(None);
    let server = std::env::var(SERVER).ok()?;
    let name = format!("test_{}", &sha256(data.as_os_str().as_encoded_bytes())[..24]);
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    let made = made.get_or_insert_default();
    if !made.contains_key(&name) {
        let mut sql = String::new();
        // Ten megabytes each: those of tests that have ended would fill a disk.
        for (gone, _) in made.extract_if(|_, folder| !folder.exists()) {
            writeln!(sql, "DROP DATABASE {gone} WITH (FORCE);").expect("a string takes it");
        }
        writeln!(sql, "CREATE DATABASE {name};").expect("a string takes it");
        ask(&server, &sql);
        made.insert(name.clone(), folder_of(data));
    }
    Some(format!("{server}/{name}"))
}

/// The temporary directory that a test's data are in, which goes with the test.
fn folder_of(data: &Path) -> PathBuf {
    let all = std::env::temp_dir();
    data.ancestors().find(|folder| folder.parent() == Some(&all)).unwrap_or(data).to_owned()
}

fn ask(server: &str, sql: &str) {
    let mut psql = Command::new("psql");
    psql.args(["--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1", &format!("--dbname={server}/postgres")]);
    let output = run(&mut psql, sql.as_bytes());
    assert_eq!(output.code, 0, "{}", output.err);
}

/// The database of a data directory, as the command line names it.
pub fn url_of(data: &Path) -> String {
    url(data).unwrap_or_else(|| file(data))
}

fn file(data: &Path) -> String {
    format!("sqlite://{}", data.join("waypost.db").display())
}

/// A connection of another program to the database of a data directory. A file is sound, or the test fails.
pub async fn connect(data: &Path) -> store::Connection {
    let mut conn = open(&url_of(data)).await;
    if conn.backend_name() == "SQLite" {
        let whole: String = sqlx::query_scalar("PRAGMA integrity_check").fetch_one(&mut conn).await.expect("checked");
        assert_eq!(whole, "ok");
    }
    conn
}

/// The same, to the file in it.
pub async fn connect_file(data: &Path) -> store::Connection {
    open(&file(data)).await
}

async fn open(url: &str) -> store::Connection {
    sqlx::any::install_default_drivers();
    let options: sqlx::any::AnyConnectOptions = url.parse().expect("a URL");
    options.connect().await.expect("it opens")
}

/// The names of all tables, in order.
pub async fn tables(conn: &mut store::Connection) -> Vec<String> {
    let all = match conn.backend_name() {
        "SQLite" => "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
        _ => "SELECT CAST(tablename AS TEXT) FROM pg_tables WHERE schemaname = 'public'",
    };
    let mut names: Vec<String> = sqlx::query_scalar(all).fetch_all(conn).await.expect("names");
    names.sort();
    names
}

/// Whether there is anything: a file, or a table.
pub async fn exists(data: &Path) -> bool {
    if url(data).is_none() {
        return data.join("waypost.db").exists();
    }
    !tables(&mut connect(data).await).await.is_empty()
}

/// Holds the right to write, as another program that is at it for long would, until it is given back.
pub async fn hold(data: &Path) -> Held {
    hold_writer(&Store::open(&of(data)).await.expect("it opens")).await
}

/// Keeps a store at one change until it is given back.
pub async fn hold_writer(store: &Store) -> Held {
    let (done, ended) = tokio::sync::oneshot::channel::<()>();
    let (begun, has_begun) = tokio::sync::oneshot::channel();
    let ends = Arc::new(Mutex::new(Some((begun, ended))));
    let holder = store.clone();
    let may_be_ended = matches!(store.database(), Database::Postgres(_));
    let holding = tokio::spawn(async move {
        loop {
            let ends = ends.clone();
            let job = holder.write(move |conn| {
                Box::pin(async move {
                    if may_be_ended {
                        // The server ends a change that does nothing for long.
                        conn.execute("SET LOCAL idle_in_transaction_session_timeout = 0").await?;
                    }
                    let taken = ends.lock().unwrap_or_else(PoisonError::into_inner).take();
                    let (begun, ended) = taken.expect("one change");
                    begun.send(()).expect("somebody waits");
                    // Given back when the other end goes away.
                    let _ = ended.await;
                    Ok(())
                })
            });
            match job.await {
                Err(StoreError::Busy) => tokio::task::yield_now().await,
                held => break held.expect("given back"),
            }
        }
    });
    has_begun.await.expect("it is held");
    Held { done, holding }
}

/// Somebody else writes.
pub struct Held {
    done: tokio::sync::oneshot::Sender<()>,
    holding: tokio::task::JoinHandle<()>,
}

impl Held {
    pub async fn give_back(self) {
        drop(self.done);
        self.holding.await.expect("it ends");
    }
}

/// Leaves (nearly) no room for more reports.
pub async fn fill_up(store: &Store) {
    let full = match store.database() {
        // As small as it already is.
        Database::Sqlite(_) => "PRAGMA max_page_count = 1",
        Database::Postgres(_) => {
            "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS
               $$ BEGIN RAISE EXCEPTION 'no room' USING ERRCODE = 'disk_full'; END $$;
             CREATE TRIGGER full_disk BEFORE INSERT ON report_events EXECUTE FUNCTION full_disk()"
        }
    };
    change(store, full).await;
}

/// There is room again.
pub async fn make_room(store: &Store) {
    let room = match store.database() {
        Database::Sqlite(_) => "PRAGMA max_page_count = 1000000",
        Database::Postgres(_) => "DROP TRIGGER full_disk ON report_events",
    };
    change(store, room).await;
}

async fn change(store: &Store, sql: &'static str) {
    let change = store.write(move |conn| {
        Box::pin(async move {
            conn.execute(sql).await?;
            Ok(())
        })
    });
    change.await.expect("changed");
}

/// Whether copies hear of each other's revisions.
pub fn tells_of_revisions(store: &Store) -> bool {
    matches!(store.database(), Database::Postgres(_))
}

/// Cuts every connection that a store has to its database, in whatever it is at; false where there is none to cut.
pub async fn cut_connections(store: &Store, data: &Path) -> bool {
    let Database::Postgres(_) = store.database() else { return false };
    let mut conn = connect(data).await;
    sqlx::query(
        "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity
         WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'",
    )
    .execute(&mut conn)
    .await
    .expect("they are cut");
    true
}

/// The ids of all stored reports, in order.
pub async fn report_ids(data: &Path) -> Vec<String> {
    let mut conn = connect(data).await;
    let ids = sqlx::query_scalar("SELECT id FROM reports ORDER BY id").fetch_all(&mut conn).await.expect("ids");
    conn.close().await.expect("closed");
    ids
}

//! The district in a data directory, looked at and changed without the command line.

use std::path::Path;

use waypost_app::domain::station::Station;
use waypost_app::wire::snapshot::Snapshot;
use waypost_server::clock::Clock;
use waypost_server::schedule::calendar::Calendar;
use waypost_server::snapshots::Snapshots;
use waypost_server::store::district::{self, Change, Kind};
use waypost_server::store::{Connection, Store};

use super::{TestServer, at, database};

/// What phones would get of a directory's district, on a day that never changes.
pub async fn snapshot(data: &Path) -> Snapshot {
    let store = Store::open(&database::of(data)).await.expect("a database");
    let clock = Clock::fixed(at("2026-11-24T12:00:00+08:00"));
    let snapshots = Snapshots::new(store.clone(), clock, Calendar::china().expect("a calendar"));
    let current = snapshots.current().await.expect("a snapshot");
    store.close().await;
    Snapshot::clone(&current)
}

/// What phones get of a server's district.
pub async fn of(server: &TestServer) -> Snapshot {
    serde_json::from_value(server.json("/api/v1/snapshot").await).expect("a snapshot")
}

/// Changes a station as staff do; with a rule, also its schedule.
pub async fn edit(data: &Path, slug: &'static str, how: fn(&mut Station, &mut Option<String>)) {
    let store = Store::open(&database::of(data)).await.expect("a database");
    let job = store.write(move |conn: &mut Connection| {
        Box::pin(async move {
            let content = district::load(conn).await?.expect("a district");
            let stations = content.stations.into_iter().map(|row| row.item);
            let mut station = stations.into_iter().find(|station| station.slug == slug).expect("the station");
            let mut rule = None;
            how(&mut station, &mut rule);
            let mut change = Change::begin(conn).await?;
            if let Some(rule) = rule {
                station.schedule = Some(change.rule(&rule).await?);
            }
            change.station(&station).await
        })
    });
    job.await.expect("changed");
    store.close().await;
}

/// Removes something as staff do.
pub async fn remove(data: &Path, kind: Kind, id: &'static str) {
    let store = Store::open(&database::of(data)).await.expect("a database");
    let job = store
        .write(move |conn: &mut Connection| Box::pin(async move { Change::begin(conn).await?.remove(kind, id).await }));
    assert!(job.await.expect("removed"));
    store.close().await;
}

/// Makes a database look as if the last change of its tables had not been made yet.
pub async fn forget_last_migration(data: &Path) {
    let store = Store::open(&database::of(data)).await.expect("a database");
    let job = store.write(move |conn: &mut Connection| {
        Box::pin(async move {
            let forget = "DELETE FROM _sqlx_migrations WHERE version = (SELECT MAX(version) FROM _sqlx_migrations)";
            sqlx::query(forget).execute(conn).await?;
            Ok(())
        })
    });
    job.await.expect("forgotten");
    store.close().await;
}

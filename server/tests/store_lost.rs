//! Connections to the database that break or fall silent, and what has been told before.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking, also in its helpers")]

use std::sync::Arc;
use std::time::Duration;

use crate::store::{names, open, put};
use crate::support::database;
use crate::support::wire::Wire;
use sqlx::Executor;
use tokio::sync::Notify;
use waypost_server::store::{Database, Store, StoreError};

#[tokio::test]
async fn what_is_being_written_when_a_connection_breaks_is_not_stored_and_the_next_change_is() {
    let (store, data) = open().await;
    for round in 0..3 {
        let (begun, gate) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (has_begun, job_gate, writer) = (begun.clone(), gate.clone(), store.clone());
        let broken = format!("broken {round}");
        let name = broken.clone();
        let writing = tokio::spawn(async move {
            writer
                .write(move |conn| {
                    Box::pin(async move {
                        put(conn, &name).await?;
                        has_begun.notify_one();
                        job_gate.notified().await;
                        Ok(())
                    })
                })
                .await
        });
        begun.notified().await;
        let cut = database::cut_connections(&store, data.path()).await;
        gate.notify_one();
        let answer = writing.await.expect("it ends");
        assert_eq!(answer.is_err(), cut, "{answer:?}");
        let next = format!("next {round}");
        store.write(move |conn| Box::pin(async move { put(conn, &next).await })).await.expect("stored");
        let again = Store::open(&database::of(data.path())).await.expect("another program opens it");
        let names = names(&again).await;
        assert_eq!(names.contains(&broken), !cut);
        assert!(names.contains(&format!("next {round}")));
    }
}

#[tokio::test]
async fn a_change_that_nothing_comes_back_from_is_given_up_and_the_next_one_is_stored() {
    let data = tempfile::tempdir().expect("a directory");
    // Between a program and its file there is no network that could fall silent.
    let Database::Postgres(mut url) = database::of(data.path()) else { return };
    let wire = Arc::new(Wire::to(url.socket_addrs(|| None).expect("an address")[0]).await.expect("a wire"));
    url.set_host(Some("127.0.0.1")).expect("a host");
    url.set_port(Some(wire.addr.port())).expect("a port");
    let patience = Some(Duration::from_secs(3));
    let store = Store::open_within(&Database::Postgres(url), 20, patience).await.expect("the store opens");
    store.write(|conn| Box::pin(put(conn, "before"))).await.expect("stored");

    let cut = wire.clone();
    let silent = store.write(move |conn| {
        Box::pin(async move {
            put(conn, "half").await?;
            cut.fall_silent();
            put(conn, "unheard").await
        })
    });
    let behind = store.write(|conn| Box::pin(put(conn, "behind")));
    let both = async { tokio::join!(silent, behind) };
    let (silent, behind) = tokio::time::timeout(Duration::from_secs(30), both).await.expect("they are answered");
    assert!(matches!(silent, Err(StoreError::Busy)), "{silent:?}");
    assert!(matches!(behind, Err(StoreError::Busy)), "it was to be committed with it: {behind:?}");
    // As the server itself does a while later.
    assert!(database::cut_connections(&store, data.path()).await);
    store.write(|conn| Box::pin(put(conn, "after"))).await.expect("stored over another connection");
    let mut conn = database::connect(data.path()).await;
    let names: Vec<String> = sqlx::query_scalar("SELECT name FROM meta WHERE name <> 'rev' ORDER BY name")
        .fetch_all(&mut conn)
        .await
        .expect("names");
    assert_eq!(names, ["after", "before"]);
}

#[tokio::test]
async fn what_is_acknowledged_is_synced_to_disk_whatever_the_database_does_for_others() {
    let (store, data) = open().await;
    let mut conn = database::connect(data.path()).await;
    // That of a file is looked at where its settings are made.
    let Database::Postgres(_) = store.database() else { return };
    conn.execute(
        "DO $$ BEGIN
           EXECUTE 'ALTER DATABASE ' || quote_ident(current_database()) || ' SET synchronous_commit = off';
         END $$",
    )
    .await
    .expect("altered");
    let store = Store::open(&database::of(data.path())).await.expect("it opens again");
    let synced = async || {
        let asked = store.write(|conn| {
            Box::pin(async move {
                let told: String = sqlx::query_scalar("SHOW synchronous_commit").fetch_one(conn).await?;
                Ok(told)
            })
        });
        asked.await
    };
    assert_eq!(synced().await.expect("an answer"), "on");
    assert!(database::cut_connections(&store, data.path()).await);
    assert!(synced().await.is_err());
    assert_eq!(synced().await.expect("an answer over another connection"), "on");
    let others: String = sqlx::query_scalar("SHOW synchronous_commit")
        .fetch_one(&mut database::connect(data.path()).await)
        .await
        .expect("an answer");
    assert_eq!(others, "off");
}

//! The writer's promises: all or nothing for each caller, nothing of one caller's failure for another, nothing
//! answered that is not kept.

#![expect(clippy::expect_used, reason = "a test fails by panicking, also in its helpers")]

use std::sync::Arc;

use futures::future::{join_all, poll_fn};
use futures::{FutureExt, poll};
use tokio::sync::Notify;
use waypost_server::store::{Connection, Store, StoreError, current_rev, next_rev};

async fn open() -> (Store, tempfile::TempDir) {
    let data = tempfile::tempdir().expect("a temporary directory");
    let store = Store::open(data.path()).await.expect("the store opens");
    (store, data)
}

async fn put(conn: &mut Connection, name: &str) -> Result<(), StoreError> {
    let row = sqlx::query("INSERT INTO meta (name, value) VALUES ($1, 1)").bind(name);
    row.execute(conn).await?;
    Ok(())
}

async fn names(store: &Store) -> Vec<String> {
    let names = sqlx::query_scalar("SELECT name FROM meta WHERE name <> 'rev' ORDER BY name");
    names.fetch_all(store.pool()).await.expect("names")
}

/// Occupies the writer until `gate` opens, so that what is queued meanwhile becomes one batch.
async fn occupy(store: &Store, gate: &Arc<Notify>) -> tokio::task::JoinHandle<Result<(), StoreError>> {
    let started = Arc::new(Notify::new());
    let (job_started, job_gate, writer) = (started.clone(), gate.clone(), store.clone());
    let occupied = tokio::spawn(async move {
        writer
            .write(move |_| {
                Box::pin(async move {
                    job_started.notify_one();
                    job_gate.notified().await;
                    Ok(())
                })
            })
            .await
    });
    started.notified().await;
    occupied
}

#[tokio::test]
async fn a_failing_job_takes_no_other_job_of_its_batch_with_it() {
    let (store, _data) = open().await;
    let gate = Arc::new(Notify::new());
    let occupied = occupy(&store, &gate).await;
    let mut before = store.write(|conn| Box::pin(put(conn, "before"))).boxed();
    let mut failing = store
        .write(|conn| {
            Box::pin(async move {
                put(conn, "half").await?;
                put(conn, "half").await
            })
        })
        .boxed();
    let mut panicking = store
        .write(|conn| {
            Box::pin(async move {
                put(conn, "panicked").await?;
                panic!("a fault in a job");
            })
        })
        .map(|outcome: Result<(), _>| outcome)
        .boxed();
    let mut after = store.write(|conn| Box::pin(put(conn, "after"))).boxed();
    for queued in [&mut before, &mut failing, &mut panicking, &mut after] {
        assert!(poll!(queued).is_pending());
    }
    gate.notify_one();

    occupied.await.expect("joins").expect("the first job commits");
    before.await.expect("stored");
    assert!(matches!(failing.await, Err(StoreError::Database(_))));
    assert!(matches!(panicking.await, Err(StoreError::Panicked)));
    after.await.expect("stored");
    assert_eq!(names(&store).await, ["after", "before"]);
}

#[tokio::test]
async fn when_the_commit_fails_every_caller_is_told_and_nothing_is_stored() {
    let (store, _data) = open().await;
    let gate = Arc::new(Notify::new());
    let occupied = occupy(&store, &gate).await;
    let mut innocent = store.write(|conn| Box::pin(put(conn, "innocent"))).boxed();
    // A foreign key that is only checked at the commit, and fails there.
    let mut orphan = store
        .write(|conn| {
            Box::pin(async move {
                sqlx::query("PRAGMA defer_foreign_keys = ON").execute(&mut *conn).await?;
                let orphan = "INSERT INTO photo_devices (photo, device) VALUES ('nothing', 'nobody')";
                sqlx::query(orphan).execute(conn).await?;
                Ok(())
            })
        })
        .boxed();
    assert!(poll!(&mut innocent).is_pending());
    assert!(poll!(&mut orphan).is_pending());
    gate.notify_one();

    occupied.await.expect("joins").expect("it was alone in its batch");
    assert!(innocent.await.is_err());
    assert!(orphan.await.is_err());
    assert!(names(&store).await.is_empty());
    store.write(|conn| Box::pin(put(conn, "later"))).await.expect("the writer recovers");
    assert_eq!(names(&store).await, ["later"]);
}

#[tokio::test]
async fn a_caller_who_stops_waiting_harms_nobody() {
    let (store, _data) = open().await;
    let gate = Arc::new(Notify::new());
    let occupied = occupy(&store, &gate).await;
    let mut abandoned = store.write(|conn| Box::pin(put(conn, "abandoned"))).boxed();
    let mut patient = store.write(|conn| Box::pin(put(conn, "patient"))).boxed();
    assert!(poll!(&mut abandoned).is_pending());
    assert!(poll!(&mut patient).is_pending());
    drop(abandoned);
    occupied.abort();
    gate.notify_one();

    patient.await.expect("stored");
    assert_eq!(names(&store).await, ["abandoned", "patient"]);
}

#[tokio::test]
async fn beyond_what_the_queue_holds_callers_are_told_to_come_later_and_everybody_else_is_served() {
    let data = tempfile::tempdir().expect("a directory");
    let store = Store::open_with(data.path(), 20).await.expect("the store opens");
    let gate = Arc::new(Notify::new());
    let occupied = occupy(&store, &gate).await;
    let mut writes: Vec<_> = (0..50)
        .map(|i| {
            let name = format!("{i:02}");
            store.write(move |conn| Box::pin(async move { put(conn, &name).await })).boxed()
        })
        .collect();
    let mut refused = 0;
    let mut waiting = Vec::new();
    for mut write in writes.drain(..) {
        match futures::poll!(&mut write) {
            std::task::Poll::Ready(answer) => {
                assert!(matches!(answer, Err(StoreError::Busy)), "{answer:?}");
                refused += 1;
            }
            std::task::Poll::Pending => waiting.push(write),
        }
    }
    assert_eq!((refused, waiting.len()), (30, 20));
    gate.notify_one();
    occupied.await.expect("it ends").expect("stored");
    for written in join_all(waiting).await {
        written.expect("stored");
    }
    store.write(|conn| Box::pin(put(conn, "later"))).await.expect("there is room again");
}

#[tokio::test]
async fn closing_finishes_what_is_queued_and_refuses_what_comes_later() {
    let (store, data) = open().await;
    let gate = Arc::new(Notify::new());
    let occupied = occupy(&store, &gate).await;
    let mut queued = store.write(|conn| Box::pin(put(conn, "queued"))).boxed();
    assert!(poll!(&mut queued).is_pending());
    let mut closing = store.close().boxed();
    // The writer is still at its first job, so closing cannot be over.
    poll_fn(|cx| {
        assert!(closing.poll_unpin(cx).is_pending());
        std::task::Poll::Ready(())
    })
    .await;
    gate.notify_one();
    closing.await;

    occupied.await.expect("joins").expect("committed");
    queued.await.expect("committed");
    let late = store.write(|conn| Box::pin(put(conn, "late"))).await;
    assert!(matches!(late, Err(StoreError::Closed)));

    let again = Store::open(data.path()).await.expect("it opens again");
    assert_eq!(names(&again).await, ["queued"]);
}

#[tokio::test]
async fn readers_cannot_write() {
    let (store, _data) = open().await;
    let refused = sqlx::query("INSERT INTO meta (name, value) VALUES ('x', 1)").execute(store.pool()).await;
    assert!(refused.is_err());
}

#[tokio::test]
async fn acknowledged_writes_are_synced_to_disk() {
    let (store, _data) = open().await;
    let pragmas = store.write(|conn| {
        Box::pin(async move {
            let synchronous: i64 = sqlx::query_scalar("PRAGMA synchronous").fetch_one(&mut *conn).await?;
            let journal: String = sqlx::query_scalar("PRAGMA journal_mode").fetch_one(&mut *conn).await?;
            let foreign_keys: i64 = sqlx::query_scalar("PRAGMA foreign_keys").fetch_one(conn).await?;
            Ok((synchronous, journal, foreign_keys))
        })
    });
    // 2 is FULL.
    assert_eq!(pragmas.await.expect("pragmas"), (2, "wal".to_owned(), 1));
}

#[tokio::test]
async fn revisions_count_up_and_an_undone_change_uses_none() {
    let (store, _data) = open().await;
    let mut reader = store.pool().acquire().await.expect("a reader");
    let before = current_rev(&mut reader).await.expect("a revision");
    let first = store.write(|conn| Box::pin(next_rev(conn))).await.expect("a revision");
    let undone = store.write(|conn| {
        Box::pin(async move {
            next_rev(conn).await?;
            Err::<(), _>(StoreError::Unreadable("test"))
        })
    });
    assert!(undone.await.is_err());
    let second = store.write(|conn| Box::pin(next_rev(conn))).await.expect("a revision");
    assert_eq!((first, second), (before + 1, before + 2));
    assert_eq!(current_rev(&mut reader).await.expect("a revision"), second);
}

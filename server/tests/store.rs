//! The writer's promises: all or nothing for each caller, nothing of one caller's failure for another, nothing
//! answered that is not kept.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking, also in its helpers")]

use std::sync::Arc;

use crate::support::database;
use futures::future::{join_all, poll_fn};
use futures::{FutureExt, poll};
use tokio::sync::Notify;
use waypost_server::store::{Connection, Store, StoreError, current_rev, jobs, next_rev};

pub(crate) async fn open() -> (Store, tempfile::TempDir) {
    let data = tempfile::tempdir().expect("a temporary directory");
    let store = Store::open(&database::of(data.path())).await.expect("the store opens");
    (store, data)
}

pub(crate) async fn put(conn: &mut Connection, name: &str) -> Result<(), StoreError> {
    let row = sqlx::query("INSERT INTO meta (name, value) VALUES ($1, 1)").bind(name);
    row.execute(conn).await?;
    Ok(())
}

pub(crate) async fn names(store: &Store) -> Vec<String> {
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
                let late = "CREATE TABLE late (name TEXT REFERENCES meta (name) DEFERRABLE INITIALLY DEFERRED)";
                sqlx::query(late).execute(&mut *conn).await?;
                sqlx::query("INSERT INTO late (name) VALUES ('nobody')").execute(conn).await?;
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
    let store = Store::open_with(&database::of(data.path()), 20).await.expect("the store opens");
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

    let again = Store::open(&database::of(data.path())).await.expect("it opens again");
    assert_eq!(names(&again).await, ["queued"]);
}

#[tokio::test]
async fn readers_cannot_write() {
    let (store, _data) = open().await;
    let refused = sqlx::query("INSERT INTO meta (name, value) VALUES ('x', 1)").execute(store.pool()).await;
    assert!(refused.is_err());
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

#[tokio::test]
async fn a_reader_never_sees_a_revision_before_a_lower_one_of_another_program() {
    let (slow, data) = open().await;
    let fast = Store::open(&database::of(data.path())).await.expect("another program opens it");
    let mut reader = slow.pool().acquire().await.expect("a reader");
    let before = current_rev(&mut reader).await.expect("a revision");
    let (taken, gate) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (has_taken, job_gate, writer) = (taken.clone(), gate.clone(), slow.clone());
    let lower = tokio::spawn(async move {
        writer
            .write(move |conn| {
                Box::pin(async move {
                    let rev = next_rev(conn).await?;
                    has_taken.notify_one();
                    // Neither committed nor undone: this is where the other one could overtake.
                    job_gate.notified().await;
                    Ok(rev)
                })
            })
            .await
    });
    taken.notified().await;
    let higher = tokio::spawn(async move { fast.write(|conn| Box::pin(next_rev(conn))).await });
    for _ in 0..50 {
        assert_eq!(current_rev(&mut reader).await.expect("a revision"), before, "overtaken");
        assert!(!higher.is_finished());
        tokio::task::yield_now().await;
    }
    gate.notify_one();
    let lower = lower.await.expect("it ends").expect("stored");
    let higher = higher.await.expect("it ends").expect("stored");
    assert_eq!((lower, higher), (before + 1, before + 2));
    assert_eq!(current_rev(&mut reader).await.expect("a revision"), higher);
}

#[tokio::test]
async fn a_copy_hears_of_a_revision_that_another_has_made_without_asking() {
    let (first, data) = open().await;
    let second = Store::open(&database::of(data.path())).await.expect("another program opens it");
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    let listening = second.clone();
    let listener =
        tokio::spawn(async move { listening.follow(move || tell.send(()).expect("it is waited for")).await });
    if !database::tells_of_revisions(&first) {
        // Nobody can tell, and nobody says that somebody did.
        first.write(|conn| Box::pin(next_rev(conn))).await.expect("stored");
        assert!(told.try_recv().is_err() && !listener.is_finished());
        return;
    }
    told.recv().await.expect("that it listens from now on");
    for _ in 0..2 {
        first.write(|conn| Box::pin(next_rev(conn))).await.expect("stored");
        told.recv().await.expect("a revision");
        // What is no revision is nobody's news.
        first.write(|conn| Box::pin(jobs::take(conn, "quiet", 0, 1))).await.expect("stored");
        assert!(told.try_recv().is_err());
    }
    assert!(database::cut_connections(&second, data.path()).await);
    told.recv().await.expect("that something may have been missed");
}

#[tokio::test]
async fn a_job_that_hides_an_error_of_the_database_is_never_taken_for_stored() {
    let (store, _data) = open().await;
    let hiding = store.write(|conn| {
        Box::pin(async move {
            put(conn, "once").await?;
            // The second is refused, and the job goes on as if nothing were.
            drop(put(conn, "once").await);
            Ok(())
        })
    });
    let told = hiding.await;
    let stored = names(&store).await;
    assert!(told.is_err() || stored == ["once"], "{told:?} {stored:?}");
}

#[tokio::test]
async fn a_moment_does_not_move_while_others_write() {
    let (store, _data) = open().await;
    let mut moment = store.moment().await.expect("a moment");
    let before = current_rev(&mut moment).await.expect("a revision");
    store.write(|conn| Box::pin(next_rev(conn))).await.expect("stored");
    assert_eq!(current_rev(&mut moment).await.expect("a revision"), before);
    drop(moment);
    let mut later = store.moment().await.expect("a moment");
    assert_eq!(current_rev(&mut later).await.expect("a revision"), before + 1);
}

async fn take(copy: &Store, job: &'static str, now_ms: i64) -> bool {
    let take = copy.write(move |conn| Box::pin(jobs::take(conn, job, now_ms, 1_000)));
    take.await.expect("an answer")
}

#[tokio::test]
async fn of_several_copies_one_takes_a_job_each_time_it_is_due() {
    let (one, data) = open().await;
    let other = Store::open(&database::of(data.path())).await.expect("another copy opens it");
    let at_once = join_all((0..10).map(|at| take(if at % 2 == 0 { &one } else { &other }, "sweep", 5_000))).await;
    assert_eq!(at_once.iter().filter(|taken| **taken).count(), 1, "{at_once:?}");
    assert!(take(&other, "another", 5_000).await);
    assert!(!take(&one, "sweep", 5_999).await);
    assert!(take(&other, "sweep", 6_000).await && !take(&one, "sweep", 6_999).await);
}

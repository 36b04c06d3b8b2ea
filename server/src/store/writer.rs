//! One connection that writes, owned by one task, with group commit.
//!
//! Syncing the disk costs far more than the rows of a report. So while one commit is being synced, new jobs queue up,
//! and the next transaction takes all of them; each runs inside a SAVEPOINT of its own, and nobody is answered before
//! the commit they are part of.

use std::collections::VecDeque;
use std::fmt;
use std::ops::Range;
use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};

use futures::FutureExt;
use futures::future::BoxFuture;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use sqlx::Connection as _;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::reports::{self, Inserted, Submission};
use super::{Connection, Database, StoreError};

/// Longest wait for the database to connect, to begin, and to sync its disk.
const PATIENCE: Duration = Duration::from_secs(30);
/// Most jobs in one transaction: keeps the first caller's wait short under load.
const BATCH: usize = 256;

/// A handle to the writing task; cheap to clone. The task also ends when the last handle is gone.
#[derive(Clone)]
pub(super) struct Writer {
    queue: mpsc::Sender<Job>,
    stop: CancellationToken,
    task: TaskTracker,
    /// Jobs in each batch, and the seconds it took.
    pulse: [Histogram; 2],
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer").field("free", &self.queue.capacity()).finish_non_exhaustive()
    }
}

impl Writer {
    /// Takes over an open connection; to `database` it is opened again should it ever break. `queue` jobs may wait, and each
    /// may take until `patience` ends; `None`: as long as it takes.
    pub(super) fn start(database: Database, connection: Connection, queue: usize, patience: Option<Duration>) -> Self {
        let (queue, jobs) = mpsc::channel(queue.max(1));
        let stop = CancellationToken::new();
        let task = TaskTracker::new();
        let sizes = exponential_buckets(1.0, 2.0, 9);
        let pulse = [Histogram::new(sizes), Histogram::new(exponential_buckets(0.000_5, 2.0, 16))];
        task.spawn(run(database, connection, patience, jobs, stop.clone(), pulse.clone()));
        task.close();
        Self { queue, stop, task, pulse }
    }

    /// Jobs that wait, and how many may.
    pub(super) fn waiting(&self) -> (usize, usize) {
        let most = self.queue.max_capacity();
        (most - self.queue.capacity(), most)
    }

    pub(super) fn pulse(&self) -> [Histogram; 2] {
        self.pulse.clone()
    }

    pub(super) async fn write<T, F>(&self, job: F) -> Result<T, StoreError>
    where
        F: for<'c> FnOnce(&'c mut Connection) -> BoxFuture<'c, Result<T, StoreError>> + Send + 'static,
        T: Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let pending = Pending { job: Some(job), outcome: None, answer };
        self.queue(Job::Other(Box::new(pending)))?;
        answered.await.map_err(|_| StoreError::Closed)?
    }

    /// Stores a report together with others that wait.
    pub(super) async fn insert(&self, report: Submission) -> Result<Inserted, StoreError> {
        let (answer, answered) = oneshot::channel();
        self.queue(Job::Report(Box::new(Incoming { report, outcome: None, answer })))?;
        answered.await.map_err(|_| StoreError::Closed)?
    }

    fn queue(&self, job: Job) -> Result<(), StoreError> {
        // Whoever waited here would hold its request in memory, without an end under overload.
        self.queue.try_send(job).map_err(|refused| match refused {
            TrySendError::Full(_) => StoreError::Busy,
            TrySendError::Closed(_) => StoreError::Closed,
        })
    }

    /// Lets what is queued finish, then closes the connection.
    pub(super) async fn close(&self) {
        self.stop.cancel();
        self.task.wait().await;
    }
}

/// What waits to be written.
enum Job {
    Report(Box<Incoming>),
    Other(Box<dyn Queued>),
}

struct Incoming {
    report: Submission,
    outcome: Outcome<Inserted>,
    answer: oneshot::Sender<Result<Inserted, StoreError>>,
}

/// What a job came to; `None` until it has come to its end.
type Outcome<T> = Option<Result<T, StoreError>>;

/// What the caller hears: what the job came to, unless the commit it was part of failed.
fn told<T>(outcome: Outcome<T>, committed: &Result<(), StoreError>) -> Result<T, StoreError> {
    match (outcome, committed) {
        (Some(Err(error)), _) => Err(error),
        (_, Err(error)) => Err(error.clone()),
        (Some(Ok(value)), Ok(())) => Ok(value),
        (None, Ok(())) => Err(StoreError::Closed),
    }
}

/// Everything of one transaction.
#[derive(Default)]
struct Batch {
    reports: Vec<Incoming>,
    others: Vec<Box<dyn Queued>>,
}

/// What is undone as one if it fails: some of a batch's reports, or one other job.
enum Step {
    Reports(Range<usize>),
    Other(usize),
}

impl Batch {
    fn fill(&mut self, jobs: &mut Vec<Job>) {
        for job in jobs.drain(..) {
            match job {
                Job::Report(report) => self.reports.push(*report),
                Job::Other(job) => self.others.push(job),
            }
        }
    }

    /// Nobody who has sent one of them knows yet that it came before another, so their order is ours.
    fn steps(&self, together: usize) -> VecDeque<Step> {
        let mut first = 0;
        let mut steps = VecDeque::new();
        for size in reports::together(self.reports.iter().map(|incoming| &incoming.report), together) {
            steps.push_back(Step::Reports(first..first + size));
            first += size;
        }
        steps.extend((0..self.others.len()).map(Step::Other));
        steps
    }

    /// False if what the step did must be undone.
    async fn run(&mut self, step: &Step, conn: &mut Connection) -> bool {
        match step {
            Step::Other(nth) => self.others[*nth].run(conn).await,
            Step::Reports(some) => {
                let some = &mut self.reports[some.clone()];
                let reports: Vec<_> = some.iter().map(|incoming| &incoming.report).collect();
                let caught = AssertUnwindSafe(reports::insert_all(conn, &reports)).catch_unwind().await;
                let answers = caught.unwrap_or(Err(StoreError::Panicked));
                let stored = answers.is_ok();
                match answers {
                    Ok(answers) => {
                        for (incoming, answer) in some.iter_mut().zip(answers) {
                            incoming.outcome = Some(Ok(answer));
                        }
                    }
                    Err(error) => {
                        for incoming in some.iter_mut() {
                            incoming.outcome = Some(Err(error.clone()));
                        }
                    }
                }
                stored
            }
        }
    }

    fn settle(&mut self, committed: &Result<(), StoreError>) {
        for Incoming { outcome, answer, .. } in self.reports.drain(..) {
            // A caller who stopped waiting has no use for the answer.
            drop(answer.send(told(outcome, committed)));
        }
        for job in self.others.drain(..) {
            job.settle(committed);
        }
    }
}

/// A job with the types of its closure and answer erased.
trait Queued: Send {
    /// Runs the job once and keeps its outcome; false if what it did must be undone.
    fn run<'c>(&'c mut self, conn: &'c mut Connection) -> BoxFuture<'c, bool>;
    /// Tells the caller; see [`told`].
    fn settle(self: Box<Self>, committed: &Result<(), StoreError>);
}

struct Pending<F, T> {
    job: Option<F>,
    outcome: Outcome<T>,
    answer: oneshot::Sender<Result<T, StoreError>>,
}

impl<F, T> Queued for Pending<F, T>
where
    F: for<'c> FnOnce(&'c mut Connection) -> BoxFuture<'c, Result<T, StoreError>> + Send,
    T: Send,
{
    fn run<'c>(&'c mut self, conn: &'c mut Connection) -> BoxFuture<'c, bool> {
        Box::pin(async move {
            if let Some(job) = self.job.take() {
                let caught = AssertUnwindSafe(async move { job(conn).await }).catch_unwind().await;
                self.outcome = Some(caught.unwrap_or(Err(StoreError::Panicked)));
            }
            matches!(self.outcome, Some(Ok(_)))
        })
    }

    fn settle(self: Box<Self>, committed: &Result<(), StoreError>) {
        // A caller who stopped waiting has no use for the answer.
        drop(self.answer.send(told(self.outcome, committed)));
    }
}

async fn run(
    database: Database,
    connection: Connection,
    patience: Option<Duration>,
    mut jobs: mpsc::Receiver<Job>,
    stop: CancellationToken,
    pulse: [Histogram; 2],
) {
    let mut connection = Some(connection);
    let mut received = Vec::with_capacity(BATCH);
    let mut batch = Batch::default();
    loop {
        let taken = tokio::select! {
            () = stop.cancelled(), if !jobs.is_closed() => {
                // What was queued before is still received.
                jobs.close();
                continue;
            }
            taken = jobs.recv_many(&mut received, BATCH) => taken,
        };
        if taken == 0 {
            break;
        }
        batch.fill(&mut received);
        let begun = Instant::now();
        let committed = match commit(&database, connection.take(), patience, &mut batch).await {
            Ok(open) => {
                connection = Some(open);
                Ok(())
            }
            // The connection is gone with the failed transaction: it may or may not have been rolled back already, and
            // closing settles that.
            Err(error) => {
                tracing::error!(%error, jobs = taken, "a batch of writes was not committed");
                Err(error)
            }
        };
        pulse[0].observe(taken as f64);
        pulse[1].observe(begun.elapsed().as_secs_f64());
        batch.settle(&committed);
    }
    if let Some(connection) = connection
        && let Err(error) = connection.close().await
    {
        tracing::error!(%error, "the database did not close cleanly");
    }
}

/// Runs a batch in one transaction and gives the connection back if it can be used again.
async fn commit(
    database: &Database,
    connection: Option<Connection>,
    patience: Option<Duration>,
    batch: &mut Batch,
) -> Result<Connection, StoreError> {
    let mut conn = match connection {
        Some(connection) => connection,
        None => in_time(database.connect_writer()).await?,
    };
    // Each call costs as much as storing a row, so what follows on another goes with it.
    let mut next = database.begin_writing();
    let mut end = "COMMIT";
    let mut steps = batch.steps(database.most_together());
    while let Some(step) = steps.pop_front() {
        in_time(database.run(&mut conn, next)).await?;
        // Where it is broken off, the connection goes with it: nobody knows what still comes back on it.
        (next, end) = if within(patience, batch.run(&step, &mut conn)).await? {
            // Released also before the commit: where a job has hidden an error of the database, PostgreSQL would answer the
            // commit by rolling everything back, and call that done.
            ("RELEASE job; SAVEPOINT job", "RELEASE job; COMMIT")
        } else {
            // One of several was in the way of the others: each is tried by itself.
            if let Step::Reports(several) = &step
                && several.len() > 1
            {
                several.clone().rev().for_each(|one| steps.push_front(Step::Reports(one..one + 1)));
            }
            // The savepoint outlives it.
            ("ROLLBACK TO job; RELEASE job; SAVEPOINT job", "ROLLBACK TO job; COMMIT")
        };
    }
    in_time(database.run(&mut conn, end)).await?;
    Ok(conn)
}

/// A connection that has died without a word would otherwise be waited for until the system gives it up, and everybody
/// behind it.
async fn in_time<T>(answer: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
    within(Some(PATIENCE), answer).await?
}

/// What comes within a time; without one, whenever it comes.
async fn within<T>(most: Option<Duration>, what: impl Future<Output = T>) -> Result<T, StoreError> {
    match most {
        Some(most) => tokio::time::timeout(most, what).await.map_err(|_| StoreError::Busy),
        None => Ok(what.await),
    }
}

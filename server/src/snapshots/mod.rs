//! The snapshot service: the district evaluated for the coming weeks, kept ready in memory.
//!
//! One view is valid for one revision on one local day. Asking for it costs nothing while it is fresh; at most once a
//! second the database is asked whether the revision is still the same (another program may have written; where the
//! database tells of it, at once), and once a minute the same content gets a new `generated_at`. On a new local day, and after rules, exceptions or
//! the calendar have changed, the first to ask moves the revision on (`store::effective::settle`).

mod nearest;
mod view;

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use anyhow::Context;
use tokio::sync::Mutex;
use waypost_app::domain::time::{CHINA, Day};
use waypost_app::wire::snapshot::Snapshot;

use crate::clock::Clock;
use crate::schedule;
use crate::schedule::calendar::Calendar;
use crate::store::effective::{self, Effect};
use crate::store::{Connection, Store, StoreError, calendar, district, reports, verifications};

pub(crate) use nearest::nearest;
use view::Ground;
pub use view::View;

/// How long a view is trusted before the database is asked for its revision again.
const TRUSTED: Duration = Duration::from_secs(1);

/// How long until moving to a new day is tried again after that could not be written.
const RETRY: Duration = Duration::from_secs(30);

/// How often the district may change while it is being read before that is given up.
const SETTLING: usize = 10;

/// Serves snapshots; cheap to clone.
#[derive(Clone)]
pub struct Snapshots(Arc<Inner>);

struct Inner {
    store: Store,
    clock: Clock,
    /// The calendar that is built in; the database adds to it.
    built_in: Calendar,
    current: RwLock<Option<Kept>>,
    /// Somebody has changed the district.
    changed: AtomicBool,
    /// One rebuild at a time; the others wait for it. Holds the day for which the operator has been warned.
    rebuilding: Mutex<Option<Day>>,
}

#[derive(Clone)]
struct Kept {
    view: Arc<View>,
    checked: Instant,
}

impl fmt::Debug for Snapshots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Snapshots").field("rev", &self.kept().map(|kept| kept.view.snapshot().rev)).finish()
    }
}

impl Snapshots {
    /// Over a store whose district has been founded, and a calendar to which the store adds.
    pub fn new(store: Store, clock: Clock, built_in: Calendar) -> Self {
        Self(Arc::new(Inner {
            store,
            clock,
            built_in,
            current: RwLock::new(None),
            changed: AtomicBool::new(false),
            rebuilding: Mutex::new(None),
        }))
    }

    /// The whole district as phones get it now.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn current(&self) -> anyhow::Result<Arc<Snapshot>> {
        Ok(self.view().await?.snapshot().clone())
    }

    /// The calendar that rules are evaluated in, as it is stored now.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn calendar(&self) -> anyhow::Result<Arc<Calendar>> {
        Ok(self.view().await?.calendar().clone())
    }

    /// Says that the district was changed, so that the next to ask gets the change.
    pub fn changed(&self) {
        self.0.changed.store(true, Ordering::SeqCst);
    }

    /// The current snapshot with its encodings and the revisions of its parts.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn view(&self) -> anyhow::Result<Arc<View>> {
        if let Some(view) = self.fresh() {
            return Ok(view);
        }
        let mut warned_on = self.0.rebuilding.lock().await;
        if let Some(view) = self.fresh() {
            return Ok(view);
        }
        // Cleared before reading: a change during the read is seen by the next to ask.
        self.0.changed.store(false, Ordering::SeqCst);
        let view = self.rebuilt().await?;
        warn_once_a_day(&view, &mut warned_on);
        let kept = Kept { view: view.clone(), checked: Instant::now() };
        *self.0.current.write().unwrap_or_else(PoisonError::into_inner) = Some(kept);
        Ok(view)
    }

    /// The revision that is shown, and how long ago the database was asked whether it is the latest.
    pub(crate) fn standing(&self) -> Option<(i64, Duration)> {
        self.kept().map(|kept| (kept.view.snapshot().rev, kept.checked.elapsed()))
    }

    fn kept(&self) -> Option<Kept> {
        self.0.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn fresh(&self) -> Option<Arc<View>> {
        let kept = self.kept()?;
        let fresh = kept.view.snapshot().generated_at_min == self.0.clock.minute()
            && kept.checked.elapsed() < if kept.view.is_settled() { TRUSTED } else { RETRY }
            && !self.0.changed.load(Ordering::SeqCst);
        fresh.then_some(kept.view)
    }

    async fn rebuilt(&self) -> anyhow::Result<Arc<View>> {
        let now = self.0.clock.minute();
        let today = CHINA.day(now);
        let head = self.head().await?;
        if let Some(kept) = self.kept()
            && kept.view.is_for(&head, today)
        {
            let same_minute = kept.view.snapshot().generated_at_min == now;
            return Ok(if same_minute { kept.view } else { Arc::new(kept.view.at(now)?) });
        }
        let ground = self.settled(today).await?;
        // Evaluating thousands of rules takes milliseconds: not on a thread that answers requests.
        let view = tokio::task::spawn_blocking(move || View::build(ground, now)).await;
        Ok(Arc::new(view.context("the snapshot could not be built")??))
    }

    /// What a view is built on, after making sure that phones hear of a new day, another calendar and other exceptions.
    /// Where that cannot be written now (a full disk, a long backup), what can be read is right all the same: phones that
    /// ask for everything get it, the others when the next to ask could write it.
    async fn settled(&self, today: Day) -> anyhow::Result<Ground> {
        for _ in 0..SETTLING {
            let ground = self.read().await?;
            let fingerprint = schedule::fingerprint(&ground.calendar);
            if ground.content.head.is_at(today, &fingerprint) && ground.effect.is_settled(today) {
                return Ok(ground);
            }
            let moved = self.0.store.write(move |conn: &mut Connection| {
                Box::pin(async move { effective::settle(conn, today, &fingerprint).await })
            });
            if let Err(error) = moved.await {
                tracing::error!(%error, "the district could not be moved to a new day; it is shown as it is");
                return Ok(Ground { settled: false, ..ground });
            }
        }
        anyhow::bail!("the district changes faster than it can be read")
    }

    async fn head(&self) -> anyhow::Result<district::Head> {
        let mut conn = self.0.store.pool().acquire().await?;
        district::head(&mut conn).await?.context("the database holds no district")
    }

    async fn read(&self) -> anyhow::Result<Ground> {
        // So that all tables are of one moment.
        let mut transaction = self.0.store.moment().await?;
        let mut content = district::load(&mut transaction).await?;
        if let Some(content) = &mut content {
            verifications::apply(&mut transaction, &mut content.stations).await?;
        }
        let open_reports = reports::open(&mut transaction).await?;
        let effect = Effect::load(&mut transaction).await?;
        let years = calendar::years(&mut transaction).await?;
        transaction.rollback().await?;
        let calendar = self.0.built_in.with_years(years.into_iter().map(|row| row.item))?;
        Ok(Ground {
            content: content.context("the database holds no district")?,
            open_reports,
            effect,
            calendar: Arc::new(calendar),
            settled: true,
        })
    }
}

/// Tells the operator, on each day once, what needs attention.
fn warn_once_a_day(view: &View, warned_on: &mut Option<Day>) {
    let today = CHINA.day(view.snapshot().generated_at_min);
    if view.warnings().is_empty() || *warned_on == Some(today) {
        return;
    }
    *warned_on = Some(today);
    for warning in view.warnings() {
        tracing::warn!("{warning}");
    }
}

/// Makes the district in a new database, with the sample where one is given. A database that has a district is left
/// alone.
///
/// # Errors
/// Those of the store.
pub async fn found(
    store: &Store,
    today: Day,
    calendar: &Calendar,
    sample: Option<crate::sample::Sample>,
) -> Result<(), StoreError> {
    let fingerprint = schedule::fingerprint(calendar);
    store
        .write(move |conn: &mut Connection| {
            Box::pin(async move {
                if district::found(conn, today, &fingerprint).await?
                    && let Some(sample) = sample
                {
                    sample.load(conn).await?;
                }
                Ok(())
            })
        })
        .await
}

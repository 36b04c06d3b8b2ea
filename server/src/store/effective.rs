//! Which schedule is in effect for whom, and what phones were last told of it.
//!
//! What is in effect follows from rules, exceptions and the day, so it is computed, not kept. But a phone that asks for
//! changes must hear whose schedule is another than before, and which schedules nobody keeps any more; so what was last
//! told is kept, with the revision of each change, and [`settle`] brings it up to date.

use std::collections::{BTreeSet, HashMap};

use waypost_app::domain::ids::ScheduleId;
use waypost_app::domain::time::{CHINA, Day};

use super::district::{self, Row, bury, unbury};
use super::{Connection, StoreError, exceptions, next_rev};
use crate::schedule::exceptions::Days;
use crate::schedule::horizon;
use crate::schedule::timetable::{Keeper, Timetable};

/// What phones were last told.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// Of each keeper whose schedule has ever been another than its rule's.
    pub keepers: HashMap<String, Row<Option<ScheduleId>>>,
    /// The revision at which each schedule came.
    pub schedules: HashMap<ScheduleId, i64>,
}

/// What is in effect, and what phones know of it.
#[derive(Clone, Debug, Default)]
pub struct Effect {
    pub timetable: Timetable,
    pub told: Told,
}

/// What phones have to be told.
#[derive(Debug, Default)]
struct Difference {
    keepers: Vec<(String, Option<ScheduleId>)>,
    new: Vec<ScheduleId>,
    unused: Vec<ScheduleId>,
}

impl Difference {
    fn is_none(&self) -> bool {
        self.keepers.is_empty() && self.new.is_empty() && self.unused.is_empty()
    }
}

impl Effect {
    /// As of one moment: call it inside a transaction.
    ///
    /// # Errors
    /// Those of the database; [`StoreError::Unreadable`] if a row is damaged.
    pub async fn load(conn: &mut Connection) -> Result<Self, StoreError> {
        let keepers: Vec<(String, Option<String>, Option<String>)> = sqlx::query_as(
            "SELECT id, schedule, NULL AS station FROM stations
             UNION ALL SELECT id, schedule, station FROM services
             UNION ALL SELECT id, schedule, NULL AS station FROM markets",
        )
        .fetch_all(&mut *conn)
        .await?;
        let keepers = keepers.into_iter().map(|(id, schedule, station)| Keeper {
            id,
            schedule: schedule.map(ScheduleId),
            station,
        });
        let exceptions = exceptions::list(conn).await?.into_iter().map(|row| row.item);
        let timetable = Timetable::new(keepers, exceptions);
        let told: Vec<(String, Option<String>, i64)> =
            sqlx::query_as("SELECT keeper, schedule, rev FROM effective_hours").fetch_all(&mut *conn).await?;
        let schedules: Vec<(String, i64)> =
            sqlx::query_as("SELECT id, rev FROM sent_schedules").fetch_all(&mut *conn).await?;
        let told = Told {
            keepers: told
                .into_iter()
                .map(|(keeper, schedule, rev)| (keeper, Row { rev, item: schedule.map(ScheduleId) }))
                .collect(),
            schedules: schedules.into_iter().map(|(id, rev)| (ScheduleId(id), rev)).collect(),
        };
        Ok(Self { timetable, told })
    }

    /// Whether phones that are up to date know what is in effect on a day.
    #[must_use]
    pub fn is_settled(&self, today: Day) -> bool {
        self.difference(today).is_none()
    }

    fn difference(&self, today: Day) -> Difference {
        let days = Days::around(horizon(CHINA.midnight(today)), CHINA);
        let mut difference = Difference::default();
        let mut used = BTreeSet::new();
        for (keeper, effective) in self.timetable.all(days) {
            let now = effective.id();
            let before = self.told.keepers.get(&keeper.id).map_or(&keeper.schedule, |told| &told.item);
            if now != *before {
                difference.keepers.push((keeper.id.clone(), now.clone()));
            }
            used.extend(now);
        }
        difference.unused = self.told.schedules.keys().filter(|id| !used.contains(*id)).cloned().collect();
        difference.new = used.into_iter().filter(|id| !self.told.schedules.contains_key(id)).collect();
        difference
    }
}

/// Makes phones hear of what a day, a calendar or an evaluation (the fingerprint), or a change of rules and exceptions
/// has altered: one new revision, unless nothing has. Call it inside [`super::Store::write`].
///
/// # Errors
/// Those of the database.
pub async fn settle(conn: &mut Connection, today: Day, fingerprint: &str) -> Result<(), StoreError> {
    let Some(head) = district::head(conn).await? else { return Ok(()) };
    let moved = !head.is_at(today, fingerprint);
    let difference = Effect::load(conn).await?.difference(today);
    if !moved && difference.is_none() {
        return Ok(());
    }
    let rev = next_rev(conn).await?;
    sqlx::query("UPDATE district SET rev = $1").bind(rev).execute(&mut *conn).await?;
    if moved {
        sqlx::query("UPDATE district SET spans_day = $1, spans_fingerprint = $2, spans_rev = $3")
            .bind(today.0)
            .bind(fingerprint)
            .bind(rev)
            .execute(&mut *conn)
            .await?;
    }
    for (keeper, schedule) in difference.keepers {
        sqlx::query(
            "INSERT INTO effective_hours (keeper, schedule, rev) VALUES ($1, $2, $3)
             ON CONFLICT (keeper) DO UPDATE SET schedule = excluded.schedule, rev = excluded.rev",
        )
        .bind(keeper)
        .bind(schedule.as_ref().map(ScheduleId::as_str))
        .bind(rev)
        .execute(&mut *conn)
        .await?;
    }
    for id in difference.new {
        sqlx::query("INSERT INTO sent_schedules (id, rev) VALUES ($1, $2)")
            .bind(id.as_str())
            .bind(rev)
            .execute(&mut *conn)
            .await?;
        unbury(conn, id.as_str()).await?;
    }
    for id in difference.unused {
        sqlx::query("DELETE FROM sent_schedules WHERE id = $1").bind(id.as_str()).execute(&mut *conn).await?;
        bury(conn, id.as_str(), rev).await?;
    }
    Ok(())
}

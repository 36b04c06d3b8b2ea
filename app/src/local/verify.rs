//! What the person with this phone says of a station in front of it. Kept at once and sent like reports, by the same
//! drain; see [`super::outbox::drain`].

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::db::{self, DbError, Store};
use super::outbox::changed;
use super::outbox::item::Wait;
use super::{Phone, clock, random};
use crate::domain::time::{Day, Minute, Offset};
use crate::domain::verification::VerificationKind;
use crate::json::FromJson;
use crate::wire::verification::VerificationBody;

/// One verification, as a row of its drawer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
pub struct Verification {
    pub id: Uuid,
    /// What is sent, word for word.
    pub body: VerificationBody,
    /// When it was tapped: milliseconds since 1970, see [`clock::true_millis`].
    pub tapped_at: i64,
    pub wait: Wait,
    pub stage: Stage,
    /// Another phone's, which could not send it: it says nothing of what the person with this phone has said.
    #[serde(default)]
    pub carried_over: bool,
}

/// Where a verification stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// To be sent.
    Waiting,
    /// It has left the phone at least once, so the server may have it although no answer came.
    Begun,
    /// The server has it.
    Sent,
    /// The server does not take it, and would not the next time.
    Refused,
}

impl Verification {
    /// What is said now.
    #[must_use]
    pub fn new(station: String, kind: VerificationKind) -> Self {
        let now = clock::true_millis();
        Self {
            id: random::new_id(),
            body: VerificationBody {
                station,
                kind: kind.code().to_owned(),
                at: clock::rfc3339(now, clock::zone_offset()),
            },
            tapped_at: now,
            wait: Wait::default(),
            stage: Stage::Waiting,
            carried_over: false,
        }
    }

    /// As the phone keeps it that sends it in place of this one.
    #[must_use]
    pub fn carried_over(self) -> Self {
        Self { wait: Wait::default(), carried_over: true, ..self }
    }

    /// The local day it was said on.
    #[must_use]
    pub const fn day(&self, offset: Offset) -> Day {
        offset.day(Minute::from_millis(self.tapped_at))
    }

    /// Still only on this phone, as far as is known.
    #[must_use]
    pub const fn is_unsent(&self) -> bool {
        matches!(self.stage, Stage::Waiting | Stage::Begun)
    }

    /// Whether something said later makes this row superfluous: it was not sent and is about the same station and day,
    /// or it is settled and its day is over.
    fn gives_way(&self, later: &Self, offset: Offset) -> bool {
        let same_day = self.day(offset) == later.day(offset);
        if self.is_unsent() {
            same_day && !self.carried_over && self.body.station == later.body.station
        } else {
            !same_day
        }
    }
}

/// How long what was said is answered for, also past midnight: whoever says something late in the evening still hears what
/// became of it. In minutes.
const RECENT: i64 = 12 * 60;

/// The last thing said of a station that still matters: said today or lately, or not sent yet. `all` is in the order of
/// saying.
#[must_use]
pub fn latest<'a>(all: &'a [Verification], station: &str, now: Minute, offset: Offset) -> Option<&'a Verification> {
    let matters = |said: &Verification| {
        said.is_unsent()
            || said.day(offset) == offset.day(now)
            || now.0 - Minute::from_millis(said.tapped_at).0 < RECENT
    };
    all.iter().rev().find(|said| !said.carried_over && said.body.station == station && matters(said))
}

/// Rows that something said now takes the place of.
#[must_use]
pub fn superfluous(phone: Phone, said: &Verification) -> Vec<Uuid> {
    let offset = phone.replica.get_untracked().offset();
    let mut gone = Vec::new();
    for before in phone.shelf.get_untracked().verifications {
        if before.gives_way(said, offset) {
            gone.push(before.id);
        }
    }
    gone
}

/// Removes rows and keeps one, all or nothing; on the disk when this returns. With `known` it is only kept if it is there
/// already: false, if it was taken back or replaced meanwhile, and then it stays gone.
///
/// # Errors
/// [`DbError`]; then everything is as it was.
pub async fn keep(phone: Phone, gone: Vec<Uuid>, said: Option<Verification>, known: bool) -> Result<bool, DbError> {
    let tx = db::write(&[Store::Verifications]).await?;
    for id in gone {
        tx.delete(Store::Verifications, &id.to_string())?;
    }
    if let Some(said) = said {
        let key = said.id.to_string();
        if known && tx.get_raw(Store::Verifications, &key).await?.is_none() {
            return Ok(false);
        }
        tx.put(Store::Verifications, &key, &said)?;
    }
    tx.commit().await?;
    changed(phone).await;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::{CHINA, DAY};
    use VerificationKind::{Confirmed, Locked};

    const NOON: i64 = 1_795_492_800_000;
    const DAY_MS: i64 = DAY * 60_000;

    fn said(id: u128, station: &str, kind: VerificationKind, tapped_at: i64, stage: Stage) -> Verification {
        let body = VerificationBody {
            station: station.to_owned(),
            kind: kind.code().to_owned(),
            at: clock::rfc3339(tapped_at, CHINA),
        };
        Verification { id: Uuid::from_u128(id), body, tapped_at, wait: Wait::default(), stage, carried_over: false }
    }

    #[test]
    fn what_another_phone_said_is_nothing_that_was_said_here() {
        let theirs = said(1, "a", Locked, NOON - 60_000, Stage::Waiting).carried_over();
        let mine = said(2, "a", Confirmed, NOON, Stage::Waiting);
        assert!(!theirs.gives_way(&mine, CHINA), "it still has to be sent");
        let now = Minute::from_millis(NOON);
        assert_eq!(latest(std::slice::from_ref(&theirs), "a", now, CHINA), None);
        assert_eq!(latest(&[mine.clone(), theirs], "a", now, CHINA), Some(&mine));
        let text = serde_json::to_string(&mine).unwrap().replace(r#","carried_over":false"#, "");
        assert_eq!(crate::json::read::<Verification>(&text).unwrap(), mine, "of an earlier program");
    }

    #[test]
    fn one_waits_for_each_station_and_day_and_the_last_one_counts() {
        let now = said(9, "a", Locked, NOON, Stage::Waiting);
        for (before, gives_way) in [
            (said(1, "a", Confirmed, NOON - 60_000, Stage::Waiting), true),
            (said(1, "a", Confirmed, NOON - 60_000, Stage::Begun), true),
            (said(1, "b", Confirmed, NOON - 60_000, Stage::Waiting), false),
            (said(1, "a", Confirmed, NOON - DAY_MS, Stage::Begun), false),
            (said(1, "a", Confirmed, NOON - 60_000, Stage::Sent), false),
            (said(1, "b", Confirmed, NOON - DAY_MS, Stage::Sent), true),
            (said(1, "a", Confirmed, NOON - DAY_MS, Stage::Refused), true),
        ] {
            assert_eq!(before.gives_way(&now, CHINA), gives_way, "{before:?}");
        }
    }

    #[test]
    fn a_station_shows_what_was_said_today_or_lately_or_still_waits() {
        let now = Minute::from_millis(NOON);
        let midnight = CHINA.midnight(CHINA.day(now)).0 * 60_000;
        let all = [
            said(1, "a", Confirmed, NOON - 60_000, Stage::Sent),
            said(2, "a", Locked, NOON, Stage::Sent),
            said(3, "b", Locked, NOON - DAY_MS, Stage::Begun),
            said(4, "c", Locked, NOON - DAY_MS, Stage::Sent),
            said(5, "d", Locked, midnight, Stage::Sent),
            said(6, "f", Locked, midnight + DAY_MS - 600_000, Stage::Sent),
        ];
        let at = |now, station| latest(&all, station, now, CHINA).map(|found| found.id.as_u128());
        assert_eq!(["a", "b", "c", "e"].map(|station| at(now, station)), [Some(2), Some(3), None, None]);
        let evening = Minute::from_millis(midnight + DAY_MS - 60_000);
        assert_eq!(at(evening, "d"), Some(5), "all day long");
        assert_eq!(at(Minute(evening.0 + 2), "a"), None, "the next day");
        assert_eq!(at(Minute(evening.0 + 2), "f"), Some(6), "a few minutes ago");
    }

    #[test]
    fn a_row_survives_being_written_and_read_and_is_sent_with_the_time_of_the_tap() {
        let row = said(7, "a", Locked, NOON, Stage::Begun);
        let text = serde_json::to_string(&row).unwrap();
        assert_eq!(crate::json::read::<Verification>(&text).unwrap(), row);
        assert_eq!(
            serde_json::to_string(&row.body).unwrap(),
            r#"{"station":"a","kind":"locked","at":"2026-11-24T12:00:00+08:00"}"#
        );
    }
}

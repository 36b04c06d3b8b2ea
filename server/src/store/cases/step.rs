//! Taking a step: once, however often it is sent, and only from where whoever decided it has seen the case.

use std::sync::Arc;

use sqlx::Row;
use uuid::Uuid;
use waypost_app::domain::case::{DeclineReason, Step};
use waypost_app::domain::ids::{PhotoHash, ReportId, StaffId, UnitId};
use waypost_app::domain::report::ReportState;
use waypost_app::wire::staff::cases::CaseEvent;

use super::{links, view};
use crate::schedule::calendar::Calendar;
use crate::schedule::working_days;
use crate::store::devices::DeviceId;
use crate::store::reports::event::{self, Current, Event};
use crate::store::reports::merge;
use crate::store::{Connection, StoreError, photos, units};

/// Who takes a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    Staff(StaffId),
    /// Somebody of a unit, through the link that was made for it.
    Link(UnitId),
}

impl Actor {
    const fn code(self) -> &'static str {
        match self {
            Self::Staff(_) => "staff",
            Self::Link(_) => "link",
        }
    }

    const fn staff(self) -> Option<StaffId> {
        match self {
            Self::Staff(id) => Some(id),
            Self::Link(_) => None,
        }
    }
}

/// A step that somebody wants to take.
#[derive(Clone, Debug)]
pub struct Change {
    pub case: ReportId,
    pub event_id: Uuid,
    /// The version that whoever decided it has seen; `None`: it is right whatever was said meanwhile.
    pub version: Option<i64>,
    pub step: Step,
    pub by: Actor,
    /// Only a case of this unit may be changed; any other is as if it were not there.
    pub only_of: Option<UnitId>,
    pub unit: Option<UnitId>,
    pub note_public: String,
    pub note_internal: String,
    pub reason: Option<DeclineReason>,
    pub into: Option<ReportId>,
    /// What is shown with it to the reporter.
    pub photos: Vec<PhotoHash>,
    pub at_ms: i64,
    /// For deadlines.
    pub calendar: Arc<Calendar>,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq)]
pub enum Taken {
    Done,
    /// It was done when it was sent before.
    Again,
    /// There is no such case.
    Unknown,
    /// Somebody else was faster: the last thing that they did.
    Changed(Box<CaseEvent>),
    /// It may not be taken from this state, or not while the case is followed through another, or only then.
    NotAllowed(ReportState),
    /// A field cannot be accepted, and why.
    Field(&'static str, &'static str),
}

/// Takes a step, if it may be taken.
///
/// # Errors
/// Those of the database.
pub async fn take(conn: &mut Connection, change: &Change) -> Result<Taken, StoreError> {
    let ready = match ready(conn, change).await? {
        Ok(ready) => ready,
        Err(taken) => return Ok(taken),
    };
    let sender = change.by.staff().map(DeviceId::of_staff);
    for photo in &change.photos {
        // Only their own: naming somebody else's would be a way to see it.
        let sent = match &sender {
            Some(sender) => photos::sent_by(conn, photo, sender).await?,
            None => false,
        };
        if !sent {
            return Ok(Taken::Field("photos", "names a photo that you have not sent yet"));
        }
    }
    finish(conn, change, ready).await?;
    Ok(Taken::Done)
}

/// A step that may be taken as long as nobody else writes.
#[derive(Debug)]
pub struct Ready {
    from: Current,
    state: ReportState,
    unit: Option<UnitId>,
    into: Option<ReportId>,
}

/// Whether a step may be taken, or what it is answered with instead. Of its photos nothing is asked.
///
/// # Errors
/// Those of the database.
pub async fn ready(conn: &mut Connection, change: &Change) -> Result<Result<Ready, Taken>, StoreError> {
    let Some(from) = Current::of(conn, change.case).await? else { return Ok(Err(Taken::Unknown)) };
    if change.only_of.is_some() && change.only_of != from.unit {
        return Ok(Err(Taken::Unknown));
    }
    if let Some(before) = sent_before(conn, change).await? {
        return Ok(Err(before));
    }
    if change.version.is_some_and(|seen| seen != from.version) {
        let mut latest = view::events(conn, change.case, from.version - 1).await?;
        let latest = latest.pop().ok_or(StoreError::Unreadable("history of a report"))?;
        return Ok(Err(Taken::Changed(Box::new(latest))));
    }
    let Some(state) = change.step.from(from.state).filter(|_| may_follow(&from, change.step)) else {
        return Ok(Err(Taken::NotAllowed(from.state)));
    };
    Ok(match fits(conn, &from, change).await? {
        Ok((unit, into)) => Ok(Ready { from, state, unit, into }),
        Err((field, message)) => Err(Taken::Field(field, message)),
    })
}

/// What the state alone does not say: what is followed through another moves with that one only, and what is down is not
/// taken down again.
fn may_follow(from: &Current, step: Step) -> bool {
    let is_as_shown = match step {
        Step::Takedown => !from.taken_down,
        Step::Publish => from.taken_down,
        _ => true,
    };
    is_as_shown && step.is_of(from.merged_into.is_some())
}

/// Takes a step that may be taken; its photos are stored.
///
/// # Errors
/// Those of the database.
pub async fn finish(conn: &mut Connection, change: &Change, ready: Ready) -> Result<(), StoreError> {
    let Ready { from, state, unit, into } = ready;
    let staff = change.by.staff().map(|id| id.to_string());
    let unit = match change.by {
        // Not given to it, but by it.
        Actor::Link(of) => Some(of),
        Actor::Staff(_) => unit,
    };
    let event = Event {
        note: &change.note_public,
        photos: &change.photos,
        internal_note: &change.note_internal,
        step: change.step.code(),
        actor: change.by.code(),
        staff: staff.as_deref(),
        reason: change.reason.map_or("", DeclineReason::code),
        unit,
        taken_down: match change.step {
            Step::Takedown => Some(true),
            Step::Publish => Some(false),
            _ => None,
        },
        id: Some(change.event_id),
        ..Event::plain(state, change.at_ms, due_after(&from, state, change))
    };
    event::record(conn, &from, &event).await?;
    // Whoever has no more to do with it loses the way to it.
    if unit.is_some_and(|unit| from.unit != Some(unit)) || !state.has_unit() {
        links::revoke(conn, from.id).await?;
    }
    if let Some(into) = into {
        // Those that were followed through this one are followed through the other from here on.
        sqlx::query("UPDATE reports SET merged_into = $1 WHERE id = $2 OR merged_into = $2")
            .bind(into.to_string())
            .bind(change.case.to_string())
            .execute(&mut *conn)
            .await?;
    }
    if let (Step::Separate, Some(other)) = (change.step, from.merged_into) {
        separate(conn, change, other).await?;
    }
    Ok(())
}

/// The case stands alone again, and the history of the other one says so, too. What has come to the other one together with
/// the case stays there: nothing says any more which that was, and each can be separated by itself.
async fn separate(conn: &mut Connection, change: &Change, other: ReportId) -> Result<(), StoreError> {
    let id = change.case.to_string();
    merge::stand_alone(conn, &id).await?;
    let Some(from) = Current::of(conn, other).await? else { return Ok(()) };
    // Which of those that were followed through it. Why is said with the case itself: a unit that has the other one reads this.
    let code: String =
        sqlx::query_scalar("SELECT code FROM reports WHERE id = $1").bind(id).fetch_one(&mut *conn).await?;
    let staff = change.by.staff().map(|id| id.to_string());
    let event = Event {
        internal_note: &code,
        step: change.step.code(),
        actor: change.by.code(),
        staff: staff.as_deref(),
        // It names a report that may be taken back.
        said_of: Some(change.case),
        ..Event::plain(from.state, change.at_ms, from.due_at_ms)
    };
    event::record(conn, &from, &event).await
}

async fn sent_before(conn: &mut Connection, change: &Change) -> Result<Option<Taken>, StoreError> {
    let row = sqlx::query("SELECT actor, staff, step FROM report_events WHERE report = $1 AND event_id = $2")
        .bind(change.case.to_string())
        .bind(change.event_id.to_string())
        .fetch_optional(&mut *conn)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let same = row.try_get::<&str, _>("actor")? == change.by.code()
        && row.try_get::<Option<&str>, _>("staff")? == change.by.staff().map(|id| id.to_string()).as_deref()
        && row.try_get::<&str, _>("step")? == change.step.code();
    if same {
        return Ok(Some(Taken::Again));
    }
    Ok(Some(Taken::Field("event_id", "is that of another step")))
}

/// The unit and the report that a step needs, looked at; or the field that is wrong, and why.
type Fits = Result<(Option<UnitId>, Option<ReportId>), (&'static str, &'static str)>;

async fn fits(conn: &mut Connection, from: &Current, change: &Change) -> Result<Fits, StoreError> {
    match change.step {
        Step::Assign | Step::HandOver => {
            let Some(unit) = change.unit else { return Ok(Err(("unit", "is missing"))) };
            match units::find(conn, unit).await? {
                None => return Ok(Err(("unit", "is not known"))),
                Some(found) if found.closed => return Ok(Err(("unit", "gets no new cases"))),
                Some(_) => {}
            }
            if change.step == Step::HandOver && from.unit == Some(unit) {
                return Ok(Err(("unit", "has the case already")));
            }
            Ok(Ok((Some(unit), None)))
        }
        Step::Merge => {
            let Some(into) = change.into else { return Ok(Err(("into", "is missing"))) };
            match Current::of(conn, into).await? {
                None => Ok(Err(("into", "is not known"))),
                Some(_) if into == change.case => Ok(Err(("into", "is the case itself"))),
                Some(other) if other.merged_into.is_some() => Ok(Err(("into", "is followed through another itself"))),
                Some(other) if other.state == ReportState::Declined => Ok(Err(("into", "is declined"))),
                Some(_) => Ok(Ok((None, Some(into)))),
            }
        }
        _ => Ok(Ok((None, None))),
    }
}

/// When the next step is due. A deadline for the repair stands from acceptance: it does not move because the case changes hands.
fn due_after(from: &Current, state: ReportState, change: &Change) -> Option<i64> {
    let repair = || {
        let days = working_days::to_repair(from.category);
        working_days::due_ms(&change.calendar, change.at_ms, days)
    };
    match change.step {
        Step::Accept => Some(repair()),
        Step::Assign if from.state == ReportState::Reopened => Some(repair()),
        Step::Reopen => Some(event::look_by(change.at_ms)),
        Step::Merge | Step::Fix | Step::Decline => None,
        _ if state == from.state || state.is_open() => from.due_at_ms,
        _ => None,
    }
}

//! What staff do with a report: which step may be taken when, by whom, and what it has to say.

use serde::{Deserialize, Serialize};

use super::report::ReportState;
use super::staff::Role;
use crate::json::FromJson;

/// Most characters of a note, public or not.
pub const MAX_NOTE: usize = 1000;
/// For so many days after it was fixed the reporter may say that it is not, in milliseconds.
pub const ANSWER_MS: i64 = 14 * 24 * 60 * 60 * 1000;

/// One thing that staff do with a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Agrees that it is real, which makes it public.
    Accept,
    /// Makes a unit responsible.
    Assign,
    /// Makes another unit responsible.
    HandOver,
    /// The unit is at work.
    Start,
    /// The unit says it is repaired, and in words what was done.
    Fix,
    /// Does not take it on, with a reason and words for the reporter.
    Decline,
    /// Opens again what was said to be repaired.
    Reopen,
    /// Says something; nothing else changes.
    Note,
    /// Follows it through another report of the same defect.
    Merge,
    /// Follows it by itself again: the other one was not the same defect.
    Separate,
    /// Shows strangers other words or another picture than the reporter's.
    Redact,
    /// Shows strangers nothing of it any more, whatever becomes of it.
    Takedown,
    /// Shows it to everybody again.
    Publish,
}

impl Step {
    /// In the order in which they are offered.
    pub const ALL: [Self; 13] = [
        Self::Accept,
        Self::Assign,
        Self::Start,
        Self::Fix,
        Self::HandOver,
        Self::Reopen,
        Self::Merge,
        Self::Separate,
        Self::Decline,
        Self::Redact,
        Self::Takedown,
        Self::Publish,
        Self::Note,
    ];

    /// The code on the wire and in the database.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Assign => "assign",
            Self::HandOver => "hand_over",
            Self::Start => "start",
            Self::Fix => "fix",
            Self::Decline => "decline",
            Self::Reopen => "reopen",
            Self::Note => "note",
            Self::Merge => "merge",
            Self::Separate => "separate",
            Self::Redact => "redact",
            Self::Takedown => "takedown",
            Self::Publish => "publish",
        }
    }

    /// The step a code names.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.code() == code)
    }

    /// The state in which the step leaves a report; `None` where it may not be taken.
    #[must_use]
    pub const fn from(self, state: ReportState) -> Option<ReportState> {
        use ReportState as S;
        let next = match (self, state) {
            // A note leaves everything as it is, and so does handing over before anybody has begun.
            // What is followed through another keeps its own state for when it stands alone again: only before it is public,
            // afterwards others may follow it already.
            (Self::Note | Self::Redact, _)
            | (Self::HandOver, S::Assigned)
            | (Self::Merge | Self::Separate, S::Received) => return Some(state),
            // What nobody sees need not be taken down; whether it is down is for the case to say.
            (Self::Takedown | Self::Publish, _) => return if state.is_public() { Some(state) } else { None },
            (Self::HandOver, S::InProgress) => S::Assigned,
            // Taking a unit away again is not accepting, and a case that is being worked on is not assigned but handed over.
            (Self::Accept, S::Assigned)
            | (Self::Assign, S::InProgress)
            | (Self::HandOver | Self::Merge | Self::Separate, _) => return None,
            (Self::Accept, _) => S::Accepted,
            (Self::Assign, _) => S::Assigned,
            (Self::Start, _) => S::InProgress,
            (Self::Fix, _) => S::Fixed,
            (Self::Decline, _) => S::Declined,
            (Self::Reopen, _) => S::Reopened,
        };
        if state.may_become(next) { Some(next) } else { None }
    }

    /// Whether a role may take it at all. A unit works on what it was given; what the district takes on, gives to whom and
    /// declines is for the district's staff.
    #[must_use]
    pub const fn is_for(self, role: Role) -> bool {
        match role {
            Role::Admin | Role::Worker => true,
            Role::Unit => matches!(self, Self::Start | Self::Fix | Self::Note),
        }
    }

    /// Whether it may be taken with a case that is followed through another, which moves with that one only until it is
    /// separated from it; or else with one that stands alone.
    #[must_use]
    pub const fn is_of(self, is_merged: bool) -> bool {
        match self {
            Self::Note => true,
            Self::Separate => is_merged,
            _ => !is_merged,
        }
    }

    /// What may be done next with a case in this state.
    #[must_use]
    pub fn allowed(state: ReportState, role: Role, is_merged: bool) -> Vec<Self> {
        let is_allowed = |step: &Self| step.is_for(role) && step.is_of(is_merged) && step.from(state).is_some();
        Self::ALL.into_iter().filter(is_allowed).collect()
    }
}

/// Why a report is not taken on. The reporter sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeclineReason {
    /// 不属于本区: others look after it.
    NotOurs,
    /// 重复: another report says the same.
    Duplicate,
    /// 未发现问题: somebody went there and found nothing.
    NoFault,
    /// 涉及隐私: it shows people, or what is theirs.
    Privacy,
}

impl DeclineReason {
    pub const ALL: [Self; 4] = [Self::NotOurs, Self::Duplicate, Self::NoFault, Self::Privacy];

    /// The code on the wire and in the database.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotOurs => "not_ours",
            Self::Duplicate => "duplicate",
            Self::NoFault => "no_fault",
            Self::Privacy => "privacy",
        }
    }

    /// The reason a code names.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.code() == code)
    }
}

/// What the reporter says of a repair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, FromJson)]
#[serde(rename_all = "snake_case")]
pub enum Says {
    /// 确实修好了
    Confirmed,
    /// 没修好
    NotFixed,
}

impl Says {
    /// The code on the wire and in the database.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::NotFixed => "not_fixed",
        }
    }

    /// The answer a code names.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Confirmed, Self::NotFixed].into_iter().find(|says| says.code() == code)
    }

    /// Where the answer leaves a report that was said to be fixed at a moment; `None` if it can no longer be given. That it
    /// is fixed may be said late as well: nobody has to work because of it.
    #[must_use]
    pub fn from(self, state: ReportState, fixed_at_ms: i64, now_ms: i64) -> Option<ReportState> {
        let is_late = self == Self::NotFixed && now_ms.saturating_sub(fixed_at_ms) > ANSWER_MS;
        let next = self.leaves();
        (!is_late && state.may_become(next)).then_some(next)
    }

    /// The state in which a report is then.
    #[must_use]
    pub const fn leaves(self) -> ReportState {
        match self {
            Self::Confirmed => ReportState::Confirmed,
            Self::NotFixed => ReportState::Reopened,
        }
    }
}

#[cfg(test)]
mod tests;

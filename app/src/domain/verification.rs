//! What people on the spot say of a station, and how long that is worth something.

use serde::{Deserialize, Serialize};

use super::time::{DAY, Minute};

/// What somebody has said in front of a station.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VerificationKind {
    /// 信息没错: what is written is right.
    Confirmed,
    /// 门锁着: the door was locked.
    Locked,
}

impl VerificationKind {
    /// The code on the wire.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Locked => "locked",
        }
    }

    /// The kind a code names.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Confirmed, Self::Locked].into_iter().find(|kind| kind.code() == code)
    }
}

/// Most days for which a confirmation is as good as new.
const FRESH_DAYS: i64 = 30;
/// Most days after which it still says something.
const OLDER_DAYS: i64 = 90;

/// What the last confirmation is still worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// Minutes since then.
    Fresh(i64),
    /// Days since then: it may have changed.
    Older(i64),
    /// So long ago that it says nothing any more.
    Stale,
    /// Nobody has ever confirmed anything.
    Never,
}

impl Freshness {
    /// What a confirmation is worth at a moment. One from the future, by a clock that is wrong, is new.
    #[must_use]
    pub fn of(verified_at: Option<Minute>, now: Minute) -> Self {
        let Some(minutes) = verified_at.map(|at| now.since(at).max(0)) else { return Self::Never };
        match minutes / DAY {
            ..=FRESH_DAYS => Self::Fresh(minutes),
            days @ ..=OLDER_DAYS => Self::Older(days),
            _ => Self::Stale,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_confirmation_is_fresh_for_30_days_and_worth_something_for_90() {
        let now = Minute(30_000_000);
        let of = |days: i64, minutes: i64| Freshness::of(Some(now.plus(-days * DAY - minutes)), now);
        assert_eq!(of(0, 0), Freshness::Fresh(0));
        assert_eq!(of(3, 5), Freshness::Fresh(3 * DAY + 5));
        assert_eq!(of(30, 0), Freshness::Fresh(30 * DAY));
        assert_eq!(of(30, DAY - 1), Freshness::Fresh(31 * DAY - 1));
        assert_eq!(of(31, 0), Freshness::Older(31));
        assert_eq!(of(90, 0), Freshness::Older(90));
        assert_eq!(of(90, DAY - 1), Freshness::Older(90));
        assert_eq!(of(91, 0), Freshness::Stale);
        assert_eq!(of(4000, 0), Freshness::Stale);
    }

    #[test]
    fn what_was_never_confirmed_is_not_fresh_and_what_comes_from_the_future_is_new() {
        assert_eq!(Freshness::of(None, Minute(5)), Freshness::Never);
        assert_eq!(Freshness::of(Some(Minute(9)), Minute(5)), Freshness::Fresh(0));
    }

    #[test]
    fn kinds_are_named_on_the_wire_as_by_their_codes() {
        for kind in [VerificationKind::Confirmed, VerificationKind::Locked] {
            assert_eq!(VerificationKind::from_code(kind.code()), Some(kind));
            assert_eq!(serde_json::to_string(&kind).expect("json"), format!("\"{}\"", kind.code()));
        }
        assert_eq!(VerificationKind::from_code("Locked"), None);
    }
}

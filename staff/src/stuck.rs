//! Cases whose steps did not get through: how often, and until when the server wants to be left alone with them.

use waypost_app::domain::ids::ReportId;

/// No wait is longer, in milliseconds: a day. A moment further off means that the clock was put back.
const LONGEST_MS: i64 = 86_400_000;

#[derive(Clone, Debug, PartialEq)]
struct Stuck {
    case: ReportId,
    /// Tries in a row that failed.
    tries: u32,
    /// By this device's clock, in milliseconds since 1970.
    not_before: i64,
}

/// Those of which the last try failed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StuckCases(Vec<Stuck>);

impl StuckCases {
    fn of(&self, case: ReportId) -> Option<&Stuck> {
        self.0.iter().find(|stuck| stuck.case == case)
    }

    /// A try at `now_ms` failed; the server may have asked for so many seconds.
    pub fn failed(&mut self, case: ReportId, now_ms: i64, asked_for_s: u32) {
        let tries = self.tries(case).saturating_add(1);
        self.answered(case);
        let wait_ms = (i64::from(asked_for_s) * 1000).min(LONGEST_MS);
        self.0.push(Stuck { case, tries, not_before: now_ms.saturating_add(wait_ms) });
    }

    /// The server has done a step, or refused it.
    pub fn answered(&mut self, case: ReportId) {
        self.0.retain(|stuck| stuck.case != case);
    }

    /// Somebody wants everything to be tried now.
    pub fn forget_waits(&mut self) {
        for stuck in &mut self.0 {
            stuck.not_before = 0;
        }
    }

    #[must_use]
    pub fn tries(&self, case: ReportId) -> u32 {
        self.of(case).map_or(0, |stuck| stuck.tries)
    }

    /// The moment from which a case may be tried, in milliseconds since 1970.
    #[must_use]
    pub fn not_before(&self, case: ReportId) -> i64 {
        self.of(case).map_or(0, |stuck| stuck.not_before)
    }

    /// The case to try next, of all that wait, in the order of waiting: one that may be tried, and of those the first that has
    /// failed least often, so that what never gets through keeps nothing else here.
    #[must_use]
    pub fn next(&self, waiting: impl Iterator<Item = ReportId>, now_ms: i64) -> Option<ReportId> {
        let is_due = |case: &ReportId| !(1..=LONGEST_MS).contains(&self.not_before(*case).saturating_sub(now_ms));
        waiting.filter(is_due).min_by_key(|case| self.tries(*case))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn cases() -> [ReportId; 3] {
        [1, 2, 3].map(|number| ReportId(Uuid::from_u128(number)))
    }

    #[test]
    fn what_has_failed_goes_after_what_has_not_and_otherwise_the_first_goes_first() {
        let [a, b, c] = cases();
        let mut stuck = StuckCases::default();
        let next = |stuck: &StuckCases| stuck.next(cases().into_iter(), 10);
        assert_eq!(next(&stuck), Some(a));
        stuck.failed(a, 0, 0);
        assert_eq!(next(&stuck), Some(b));
        stuck.failed(b, 0, 0);
        assert_eq!(next(&stuck), Some(c));
        stuck.failed(c, 0, 0);
        stuck.failed(a, 0, 0);
        assert_eq!(next(&stuck), Some(b));
        stuck.answered(a);
        assert_eq!(next(&stuck), Some(a));
    }

    #[test]
    fn what_the_server_asked_for_is_waited_for_unless_somebody_wants_it_now() {
        let [a, b, _] = cases();
        let mut stuck = StuckCases::default();
        stuck.failed(a, 1_000, 60);
        assert_eq!(stuck.next([a, b].into_iter(), 60_999), Some(b));
        assert_eq!(stuck.next([a].into_iter(), 60_999), None);
        assert_eq!(stuck.not_before(a), 61_000);
        assert_eq!(stuck.next([a].into_iter(), 61_000), Some(a));
        assert_eq!(stuck.next([a].into_iter(), 61_000 - LONGEST_MS - 1), Some(a), "the clock was put back");
        stuck.forget_waits();
        assert_eq!((stuck.next([a].into_iter(), 2_000), stuck.tries(a)), (Some(a), 1));
    }
}

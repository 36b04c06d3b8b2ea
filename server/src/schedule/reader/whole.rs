//! What only the whole text decides: which clauses an exception, a season or a lunch break is about.

use super::clauses::{Builder, Clause, Draft, Hours};
use super::days::Days;
use super::phrases::Gap;
use super::seasons;
use super::spans::{self, Span};

impl Builder {
    /// The clauses, if the text as a whole makes sense.
    pub(super) fn finish(mut self) -> Option<Hours> {
        if self.bracket.is_some() {
            return None;
        }
        if let Some((gap, _)) = self.pending.first() {
            // 9:00-17:00 周一至周五
            (*gap < Gap::Stop).then_some(())?;
            let (_, days) = self.take_pending(0)?;
            let mut open = self.drafts.iter_mut().filter(|draft| draft.is_open());
            let only = open.next().filter(|draft| draft.awaits_days())?;
            only.days = Some(days);
            open.next().is_none().then_some(())?;
        }
        self.check_exceptions()?;
        self.spread_over_seasons()?;
        self.check_days()?;
        let mut clauses = Vec::with_capacity(self.drafts.len());
        for draft in self.drafts {
            let spans = if draft.is_open() { spans::in_order(draft.spans)? } else { Vec::new() };
            let days = draft.days.unwrap_or_else(Days::every_day);
            clauses.push(Clause { season: draft.season, days, spans });
        }
        put_pauses(&mut clauses, &self.pauses, self.no_pause)?;
        Some(Hours { seasons: self.seasons, clauses, said: self.said })
    }

    /// 除外 is about one clause. If there are several only 法定节假日除外 at the end is surely about all of them.
    fn check_exceptions(&self) -> Option<()> {
        let open = self.drafts.iter().filter(|draft| draft.is_open()).count();
        let fine = self.drafts.iter().enumerate().filter(|(_, draft)| draft.exception).all(|(place, draft)| {
            let of_all = place + 1 == self.drafts.len()
                && self.ends_in_exception
                && draft.days.as_ref().is_some_and(Days::is_holidays);
            // 周一闭馆，法定节假日除外: closed on days off too, or open on Mondays that are?
            let before = place.checked_sub(1).and_then(|place| self.drafts.get(place));
            let after_closed = before.is_some_and(|before| !before.is_open() && !before.exception);
            (open == 1 || of_all)
                && !after_closed
                && self.drafts.iter().any(|open| open.is_open() && excepts(draft, open))
        });
        fine.then_some(())
    }

    /// Decides which season a closed day is about, and that every other clause has one if any has.
    fn spread_over_seasons(&mut self) -> Option<()> {
        let Some(last_season) = self.current_season() else { return Some(()) };
        seasons::fit(&self.seasons).then_some(())?;
        for draft in &mut self.drafts {
            match draft.season {
                // 周一闭馆。夏季…
                None if draft.is_open() => return None,
                Some(season) if !draft.is_open() && last_season > 0 => match (season == last_season, draft.gap) {
                    // 夏季…；冬季…；周一闭馆
                    (true, Gap::Stop) => draft.season = None,
                    // 夏季…，周一闭馆；冬季…
                    (false, Gap::None | Gap::List | Gap::Comma) => {}
                    _ => return None,
                },
                _ => {}
            }
        }
        // A season without times says nothing of them.
        let all_said = (0..self.seasons.len())
            .all(|season| self.drafts.iter().any(|draft| draft.is_open() && draft.season == Some(season)));
        all_said.then_some(())
    }

    /// Times without days are of every day, as long as no times before them had days.
    fn check_days(&self) -> Option<()> {
        for season in self.seasons.iter().enumerate().map(|(place, _)| Some(place)).chain([None]) {
            let open = self.drafts.iter().filter(|draft| draft.is_open() && draft.season == season);
            open.skip(1).all(|draft| draft.days.is_some()).then_some(())?;
        }
        // 夏季周一至周五…；冬季…: the winter's days may be the summer's.
        let without = self.drafts.iter().filter(|draft| draft.is_open() && draft.days.is_none()).count();
        let open = self.drafts.iter().filter(|draft| draft.is_open()).count();
        (self.seasons.len() < 2 || without == 0 || without == open).then_some(())
    }
}

/// Takes a lunch break out of the one clause it can be about.
fn put_pauses(clauses: &mut [Clause], pauses: &[Span], no_pause: bool) -> Option<()> {
    let mut open: Vec<&mut Clause> = clauses.iter_mut().filter(|clause| !clause.spans.is_empty()).collect();
    if no_pause && !open.iter().all(|clause| clause.spans.iter().any(|span| span.is_open_at_noon())) {
        return None;
    }
    match (pauses, open.as_mut_slice()) {
        ([], _) => Some(()),
        ([pause], [clause]) if !no_pause => {
            let [span] = clause.spans.as_slice() else { return None };
            clause.spans = span.around(*pause)?.to_vec();
            Some(())
        }
        _ => None,
    }
}

/// Whether an exception takes anything from the times that are open.
fn excepts(exception: &Draft, open: &Draft) -> bool {
    let (Some(exception), Some(open)) = (&exception.days, &open.days) else { return true };
    // 工作日9:00-17:00，节假日除外 says a true thing twice.
    exception.is_holidays() || (open.of_month.is_none() && (open.rest || !open.cells.and(exception.cells).is_empty()))
}

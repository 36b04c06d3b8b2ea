//! Phrases as clauses: which days belong to which times.

use super::days::{Cells, Days};
use super::phrases::{Gap, Phrase};
use super::seasons::{self, Season};
use super::times::{self, Span};

/// Days that are open at times, or closed.
#[derive(Clone, Debug)]
pub(super) struct Clause {
    /// Index of its season; none if it is about the whole year.
    pub(super) season: Option<usize>,
    pub(super) days: Days,
    /// In order, apart from each other; empty if closed.
    pub(super) spans: Vec<Span>,
}

/// A text understood clause by clause. Whether the clauses agree is for [`super::week`].
#[derive(Debug, Default)]
pub(super) struct Hours {
    pub(super) seasons: Vec<Season>,
    pub(super) clauses: Vec<Clause>,
    /// 节假日照常: days off are as other days.
    pub(super) holidays_as_usual: bool,
    /// 全年无休: no day is closed.
    pub(super) never_rests: bool,
    /// 周一闭馆（法定节假日除外）: these days are open as the others are.
    pub(super) reopened: Cells,
}

/// A clause being read.
#[derive(Debug)]
struct Draft {
    season: Option<usize>,
    /// None if times were given without days.
    days: Option<Days>,
    spans: Vec<Span>,
    gap: Gap,
    /// Its days followed its times in brackets; whatever comes next is another clause.
    sealed: bool,
    /// It came as 除外, which is about the one clause there is.
    exception: bool,
}

impl Draft {
    const fn is_open(&self) -> bool {
        !self.spans.is_empty()
    }

    const fn awaits_days(&self) -> bool {
        self.is_open() && self.days.is_none() && !self.sealed
    }
}

#[derive(Debug, Default)]
struct Builder {
    drafts: Vec<Draft>,
    seasons: Vec<Season>,
    /// Days whose times are still to come.
    pending: Vec<(Gap, Days)>,
    /// Days said before the seasons: `周一至周五：夏季（…）…，冬季（…）…`
    shared: Option<Days>,
    bracket: Option<Bracket>,
    pauses: Vec<Span>,
    no_pause: bool,
    holidays_as_usual: bool,
    never_rests: bool,
    reopened: Cells,
    /// Whether the last phrase was 除外 outside of brackets.
    ends_in_exception: bool,
}

/// An open bracket.
#[derive(Debug)]
struct Bracket {
    gap: Gap,
    /// How many days were pending before it.
    pending: usize,
    /// How many clauses were begun before it.
    drafts: usize,
    /// It comes right after 休息.
    after_closed: bool,
}

/// Puts phrases together; nothing if they do not make sense together.
pub(super) fn clauses(phrases: Vec<(Gap, Phrase)>) -> Option<Hours> {
    let mut builder = Builder::default();
    let (mut after_closed, mut after_open) = (false, false);
    for (gap, phrase) in phrases {
        builder.ends_in_exception = false;
        // A bracket tells apart as a comma does.
        let gap = if after_open { gap.max(Gap::Comma) } else { gap };
        let (closes, opens) = (matches!(phrase, Phrase::Closed), matches!(phrase, Phrase::Open));
        match phrase {
            Phrase::Season(season) => builder.season(season)?,
            Phrase::Days(days) => builder.pending.push((gap, days)),
            Phrase::Span(span) => builder.span(gap, span)?,
            Phrase::Closed => builder.closed()?,
            Phrase::Except => builder.except()?,
            Phrase::ExceptDays(days) => builder.except_days(days)?,
            Phrase::Includes(days) => builder.includes(days)?,
            Phrase::AsUsual => builder.as_usual(false)?,
            Phrase::NeverRests => builder.as_usual(true)?,
            Phrase::Pause(span) => {
                builder.pending.is_empty().then_some(())?;
                builder.pauses.push(span);
            }
            Phrase::NoPause => builder.no_pause = true,
            Phrase::Open => {
                let (pending, drafts) = (builder.pending.len(), builder.drafts.len());
                builder.bracket.replace(Bracket { gap, pending, drafts, after_closed }).is_none().then_some(())?;
            }
            Phrase::Close => builder.close()?,
        }
        (after_closed, after_open) = (closes, opens);
    }
    builder.finish()
}

/// Whether an exception takes anything from the times that are open.
fn excepts(exception: &Draft, open: &Draft) -> bool {
    let (Some(exception), Some(open)) = (&exception.days, &open.days) else { return true };
    // 工作日9:00-17:00，节假日除外 says a true thing twice.
    exception.is_holidays() || (open.of_month.is_none() && (open.rest || !open.cells.and(exception.cells).is_empty()))
}

fn together(days: impl IntoIterator<Item = Days>) -> Option<Days> {
    let mut days = days.into_iter();
    let first = days.next()?;
    days.try_fold(first, Days::and)
}

impl Builder {
    fn current_season(&self) -> Option<usize> {
        self.seasons.len().checked_sub(1)
    }

    /// The pending days from a place on, as days of one clause, with the gap before them.
    fn take_pending(&mut self, from: usize) -> Option<(Gap, Days)> {
        let gap = self.pending.get(from)?.0;
        // 周一至周五；周六9:00-12:00 lost the times of the first.
        // So perhaps did 周一至周五，周六9:00-12:00; 周一，周三 is a list.
        let several = self.pending[from..].iter().any(|(_, days)| days.is_most_of_the_week());
        let limit = if several { Gap::Comma } else { Gap::Stop };
        let one_clause = self.pending[from + 1..].iter().all(|(gap, _)| *gap < limit);
        let days = together(self.pending.drain(from..).map(|(_, days)| days))?;
        one_clause.then_some((gap, days))
    }

    /// 9:00-17:00 周一至周五，周六…: gives the times the days that follow them, as far as a comma tells them apart.
    fn settle(&mut self) -> Option<()> {
        let awaits_days = self.drafts.last().is_some_and(Draft::awaits_days);
        let [(first, _), rest @ ..] = self.pending.as_slice() else { return Some(()) };
        if !awaits_days || rest.is_empty() {
            return Some(());
        }
        match rest.iter().position(|(gap, _)| *gap >= Gap::Comma) {
            Some(place) if *first < Gap::Comma => {
                let days = together(self.pending.drain(..=place).map(|(_, days)| days))?;
                if let Some(bracket) = &mut self.bracket {
                    bracket.pending = bracket.pending.saturating_sub(place + 1);
                }
                let last = self.drafts.last_mut()?;
                last.days = Some(days);
                last.sealed = true;
                Some(())
            }
            // 9:00-17:00，周一至周五，节假日休息
            Some(_) => None,
            // 9:00-17:00 周一至周五 节假日休息
            None => (*first >= Gap::Comma || rest.iter().all(|(gap, _)| *gap == Gap::List)).then_some(()),
        }
    }

    fn add(&mut self, gap: Gap, days: Option<Days>, spans: Vec<Span>) {
        let season = self.current_season();
        self.drafts.push(Draft { season, days, spans, gap, sealed: false, exception: false });
    }

    fn season(&mut self, season: Season) -> Option<()> {
        if !self.pending.is_empty() {
            (self.seasons.is_empty() && self.drafts.is_empty() && self.bracket.is_none()).then_some(())?;
            self.shared = Some(self.take_pending(0)?.1);
        }
        self.seasons.push(season);
        Some(())
    }

    fn span(&mut self, gap: Gap, span: Span) -> Option<()> {
        let season = self.current_season();
        self.settle()?;
        if let Some((days_gap, _)) = self.pending.first() {
            // 工作日（周一9:00-17:00）
            let halved =
                self.bracket.as_ref().is_some_and(|bracket| (1..self.pending.len()).contains(&bracket.pending));
            // 8:00-20:00 周一至周五，9:00-18:00: the days belong to the times before them, or to those after.
            let after_times = self.drafts.last().is_some_and(Draft::awaits_days);
            if halved || self.shared.is_some() || (after_times && *days_gap < gap) {
                return None;
            }
            let (gap, days) = self.take_pending(0)?;
            self.add(gap, Some(days), vec![span]);
            if let Some(bracket) = &mut self.bracket {
                bracket.pending = 0;
            }
            return Some(());
        }
        match self.drafts.last_mut() {
            Some(last) if last.is_open() && !last.sealed && last.season == season => last.spans.push(span),
            _ => {
                let days = self.shared.clone();
                self.add(gap, days, vec![span]);
            }
        }
        Some(())
    }

    fn closed(&mut self) -> Option<()> {
        self.settle()?;
        let in_bracket = self.bracket.as_ref().map_or(0, |bracket| bracket.pending);
        // 周一（休息）
        let from = if in_bracket == self.pending.len() { 0 } else { in_bracket };
        let (gap, days) = self.take_pending(from)?;
        self.add(gap, Some(days), Vec::new());
        if let Some(bracket) = &mut self.bracket {
            bracket.pending = bracket.pending.min(from);
        }
        Some(())
    }

    fn except(&mut self) -> Option<()> {
        self.settle()?;
        // 每天，周一除外: only what follows the last comma is the exception.
        let from = match &self.bracket {
            Some(bracket) => bracket.pending,
            None => self.pending.iter().rposition(|(gap, _)| *gap >= Gap::Comma).unwrap_or(0),
        };
        let (gap, days) = self.take_pending(from)?;
        if self.bracket.as_ref().is_some_and(|bracket| bracket.after_closed) {
            return self.reopen(&days);
        }
        self.ends_in_exception = self.bracket.is_none();
        self.exception(gap, days)
    }

    fn except_days(&mut self, days: Vec<Days>) -> Option<()> {
        let days = together(days)?;
        self.ends_in_exception = self.bracket.is_none();
        self.exception(Gap::Comma, days)
    }

    fn exception(&mut self, gap: Gap, days: Days) -> Option<()> {
        if days.rest || days.of_month.is_some() {
            return None;
        }
        self.add(gap, Some(days), Vec::new());
        self.drafts.last_mut()?.exception = true;
        Some(())
    }

    /// 周一闭馆（法定节假日除外）: closed but for the Mondays that are days off.
    fn reopen(&mut self, days: &Days) -> Option<()> {
        let closed = self.drafts.last_mut()?.days.as_mut()?;
        if !days.is_holidays() || closed.named != Cells::NONE || closed.of_month.is_some() {
            return None;
        }
        self.reopened = self.reopened.or(closed.cells.and(Cells::HOLIDAYS));
        closed.cells = closed.cells.without(Cells::HOLIDAYS);
        Some(())
    }

    fn as_usual(&mut self, never_rests: bool) -> Option<()> {
        self.settle()?;
        let from = self.bracket.as_ref().map_or(0, |bracket| bracket.pending);
        if self.pending.len() == from {
            // 24小时不打烊, 9:00-17:00正常营业
            self.never_rests |= never_rests;
            return Some(());
        }
        let (_, days) = self.take_pending(from)?;
        if self.bracket.as_ref().is_some_and(|bracket| bracket.after_closed) {
            return self.reopen(&days);
        }
        // 周末照常，9:00-17:00: the times may be the weekend's.
        (self.pending.is_empty() && self.drafts.iter().any(Draft::is_open)).then_some(())?;
        days.cells.and(days.named).without(Cells::HOLIDAYS).is_empty().then_some(())?;
        if days.cells.without(Cells::HOLIDAYS).is_empty() && days.of_month.is_none() && !days.rest {
            // 不休 of a place closed on weekends may say that it is open on a Sunday that is a day off.
            self.never_rests |= never_rests;
        } else {
            // 周末、节假日正常开放 says when only if every day is alike.
            self.never_rests = true;
        }
        self.holidays_as_usual = true;
        Some(())
    }

    /// 含节假日 says when only if every day is alike.
    fn includes(&mut self, days: Vec<Days>) -> Option<()> {
        let days = together(days)?;
        (days.of_month.is_none() && !days.rest).then_some(())?;
        self.holidays_as_usual = true;
        self.never_rests = true;
        Some(())
    }

    fn close(&mut self) -> Option<()> {
        let bracket = self.bracket.take()?;
        if self.drafts.len() > bracket.drafts && bracket.pending == 0 {
            // 9:00-17:00（周六9:00-12:00）14:00-15:00: of which day?
            self.drafts.last_mut()?.sealed = true;
        }
        if self.pending.len() == bracket.pending {
            return Some(());
        }
        // 工作日（周一至周五）
        (bracket.pending == 0).then_some(())?;
        match self.drafts.last_mut() {
            // 9:00-17:00（周一至周五）
            Some(last) if last.awaits_days() && bracket.gap < Gap::Stop => {
                last.sealed = true;
                let days = together(self.pending.drain(..).map(|(_, days)| days))?;
                self.drafts.last_mut()?.days = Some(days);
            }
            // 【周一至周五】9:00-17:00
            _ => {}
        }
        Some(())
    }

    fn finish(mut self) -> Option<Hours> {
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
            let spans = if draft.is_open() { times::in_order(draft.spans)? } else { Vec::new() };
            let days = draft.days.unwrap_or_else(Days::every_day);
            clauses.push(Clause { season: draft.season, days, spans });
        }
        put_pauses(&mut clauses, &self.pauses, self.no_pause)?;
        Some(Hours {
            seasons: self.seasons,
            clauses,
            holidays_as_usual: self.holidays_as_usual,
            never_rests: self.never_rests,
            reopened: self.reopened,
        })
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

//! Phrases as clauses: which days belong to which times.

use super::days::{Cells, Days};
use super::phrases::{Gap, Phrase};
use super::seasons::Season;
use super::spans::Span;

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
    pub(super) said: Said,
}

/// What a text says of all its clauses.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Said {
    /// 节假日照常: days off are as other days.
    pub(super) holidays_as_usual: bool,
    /// 全年无休: no day is closed.
    pub(super) never_rests: bool,
    /// 周一闭馆（法定节假日除外）: these days are open as the others are.
    pub(super) reopened: Cells,
}

/// A clause being read.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) season: Option<usize>,
    /// None if times were given without days.
    pub(super) days: Option<Days>,
    pub(super) spans: Vec<Span>,
    pub(super) gap: Gap,
    /// Its days followed its times in brackets; whatever comes next is another clause.
    pub(super) sealed: bool,
    /// It came as 除外, which is about the one clause there is.
    pub(super) exception: bool,
}

impl Draft {
    pub(super) const fn is_open(&self) -> bool {
        !self.spans.is_empty()
    }

    pub(super) const fn awaits_days(&self) -> bool {
        self.is_open() && self.days.is_none() && !self.sealed
    }
}

#[derive(Debug, Default)]
pub(super) struct Builder {
    pub(super) drafts: Vec<Draft>,
    pub(super) seasons: Vec<Season>,
    /// Days whose times are still to come.
    pub(super) pending: Vec<(Gap, Days)>,
    /// Days said before the seasons: `周一至周五：夏季（…）…，冬季（…）…`
    pub(super) shared: Option<Days>,
    pub(super) bracket: Option<Bracket>,
    pub(super) pauses: Vec<Span>,
    pub(super) no_pause: bool,
    pub(super) said: Said,
    /// Whether the last phrase was 除外 outside of brackets.
    pub(super) ends_in_exception: bool,
}

/// An open bracket.
#[derive(Debug)]
pub(super) struct Bracket {
    pub(super) gap: Gap,
    /// How many days were pending before it.
    pub(super) pending: usize,
    /// How many clauses were begun before it.
    pub(super) drafts: usize,
    /// It comes right after 休息.
    pub(super) after_closed: bool,
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

fn together(days: impl IntoIterator<Item = Days>) -> Option<Days> {
    let mut days = days.into_iter();
    let first = days.next()?;
    days.try_fold(first, Days::and)
}

impl Builder {
    pub(super) fn current_season(&self) -> Option<usize> {
        self.seasons.len().checked_sub(1)
    }

    /// The pending days from a place on, as days of one clause, with the gap before them.
    pub(super) fn take_pending(&mut self, from: usize) -> Option<(Gap, Days)> {
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
        self.said.reopened = self.said.reopened.or(closed.cells.and(Cells::HOLIDAYS));
        closed.cells = closed.cells.without(Cells::HOLIDAYS);
        Some(())
    }

    fn as_usual(&mut self, never_rests: bool) -> Option<()> {
        self.settle()?;
        let from = self.bracket.as_ref().map_or(0, |bracket| bracket.pending);
        if self.pending.len() == from {
            // 24小时不打烊, 9:00-17:00正常营业
            self.said.never_rests |= never_rests;
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
            self.said.never_rests |= never_rests;
        } else {
            // 周末、节假日正常开放 says when only if every day is alike.
            self.said.never_rests = true;
        }
        self.said.holidays_as_usual = true;
        Some(())
    }

    /// 含节假日 says when only if every day is alike.
    fn includes(&mut self, days: Vec<Days>) -> Option<()> {
        let days = together(days)?;
        (days.of_month.is_none() && !days.rest).then_some(())?;
        self.said.holidays_as_usual = true;
        self.said.never_rests = true;
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
}

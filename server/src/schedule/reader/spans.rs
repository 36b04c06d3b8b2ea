//! Spans of the day, and how those of one day stand to each other.

use std::fmt;

pub(super) const NOON: u32 = 12 * 60;
pub(super) const MIDNIGHT: u32 = 24 * 60;

/// From one minute of the day to another; past 1440 it is the next day's. Never longer than 24 hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Span {
    start: u32,
    end: u32,
}

impl Span {
    pub(super) const WHOLE_DAY: Self = Self { start: 0, end: MIDNIGHT };

    pub(super) fn new(start: u32, end: u32) -> Option<Self> {
        (start < end && start < MIDNIGHT && end - start <= MIDNIGHT).then_some(Self { start, end })
    }

    pub(super) const fn is_overnight(self) -> bool {
        self.end > MIDNIGHT
    }

    const fn contains(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// Open before and after dinner time at noon, which `中午不休息` is about.
    pub(super) const fn is_open_at_noon(self) -> bool {
        self.start < NOON && NOON < self.end
    }

    /// What is left of this span around a pause inside it.
    pub(super) fn around(self, pause: Self) -> Option<[Self; 2]> {
        Some([Self::new(self.start, pause.start)?, Self::new(pause.end, self.end)?])
    }
}

/// As OSM writes it.
impl fmt::Display for Span {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        // `22:00-02:00` reads better than `22:00-26:00`; a whole day from 8 to 8 needs the latter.
        let end = if self.is_overnight() && self.end - MIDNIGHT < self.start { self.end - MIDNIGHT } else { self.end };
        write!(out, "{:02}:{:02}-{:02}:{:02}", self.start / 60, self.start % 60, end / 60, end % 60)
    }
}

/// One day's spans in order, those that touch made one. None if they overlap: somebody meant something else.
pub(super) fn in_order(mut spans: Vec<Span>) -> Option<Vec<Span>> {
    spans.sort_unstable();
    let mut tidy: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans {
        match tidy.last_mut() {
            Some(before) if span.start < before.end => return None,
            Some(before) if span.start == before.end => before.end = span.end,
            _ => tidy.push(span),
        }
    }
    let (first, last) = (tidy.first()?, tidy.last()?);
    (last.end <= first.start + MIDNIGHT).then_some(tidy)
}

/// Whether all of `inner` lies within `outer`.
pub(super) fn contain(outer: &[Span], inner: &[Span]) -> bool {
    inner.iter().all(|inner| outer.iter().any(|outer| outer.contains(*inner)))
}

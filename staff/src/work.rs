//! The queue and the case on the screen, as signals: read from the server, and from the device where there is none.

mod case;

use std::ops::Deref;

use leptos::prelude::{expect_context, provide_context};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;
use waypost_app::domain::case::Step;
use waypost_app::domain::ids::{ReportId, StaffId};
use waypost_app::local::spawn;
use waypost_app::markup::RwSignal;
use waypost_app::wire::staff::cases::{CaseList, CaseRow, CaseView, Counts, Template, TemplateList, UnitView, Units};

use crate::ask::{self, Trouble};
use crate::desk::{Desk, Session};
use crate::filter::{Filter, Saved};
use crate::street::{self, Held};
use crate::stuck::StuckCases;
use crate::text::WorkText;

/// Where the API has the cases.
pub const CASES: &str = "/api/v1/staff/cases";
/// Under which name the list of answers is kept on the device.
pub const TEMPLATES: &str = "templates";
/// Cases of a page: some screens full.
const PAGE: usize = 50;

/// A handle to all of it, which lives as long as the page; cheap to copy.
#[derive(Clone, Copy, Debug)]
pub struct Work(&'static Signals);

impl Deref for Work {
    type Target = Signals;

    fn deref(&self) -> &Signals {
        self.0
    }
}

/// What stands on the screen, each thing by itself.
#[derive(Debug)]
pub struct Signals {
    pub desk: Desk,
    pub t: &'static WorkText,
    pub rows: RwSignal<Vec<CaseRow>>,
    /// Where the next page begins.
    pub next: RwSignal<Option<String>>,
    pub filter: RwSignal<Filter>,
    pub saved: RwSignal<Vec<Saved>>,
    pub counts: RwSignal<Counts>,
    /// `None`: not read yet, nor by an earlier page.
    pub units: RwSignal<Option<Vec<UnitView>>>,
    pub templates: RwSignal<Vec<Template>>,
    /// Whether the queue was read at all.
    pub is_read: RwSignal<bool>,
    /// The case that is open.
    pub case: RwSignal<Option<CaseView>>,
    pub similar: RwSignal<Vec<CaseRow>>,
    /// The step whose form is open.
    pub form: RwSignal<Option<Step>>,
    /// Chosen for doing something with all of them.
    pub chosen: RwSignal<Vec<ReportId>>,
    /// Whose page is open.
    pub opened: RwSignal<Option<ReportId>>,
    /// The line that the keys go on from, also when its page is closed again.
    pub cursor: RwSignal<Option<ReportId>>,
    /// Steps that the server has not answered, or has refused.
    pub held: RwSignal<Vec<Held>>,
    /// In whose time at the desk they are being sent; `None`: they are not.
    pub draining: RwSignal<Option<Sitting>>,
    /// Somebody has asked that they be sent, since the last round over them began.
    pub is_wanted: RwSignal<bool>,
    /// Rounds in a row in which nothing got through.
    pub tries: RwSignal<u32>,
    /// Of which cases it was.
    pub stuck: RwSignal<StuckCases>,
    /// Grows with each wait for the next round: an earlier wait ends in nothing.
    pub pause: RwSignal<u32>,
    /// Steps, by the ids of their events, of which somebody waits to be told what came of them.
    pub taken: RwSignal<Vec<(ReportId, Uuid)>>,
    /// Why the last step could not be kept on this device; empty: it was.
    pub unkept: RwSignal<String>,
    /// The units under the numbers on the screen.
    pub offered: RwSignal<Vec<UnitView>>,
    /// Readings of the queue: how many have begun, and which of them is shown.
    pub readings: RwSignal<(u64, u64)>,
    /// Grows when somebody else may be at this desk: answers to what was asked before are nobody's then.
    pub turn: RwSignal<u32>,
    /// What went wrong with what was done last.
    pub fault: RwSignal<String>,
    pub live: RwSignal<bool>,
}

/// Somebody's time at the desk: what was asked in it is answered to nobody else, and nothing is sent in another's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sitting {
    turn: u32,
    /// Who is signed in.
    pub person: Option<StaffId>,
}

/// The work of the page being drawn.
///
/// # Panics
/// Outside [`crate::App`], which provides it.
#[must_use]
pub fn use_work() -> Work {
    expect_context()
}

impl Work {
    #[must_use]
    pub fn provide(desk: Desk) -> Self {
        let signals = Signals {
            desk,
            t: &desk.t.work,
            rows: RwSignal::new(Vec::new()),
            next: RwSignal::new(None),
            filter: RwSignal::new(Filter::default()),
            saved: RwSignal::new(Vec::new()),
            counts: RwSignal::new(Counts::default()),
            units: RwSignal::new(None),
            templates: RwSignal::new(Vec::new()),
            is_read: RwSignal::new(false),
            case: RwSignal::new(None),
            similar: RwSignal::new(Vec::new()),
            form: RwSignal::new(None),
            chosen: RwSignal::new(Vec::new()),
            opened: RwSignal::new(None),
            cursor: RwSignal::new(None),
            held: RwSignal::new(Vec::new()),
            draining: RwSignal::new(None),
            is_wanted: RwSignal::new(false),
            tries: RwSignal::new(0),
            stuck: RwSignal::new(StuckCases::default()),
            pause: RwSignal::new(0),
            taken: RwSignal::new(Vec::new()),
            unkept: RwSignal::new(String::new()),
            offered: RwSignal::new(Vec::new()),
            readings: RwSignal::new((0, 0)),
            turn: RwSignal::new(0),
            fault: RwSignal::new(String::new()),
            live: RwSignal::new(false),
        };
        // Once a page.
        let work = Self(Box::leak(Box::new(signals)));
        provide_context(work);
        work
    }

    /// Who is signed in.
    #[must_use]
    pub fn person(self) -> Option<StaffId> {
        self.desk.session.look_untracked(Session::worker)
    }

    /// The one that goes on now.
    #[must_use]
    pub fn sitting(self) -> Sitting {
        Sitting { turn: self.turn.get_untracked(), person: self.person() }
    }

    /// Whether nobody has come or gone since; whoever is about to go has gone.
    #[must_use]
    pub fn is_still(self, sitting: Sitting) -> bool {
        self.sitting() == sitting && !self.desk.leaving.get_untracked()
    }

    /// Everything, for somebody who has just come: also what seldom changes.
    pub fn begin_work(self) {
        let turn = self.turn.get_untracked();
        spawn(async move {
            let saved = street::kept("filters").await.unwrap_or_default();
            if self.turn.get_untracked() == turn {
                self.saved.set(saved);
            }
        });
        self.look_at_lists();
        self.look_at_queue();
    }

    /// The queue as it now is, and how much there is to do; also what cases are given with, until it has been read.
    pub fn look_again(self) {
        if self.units.look_untracked(Option::is_none) {
            self.look_at_lists();
        }
        self.look_at_queue();
    }

    /// As much of the queue as was shown before.
    fn look_at_queue(self) {
        spawn(async move {
            self.read_queue().await;
            self.read_counts().await;
        });
    }

    /// How much there is to do.
    pub async fn read_counts(self) {
        let turn = self.turn.get_untracked();
        if let Ok(counts) = ask::get::<Counts>("/api/v1/staff/cases/counts").await
            && self.turn.get_untracked() == turn
        {
            self.counts.set(counts);
        }
    }

    /// Forgets what somebody else was shown.
    pub fn empty(self) {
        self.turn.set(self.turn.get_untracked().wrapping_add(1));
        self.rows.set(Vec::new());
        self.next.set(None);
        self.close();
        self.similar.set(Vec::new());
        self.cursor.set(None);
        self.chosen.set(Vec::new());
        self.held.set(Vec::new());
        self.stuck.set(StuckCases::default());
        self.tries.set(0);
        self.taken.set(Vec::new());
        self.saved.set(Vec::new());
        self.filter.set(Filter::default());
        self.counts.set(Counts::default());
        self.units.set(None);
        self.templates.set(Vec::new());
        self.fault.set(String::new());
        self.is_read.set(false);
    }

    /// The queue, as many pages as are shown.
    pub async fn read_queue(self) {
        let (filter, sitting) = (self.filter.get_untracked(), self.sitting());
        // Of two that are under way the later one knows more, whichever is answered first.
        let mut nth = 0;
        self.readings.update(|(begun, _)| {
            *begun += 1;
            nth = *begun;
        });
        let is_latest = || self.readings.look_untracked(|(_, shown)| nth > *shown);
        let wanted = self.rows.look_untracked(Vec::len).max(1);
        let mut rows = Vec::new();
        let mut after: Option<String> = None;
        loop {
            let url = format!("{CASES}{}", filter.query(PAGE, after.as_deref()));
            let outcome = ask::get::<CaseList>(&url).await;
            if !self.is_still(sitting) {
                return;
            }
            self.desk.note(&outcome);
            match outcome {
                Ok(list) => {
                    rows.extend(list.cases);
                    after = list.next;
                }
                Err(trouble) => return self.read_kept_queue(&trouble, &filter).await,
            }
            if after.is_none() || rows.len() >= wanted {
                break;
            }
        }
        // Somebody has chosen another filter meanwhile.
        if self.filter.look_untracked(|now| *now != filter) || !is_latest() {
            return;
        }
        if filter == Filter::default() {
            // A copy only; without it there is nothing to read at the corner.
            let _ = street::keep("queue", &rows.iter().take(PAGE).cloned().collect::<Vec<_>>()).await;
        }
        if self.is_still(sitting) && self.filter.look_untracked(|now| *now == filter) && is_latest() {
            self.readings.update(|(_, shown)| *shown = nth);
            self.show(rows, after);
        }
    }

    async fn read_kept_queue(self, trouble: &Trouble, filter: &Filter) {
        if !trouble.passes() {
            self.fault.set(self.desk.words(trouble));
            return;
        }
        if self.rows.look_untracked(Vec::is_empty)
            && let Some(mut rows) = street::kept::<Vec<CaseRow>>("queue").await
        {
            rows.retain(|row| filter.keeps(row));
            self.show(rows, None);
        }
        self.is_read.set(true);
    }

    fn show(self, rows: Vec<CaseRow>, next: Option<String>) {
        let is_new = |units: &Vec<UnitView>| {
            rows.iter().filter_map(|row| row.unit).any(|id| units.iter().all(|unit| unit.id != id))
        };
        if self.units.look_untracked(|units| units.as_ref().is_some_and(is_new)) {
            self.look_at_lists();
        }
        let is_there = |id: &ReportId| rows.iter().any(|row| row.id == *id);
        self.chosen.update(|chosen| chosen.retain(is_there));
        if self.rows.look_untracked(|shown| *shown != rows) {
            self.rows.set(rows);
        }
        self.next.set(next);
        self.is_read.set(true);
    }

    /// The next page.
    pub fn read_more(self) {
        let Some(after) = self.next.get_untracked() else { return };
        // Taken away, so that it is asked for once.
        self.next.set(None);
        let (filter, turn) = (self.filter.get_untracked(), self.turn.get_untracked());
        spawn(async move {
            let url = format!("{CASES}{}", filter.query(PAGE, Some(&after)));
            let outcome = ask::get::<CaseList>(&url).await;
            self.desk.note(&outcome);
            if self.filter.look_untracked(|now| *now != filter) || self.turn.get_untracked() != turn {
                return;
            }
            match outcome {
                Ok(list) => {
                    self.rows.update(|rows| rows.extend(list.cases));
                    self.next.set(list.next);
                }
                Err(_) => self.next.set(Some(after)),
            }
        });
    }

    /// What cases are given and answered with, units and templates, as they now are: somebody may have changed them.
    pub fn look_at_lists(self) {
        let sitting = self.sitting();
        let is_mine = move || self.is_still(sitting);
        spawn(async move {
            let is_unread = || self.units.look_untracked(Option::is_none);
            if let Some(list) = copied::<Units>("/api/v1/staff/units", "units", is_mine, is_unread).await {
                self.units.set(Some(list.units));
            }
        });
        spawn(async move {
            let is_unread = || self.templates.look_untracked(Vec::is_empty);
            if let Some(list) = copied::<TemplateList>("/api/v1/staff/templates", TEMPLATES, is_mine, is_unread).await {
                self.templates.set(list.templates);
            }
        });
    }

    /// Another filter: the queue from its beginning.
    pub fn choose(self, filter: Filter) {
        if self.filter.look_untracked(|now| *now == filter) {
            return;
        }
        self.filter.set(filter);
        self.rows.set(Vec::new());
        self.is_read.set(false);
        spawn(async move { self.read_queue().await });
    }

    /// Keeps the saved filters on this device, until somebody signs out.
    pub fn keep_filters(self, saved: Vec<Saved>) {
        self.saved.set(saved.clone());
        spawn(async move {
            // Where nothing is kept, they last as long as the page.
            let _ = street::keep("filters", &saved).await;
        });
    }
}

/// What the server has now, of which a copy is kept under a name; the copy where it does not say and nothing was read yet.
/// `None`: neither, or somebody else is at the desk.
async fn copied<T: Serialize + DeserializeOwned>(
    url: &str,
    name: &str,
    is_mine: impl Fn() -> bool,
    is_unread: impl Fn() -> bool,
) -> Option<T> {
    let outcome = ask::get::<T>(url).await;
    if !is_mine() {
        return None;
    }
    if let Ok(now) = &outcome {
        let _ = street::keep(name, now).await;
    }
    let now = match outcome {
        Ok(now) => Some(now),
        Err(_) if is_unread() => street::kept(name).await,
        Err(_) => None,
    };
    now.filter(|_| is_mine())
}

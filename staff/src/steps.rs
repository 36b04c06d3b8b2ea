//! Taking steps: sent at once, or held on the device until there is a network (see `drain`).

use gloo_net::http::Method;
use uuid::Uuid;
use waypost_app::domain::case::{DeclineReason, Step};
use waypost_app::domain::ids::{ReportId, UnitId};
use waypost_app::domain::report::ReportState;
use waypost_app::local::spawn;
use waypost_app::wire::staff::cases::{By, CaseChange, CaseEvent, CaseRow, CaseView, Changed, UnitView};

use crate::ask::{self, Trouble};
use crate::street::{self, Held};
use crate::work::{CASES, Work};

/// What somebody decides of a case, without the case.
#[derive(Clone, Debug, Default)]
pub struct Decision {
    pub unit: Option<UnitId>,
    pub note_public: String,
    pub note_internal: String,
    pub reason: Option<DeclineReason>,
    pub into: Option<ReportId>,
    /// SHA-256 of photos that this device keeps.
    pub photos: Vec<String>,
}

/// What came of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Done,
    /// It waits on this device for a network.
    Kept,
    /// It was not done; [`Work::fault`] says why.
    NotDone,
}

fn change(row: &CaseRow, step: Step, decision: &Decision) -> CaseChange {
    CaseChange {
        event_id: Uuid::now_v7(),
        version: row.version,
        step,
        unit: decision.unit,
        note_public: decision.note_public.trim().to_owned(),
        note_internal: decision.note_internal.trim().to_owned(),
        reason: decision.reason,
        into: decision.into,
        photos: decision.photos.clone(),
    }
}

impl Work {
    /// Takes a step that needs nothing more said; opens the form of any other.
    pub fn begin(self, step: Step) {
        match step {
            Step::Accept | Step::Start => self.take(step, Decision::default()),
            _ => self.form.set(Some(step)),
        }
    }

    /// Takes a step with the open case, says what came of it, and shows the case as it then is.
    pub fn take(self, step: Step, decision: Decision) {
        spawn(async move {
            let is_new = self
                .case
                .look_untracked(|case| case.as_ref().is_some_and(|case| case.row.state == ReportState::Received));
            // A new report is accepted on the way to its unit.
            if step == Step::Assign
                && is_new
                && self.take_now(Step::Accept, Decision::default()).await == Outcome::NotDone
            {
                return;
            }
            self.take_now(step, decision).await;
        });
    }

    /// Units that get new cases, in the order in which they are offered.
    #[must_use]
    pub fn open_units(self) -> Vec<UnitView> {
        let suggested = self.case.look_untracked(|case| case.as_ref().and_then(|case| case.suggested_unit));
        let mut open: Vec<UnitView> =
            self.units.look_untracked(|units| units.iter().filter(|unit| !unit.closed).cloned().collect());
        // The one that the district's rules name comes first, and has the first key.
        open.sort_by_key(|unit| Some(unit.id) != suggested);
        open
    }

    /// Takes one step, and waits until it is known what came of it.
    async fn take_now(self, step: Step, decision: Decision) -> Outcome {
        let Some(row) = self.case.look_untracked(|case| case.as_ref().map(|case| case.row.clone())) else {
            return Outcome::NotDone;
        };
        self.fault.set(String::new());
        let held = Held { case: row.id, code: row.code.clone(), change: change(&row, step, &decision), refused: None };
        // What comes before it is still here: the version that it follows is not known yet.
        if self.is_held(row.id) {
            return self.keep_for_later(held).await;
        }
        let sent = send(&held).await;
        self.desk.note(&sent);
        match sent {
            Ok(case) => {
                self.form.set(None);
                self.desk.say(format!("{} · {}", row.code, (self.t.done)(step)));
                // A copy for the corner.
                let _ = street::keep_case(&case).await;
                self.show_case(case);
                self.look_again();
                Outcome::Done
            }
            Err(trouble) if trouble.passes() => self.keep_for_later(held).await,
            Err(trouble) => {
                self.fault.set(self.why(&trouble));
                self.read_case(row.id).await;
                Outcome::NotDone
            }
        }
    }

    /// Takes a step with every chosen case, one after the other; what did not work is said by its code.
    pub fn take_with_chosen(self, step: Step, decision: Decision) {
        let chosen = self.chosen.get_untracked();
        let rows: Vec<CaseRow> =
            self.rows.look_untracked(|rows| rows.iter().filter(|row| chosen.contains(&row.id)).cloned().collect());
        self.fault.set(String::new());
        spawn(async move {
            let (mut done, mut left) = (0_usize, Vec::new());
            let mut is_reachable = true;
            for row in rows {
                if !is_reachable {
                    left.push(row.code);
                    continue;
                }
                let change = change(&row, step, &decision);
                let sent = send(&Held { case: row.id, code: row.code.clone(), change, refused: None }).await;
                self.desk.note(&sent);
                match sent {
                    Ok(_) => {
                        done += 1;
                        self.chosen.update(|chosen| chosen.retain(|id| *id != row.id));
                    }
                    Err(trouble) => {
                        // Nobody waits for forty times no answer.
                        is_reachable = !trouble.passes();
                        left.push(row.code);
                    }
                }
            }
            let mut words = (self.t.bulk_done)(done);
            if !left.is_empty() {
                words.push_str(&(self.t.bulk_left)(left.len(), &left.join("、")));
            }
            self.desk.say(words);
            self.look_again();
        });
    }

    /// Why a step was not done, in words.
    #[must_use]
    pub fn why(self, trouble: &Trouble) -> String {
        let Trouble::Conflict(text) = trouble else { return self.desk.words(trouble) };
        match serde_json::from_str::<Changed>(text) {
            Ok(changed) => {
                let event = changed.changed;
                let what = event.step.map_or(self.state_name(event.state), self.t.done);
                (self.t.changed)(&self.who(&event), &self.desk.ago(&event.at), what)
            }
            Err(_) => self.desk.words(trouble),
        }
    }

    /// Who made an event.
    #[must_use]
    pub fn who(self, event: &CaseEvent) -> String {
        match &event.by {
            By::Reporter => self.t.reporter.to_owned(),
            By::Staff { name, .. } => name.clone(),
            By::Link { unit } => (self.t.by_link)(&self.unit_name(Some(*unit))),
            By::Unknown => self.t.somebody.to_owned(),
        }
    }
}

/// Sends the photos, then the step.
pub(crate) async fn send(held: &Held) -> Result<CaseView, Trouble> {
    for hash in &held.change.photos {
        // What is no longer here was sent before; else the server says so.
        if let Ok(Some(bytes)) = street::photo(hash).await {
            ask::put_photo(&format!("/api/v1/staff/photos/{hash}"), &bytes).await?;
        }
    }
    ask::send(Method::POST, &format!("{CASES}/{}/events", held.case), &held.change).await
}

//! Taking steps: kept on the device first, then sent (see `drain`), whether or not there is a network.

use gloo_net::http::Method;
use uuid::Uuid;
use waypost_app::domain::case::{DeclineReason, Step};
use waypost_app::domain::ids::{ReportId, UnitId};
use waypost_app::domain::report::ReportState;
use waypost_app::local::spawn;
use waypost_app::wire::staff::cases::{CaseChange, CaseRow, CaseView};

use crate::ask::{self, Trouble};
use crate::parts::focus_on;
use crate::street::{self, Held};
use crate::work::{CASES, Sitting, Work};

/// How often a step is tried whose photo this device cannot read, before somebody is told.
const PHOTO_TRIES: u32 = 5;

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

/// Whether somebody may give a case to a unit: a new one, too, which is accepted on the way.
pub(crate) fn may_assign(state: ReportState, steps: &[Step]) -> bool {
    steps.contains(&Step::Assign) || is_accepted_on_the_way(state) && steps.contains(&Step::Accept)
}

fn is_accepted_on_the_way(state: ReportState) -> bool {
    state == ReportState::Received
}

impl Work {
    /// Takes a step that needs nothing more said; opens the form of any other.
    pub fn begin(self, step: Step) {
        match step {
            Step::Accept | Step::Start => self.take(step, Decision::default()),
            // What stands in it is not thrown away by a second tap.
            _ if self.form.get_untracked() == Some(step) => focus_on("words"),
            _ => self.form.set(Some(step)),
        }
    }

    /// Takes a step with the open case. It is kept first; what comes of it is said when it is known.
    pub fn take(self, step: Step, decision: Decision) {
        let Some(row) = self.case.look_untracked(|case| case.as_ref().map(|case| case.row.clone())) else { return };
        // Two taps are one step.
        if self.is_taking(row.id) {
            return;
        }
        self.fault.set(String::new());
        let mut changes = Vec::new();
        if step == Step::Assign && is_accepted_on_the_way(self.state_to_come(&row)) {
            changes.push(change(&row, Step::Accept, &Decision::default()));
        }
        changes.push(change(&row, step, &decision));
        let by = self.person();
        let held = |change| Held { by, case: row.id, code: row.code.clone(), change, refused: None };
        let steps: Vec<Held> = changes.into_iter().map(held).collect();
        self.taken.update(|taken| taken.extend(steps.iter().map(|step| (step.case, step.change.event_id))));
        spawn(async move {
            // Where the browser keeps nothing, work goes on as long as there is a network.
            let kept = street::hold(&steps).await;
            self.unkept.set(kept.err().map(|error| error.to_string()).unwrap_or_default());
            self.held.update(|held| held.extend(steps));
            self.send_held();
        });
    }

    /// Whether somebody waits to be told what came of a step with a case.
    #[must_use]
    pub fn is_taking(self, case: ReportId) -> bool {
        self.taken.look(|taken| taken.iter().any(|(other, _)| *other == case))
    }

    /// The state of a case once all that waits here is done.
    #[must_use]
    pub fn state_to_come(self, row: &CaseRow) -> ReportState {
        self.held.look(|steps| {
            let waiting = steps.iter().filter(|step| step.case == row.id && step.refused.is_none());
            waiting.fold(row.state, |state, step| step.change.step.from(state).unwrap_or(state))
        })
    }

    /// What may be done with a case once all that waits here is done.
    #[must_use]
    pub fn steps_to_come(self, case: &CaseView) -> Vec<Step> {
        let is_merged = case.merged_into.is_some();
        let (state, will_be_merged) = (self.state_to_come(&case.row), self.is_merged_to_come(case));
        match self.desk.role() {
            Some(role) if state != case.row.state || will_be_merged != is_merged => {
                Step::allowed(state, role, will_be_merged)
            }
            _ => case.steps.clone(),
        }
    }

    /// Whether a case is followed through another once all that waits here is done.
    fn is_merged_to_come(self, case: &CaseView) -> bool {
        self.held.look(|steps| {
            let waiting = steps.iter().filter(|step| step.case == case.row.id && step.refused.is_none());
            waiting.fold(case.merged_into.is_some(), |is_merged, step| match step.change.step {
                Step::Merge => true,
                Step::Separate => false,
                _ => is_merged,
            })
        })
    }

    /// Takes a step with every chosen case, one after the other; what did not work is said by its code.
    pub fn take_with_chosen(self, step: Step, decision: Decision) {
        let chosen = self.chosen.get_untracked();
        let rows: Vec<CaseRow> =
            self.rows.look_untracked(|rows| rows.iter().filter(|row| chosen.contains(&row.id)).cloned().collect());
        self.fault.set(String::new());
        let sitting = self.sitting();
        spawn(async move {
            let (mut done, mut left) = (0_usize, Vec::new());
            let mut is_reachable = true;
            for row in rows {
                // Of one that has a step waiting, nobody knows which version comes next.
                if !is_reachable || self.held.look_untracked(|steps| steps.iter().any(|step| step.case == row.id)) {
                    left.push(row.code);
                    continue;
                }
                let sent = self.send_all(sitting, &row, step, &decision).await;
                if !self.is_still(sitting) {
                    return;
                }
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
            // Read first: whoever is told "done" goes on at once, with the cases as they are then and where they stand then.
            if is_reachable {
                self.read_queue().await;
            }
            if !self.is_still(sitting) {
                return;
            }
            self.desk.say(words);
            self.read_counts().await;
        });
    }

    /// Takes a step with a case at once; a new one is accepted on the way to its unit.
    async fn send_all(
        self,
        sitting: Sitting,
        row: &CaseRow,
        step: Step,
        decision: &Decision,
    ) -> Result<CaseView, Trouble> {
        let by = sitting.person;
        let held = |row: &CaseRow, change| Held { by, case: row.id, code: row.code.clone(), change, refused: None };
        if step == Step::Assign && is_accepted_on_the_way(row.state) {
            let accepted = held(row, change(row, Step::Accept, &Decision::default()));
            let accepted = self.send(sitting, &accepted).await?.row;
            return self.send(sitting, &held(&accepted, change(&accepted, step, decision))).await;
        }
        self.send(sitting, &held(row, change(row, step, decision))).await
    }

    /// Sends the photos, then the step, as long as whoever took it is at the desk: a request goes in the name of whoever is
    /// signed in.
    pub(crate) async fn send(self, sitting: Sitting, held: &Held) -> Result<CaseView, Trouble> {
        let mut is_unread = false;
        for hash in &held.change.photos {
            let photo = street::photo(hash).await;
            if !self.is_still(sitting) {
                return Err(Trouble::Offline);
            }
            match photo {
                Ok(Some(bytes)) => ask::put_photo(&format!("/api/v1/staff/photos/{hash}"), &bytes).await?,
                // What is no longer here was sent before; else the server says so.
                Ok(None) => {}
                Err(_) => is_unread = true,
            }
        }
        if !self.is_still(sitting) {
            return Err(Trouble::Offline);
        }
        match ask::send(Method::POST, &format!("{CASES}/{}/events", held.case), &held.change).await {
            // The photo that it lacks may be readable the next time.
            Err(Trouble::Refused(problem))
                if is_unread
                    && problem.errors.iter().any(|error| error.field.starts_with("photos"))
                    && self.stuck.look_untracked(|stuck| stuck.tries(held.case)) < PHOTO_TRIES =>
            {
                Err(Trouble::Offline)
            }
            outcome => outcome,
        }
    }
}

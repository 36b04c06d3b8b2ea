//! Sending the steps that were taken without a network: one at a time, in the order in which they were taken.

use gloo_timers::future::TimeoutFuture;
use waypost_app::domain::ids::ReportId;
use waypost_app::local::spawn;
use waypost_app::wire::staff::cases::CaseView;

use crate::ask::Trouble;
use crate::steps::{Outcome, send};
use crate::street::{self, Held};
use crate::work::Work;

impl Work {
    /// Whether a step with a case still waits for the server.
    pub(crate) fn is_held(self, case: ReportId) -> bool {
        self.held.look_untracked(|steps| steps.iter().any(|step| step.case == case && step.refused.is_none()))
    }

    /// Keeps a step until it can be sent.
    pub(crate) async fn keep_for_later(self, step: Held) -> Outcome {
        if let Err(error) = street::hold(&step).await {
            self.fault.set(error.to_string());
            return Outcome::NotDone;
        }
        self.form.set(None);
        self.held.update(|steps| steps.push(step));
        self.desk.say(self.t.kept);
        if self.desk.online.get_untracked() {
            self.send_held();
        }
        Outcome::Kept
    }

    /// Sends what this device holds, as long as the server answers.
    pub fn send_held(self) {
        // Whoever is at it sends also what has come meanwhile.
        if self.is_draining.get_untracked() {
            return;
        }
        self.is_draining.set(true);
        spawn(async move {
            self.read_held().await;
            let wait_s = self.drain().await;
            self.is_draining.set(false);
            if let Some(seconds) = wait_s {
                TimeoutFuture::new(seconds.saturating_mul(1000)).await;
                self.send_held();
            }
        });
    }

    /// Steps of an earlier page, before those of this one.
    async fn read_held(self) {
        // Unreadable now, they are read with the next try.
        let Ok(kept) = street::held().await else { return };
        let known = self.held.get_untracked();
        let is_new = |step: &Held| !known.iter().any(|other| other.change.event_id == step.change.event_id);
        let mut all: Vec<Held> = kept.into_iter().filter(is_new).collect();
        if all.is_empty() {
            return;
        }
        all.extend(known);
        self.held.set(all);
    }

    /// Seconds after which the server wants to be asked again; `None`: all is sent, or a network is waited for.
    async fn drain(self) -> Option<u32> {
        let mut has_sent = false;
        // Looked for anew each time: what was answered changes what follows it.
        while let Some(step) =
            self.held.look_untracked(|steps| steps.iter().find(|step| step.refused.is_none()).cloned())
        {
            let sent = send(&step).await;
            self.desk.note(&sent);
            match sent {
                Ok(case) => self.acknowledged(&step, case).await,
                Err(Trouble::Later(seconds)) => return Some(seconds.max(1)),
                Err(Trouble::Offline | Trouble::SignedOut(_)) => return None,
                Err(trouble) => self.refused(step, &trouble).await,
            }
            has_sent = true;
        }
        if has_sent {
            self.look_again();
        }
        if self.form.look_untracked(Option::is_none) {
            // Only costs room if it fails.
            let _ = street::drop_loose_photos().await;
        }
        None
    }

    /// The server has done a step: it goes from here, and those after it follow what it made of the case.
    async fn acknowledged(self, step: &Held, case: CaseView) {
        let mut steps = self.held.get_untracked();
        steps.retain(|other| other.change.event_id != step.change.event_id);
        let follows = |other: &&mut Held| other.case == step.case && other.change.version == step.change.version;
        for next in steps.iter_mut().filter(follows) {
            next.change.version = case.row.version;
            // What could not be written is told of a version that is past, and shown to a person, after a restart only.
            let _ = street::hold(next).await;
        }
        // Those that were taken while this was written.
        let now = self.held.get_untracked();
        let is_new = |other: &&Held| !steps.iter().any(|kept| kept.change.event_id == other.change.event_id);
        let later: Vec<Held> =
            now.iter().filter(is_new).filter(|other| other.change.event_id != step.change.event_id).cloned().collect();
        steps.extend(later);
        self.held.set(steps);
        // One that stays here is sent again after a restart, and known to the server by its id.
        let _ = street::release(step).await;
        // A copy for the corner.
        let _ = street::keep_case(&case).await;
        if self.is_open(step.case) {
            self.show_case(case);
        }
    }

    /// The server does not do a step: somebody has to look at it.
    async fn refused(self, step: Held, trouble: &Trouble) {
        let refused = Held { refused: Some(self.why(trouble)), ..step };
        // What could not be written is refused again after a restart.
        let _ = street::hold(&refused).await;
        self.held.update(|steps| {
            for step in steps.iter_mut().filter(|step| step.change.event_id == refused.change.event_id) {
                *step = refused.clone();
            }
        });
    }

    /// Gives a step up that was refused.
    pub fn give_up(self, step: Held) {
        spawn(async move {
            match street::release(&step).await {
                Ok(()) => {
                    self.held.update(|steps| steps.retain(|other| other.change.event_id != step.change.event_id));
                }
                Err(error) => self.fault.set(error.to_string()),
            }
        });
    }
}

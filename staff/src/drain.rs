//! Sending the steps that were taken: one at a time, those with one case in the order in which they were taken. A step that
//! does not get through holds up its own case only.

use gloo_timers::future::TimeoutFuture;
use waypost_app::domain::ids::ReportId;
use waypost_app::local::{clock, spawn};
use waypost_app::wire::staff::cases::CaseView;

use crate::ask::{self, Trouble};
use crate::street::{self, Draft, Held};
use crate::stuck::StuckCases;
use crate::work::{CASES, Sitting, Work};

/// After so many cases that did not get through in a round, the others wait as well.
const MOST_STUCK: usize = 2;
/// Until the next try after the first that failed, in seconds; twice as long after each further one.
const FIRST_WAIT_S: u32 = 5;
const LONGEST_WAIT_S: u32 = 300;
/// Timers hold at most 2³¹ ms, and a sleeping device keeps none exactly: then it is looked again.
const LONGEST_TIMER_S: u32 = 3600;

impl Work {
    /// Sends what this device holds, as long as the server answers.
    pub fn send_held(self) {
        let sitting = self.sitting();
        self.is_wanted.set(true);
        // What goes on for whoever was here before is nothing to wait for.
        if self.draining.get_untracked() == Some(sitting) {
            return;
        }
        self.draining.set(Some(sitting));
        spawn(async move {
            let mut wait_s = None;
            // Whoever is at it sends also what has come meanwhile.
            while self.is_wanted.get_untracked() && self.is_still(sitting) {
                self.is_wanted.set(false);
                let is_read = self.read_held().await;
                wait_s = self.drain(sitting).await.or((!is_read).then_some(LONGEST_WAIT_S));
            }
            if self.draining.get_untracked() != Some(sitting) {
                return;
            }
            self.draining.set(None);
            if let Some(seconds) = wait_s {
                self.send_later(seconds).await;
            }
        });
    }

    /// The same, also what the server has asked to wait for.
    pub fn send_now(self) {
        self.stuck.update(StuckCases::forget_waits);
        self.send_held();
    }

    /// The last one to wait sends; whoever waited before does not.
    async fn send_later(self, seconds: u32) {
        let mine = self.pause.get_untracked().wrapping_add(1);
        self.pause.set(mine);
        TimeoutFuture::new(seconds.min(LONGEST_TIMER_S) * 1000).await;
        if self.pause.get_untracked() == mine && self.person().is_some() {
            self.send_held();
        }
    }

    /// Steps of an earlier page, before those of this one. False: they cannot be read now.
    async fn read_held(self) -> bool {
        let Ok(kept) = street::held().await else { return false };
        let known = self.held.get_untracked();
        let is_new = |step: &Held| !known.iter().any(|other| other.change.event_id == step.change.event_id);
        let mut all: Vec<Held> = kept.into_iter().filter(is_new).collect();
        if !all.is_empty() {
            all.extend(known);
            self.held.set(all);
        }
        true
    }

    /// The steps that wait to be sent, of whoever is signed in.
    fn waiting(self, steps: &[Held]) -> impl Iterator<Item = &Held> {
        let person = self.person();
        steps.iter().filter(move |step| step.refused.is_none() && (step.by.is_none() || step.by == person))
    }

    /// The next step to send, of none of the cases that were tried `in_vain`.
    fn next_held(self, in_vain: &[ReportId]) -> Option<Held> {
        self.held.look_untracked(|steps| {
            let cases = self.waiting(steps).map(|step| step.case).filter(|case| !in_vain.contains(case));
            let case = self.stuck.look_untracked(|stuck| stuck.next(cases, clock::now_millis()))?;
            self.waiting(steps).find(|step| step.case == case).cloned()
        })
    }

    /// The moment from which one of those that wait may be tried, in milliseconds since 1970; `None`: none waits.
    fn next_moment(self) -> Option<i64> {
        self.held.look_untracked(|steps| {
            self.stuck.look_untracked(|stuck| self.waiting(steps).map(|step| stuck.not_before(step.case)).min())
        })
    }

    /// Seconds until the next try; `None`: all is sent, or nobody is signed in.
    async fn drain(self, sitting: Sitting) -> Option<u32> {
        let (mut has_sent, mut in_vain) = (false, Vec::new());
        // Looked for anew each time: what was answered changes what follows it.
        while in_vain.len() < MOST_STUCK
            && let Some(step) = self.next_held(&in_vain)
        {
            let outcome = self.send(sitting, &step).await;
            // Whoever is here now begins a round of their own.
            if !self.is_still(sitting) {
                return None;
            }
            match outcome {
                Ok(case) => {
                    self.stuck.update(|stuck| stuck.answered(step.case));
                    self.acknowledged(sitting, &step, case).await;
                    has_sent = true;
                }
                Err(trouble @ Trouble::SignedOut(_)) => {
                    self.desk.note::<()>(&Err(trouble));
                    self.taken.set(Vec::new());
                    return None;
                }
                // What was done, and said in words that this program does not know, is known to the server by its id when a newer
                // program asks again.
                Err(trouble) if trouble.passes() || trouble == Trouble::Unreadable => {
                    let asked_for_s = if let Trouble::Later(seconds) = trouble { seconds } else { 0 };
                    self.stuck.update(|stuck| stuck.failed(step.case, clock::now_millis(), asked_for_s));
                    in_vain.push(step.case);
                }
                Err(trouble) => {
                    self.stuck.update(|stuck| stuck.answered(step.case));
                    self.refused(sitting, step, &trouble).await;
                    has_sent = true;
                }
            }
        }
        // Nobody waits at the screen for what does not get through.
        if self.next_moment().is_some() {
            self.put_off();
        }
        if has_sent {
            self.look_again();
        }
        // Only costs room if it fails.
        let _ = street::drop_loose_photos().await;
        if !in_vain.is_empty() {
            // Whether it is the network is found out by asking for something else.
            self.read_queue().await;
        }
        let soonest = self.next_moment();
        if has_sent || soonest.is_none() {
            self.tries.set(0);
        }
        let soonest = soonest?;
        let asked_s = u32::try_from(soonest.saturating_sub(clock::now_millis()).max(0) / 1000 + 1).unwrap_or(u32::MAX);
        if in_vain.is_empty() {
            return Some(asked_s);
        }
        let tries = self.tries.get_untracked();
        self.tries.set(tries.saturating_add(1));
        Some(FIRST_WAIT_S.saturating_mul(1 << tries.min(8)).min(LONGEST_WAIT_S).max(asked_s))
    }

    /// Those who wait for what came of their steps are told that the steps wait here.
    fn put_off(self) {
        let taken = self.taken.get_untracked();
        if taken.is_empty() {
            return;
        }
        self.taken.set(Vec::new());
        for (case, event) in taken {
            let step = self.held.look_untracked(|steps| {
                steps.iter().find(|step| step.change.event_id == event).map(|step| step.change.step)
            });
            if self.is_open(case) && self.form.get_untracked() == step {
                self.form.set(None);
            }
        }
        let unkept = self.unkept.get_untracked();
        if unkept.is_empty() {
            self.desk.say(self.t.kept);
        } else {
            self.fault.set((self.t.not_kept)(&unkept));
        }
    }

    /// The server has done a step: it goes from here, and those after it follow what it made of the case.
    async fn acknowledged(self, sitting: Sitting, step: &Held, case: CaseView) {
        let mut following = Vec::new();
        self.held.update(|steps| {
            steps.retain(|other| other.change.event_id != step.change.event_id);
            for next in steps.iter_mut().filter(|next| next.case == step.case && next.refused.is_none()) {
                if next.change.version == step.change.version {
                    next.change.version = case.row.version;
                    following.push(next.clone());
                }
            }
        });
        // What could not be written is told of a version that is past, and shown to a person, after a restart only.
        let _ = street::hold(&following).await;
        // One that stays here is sent again after a restart, and known to the server by its id.
        let _ = street::release(step).await;
        if !self.is_still(sitting) {
            return;
        }
        // A copy for the corner.
        let _ = street::keep_case(&case).await;
        self.desk.note(&Ok(()));
        self.desk.say((self.t.just_done)(&step.code, step.change.step));
        self.is_answered(step);
        if self.is_open(step.case) {
            if self.form.get_untracked() == Some(step.change.step) {
                self.form.set(None);
            }
            self.show_case(case);
        }
    }

    /// Nobody waits for what came of a step any more; true if somebody did.
    fn is_answered(self, step: &Held) -> bool {
        let mut is_waited_for = false;
        self.taken.update(|taken| {
            taken.retain(|(_, event)| {
                let is_it = *event == step.change.event_id;
                is_waited_for |= is_it;
                !is_it
            });
        });
        is_waited_for
    }

    /// The server does not do a step. Whoever has its form before them is told there; else it stays here for somebody to look
    /// at.
    async fn refused(self, sitting: Sitting, step: Held, trouble: &Trouble) {
        let why = self.why(trouble);
        if self.is_answered(&step) && self.is_open(step.case) {
            // Those that were to follow it at once cannot.
            let also: Vec<Held> = self.held.look_untracked(|steps| {
                let taken = self.taken.get_untracked();
                let is_next = |other: &&Held| taken.contains(&(step.case, other.change.event_id));
                steps.iter().filter(is_next).cloned().collect()
            });
            for gone in also.iter().chain([&step]) {
                self.is_answered(gone);
                self.drop_held(gone).await;
            }
            if !self.is_still(sitting) {
                return;
            }
            let last = also.last().unwrap_or(&step);
            // Written further in the form, and there again after a restart.
            let _ = street::keep_draft(step.case, last.change.step, &Draft::of(&last.change)).await;
            self.fault.set(why);
            self.read_case(step.case).await;
            return;
        }
        let refused = Held { refused: Some(why), ..step };
        // What could not be written is refused again after a restart.
        let _ = street::hold(std::slice::from_ref(&refused)).await;
        self.replace_held(&refused);
    }

    fn replace_held(self, step: &Held) {
        self.held.update(|steps| {
            for other in steps.iter_mut().filter(|other| other.change.event_id == step.change.event_id) {
                *other = step.clone();
            }
        });
    }

    async fn drop_held(self, step: &Held) {
        self.held.update(|steps| steps.retain(|other| other.change.event_id != step.change.event_id));
        // One that stays here is refused again after a restart.
        let _ = street::release(step).await;
    }

    /// Sends a refused step once more, to the case as it now is, if that is still possible.
    pub fn send_again(self, step: Held) {
        spawn(async move {
            let outcome = ask::get::<CaseView>(&format!("{CASES}/{}", step.case)).await;
            self.desk.note(&outcome);
            let case = match outcome {
                Ok(case) => case,
                Err(trouble) => return self.fault.set(self.desk.words(&trouble)),
            };
            if !case.steps.contains(&step.change.step) {
                let state = self.state_name(case.row.state);
                return self.fault.set((self.t.not_now)(state, (self.t.step)(step.change.step)));
            }
            let mut again = Held { refused: None, ..step };
            again.change.version = case.row.version;
            // Sent from memory where it cannot be written.
            let _ = street::hold(std::slice::from_ref(&again)).await;
            self.replace_held(&again);
            self.send_held();
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

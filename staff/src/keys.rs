//! Single keys for those who work through the queue all morning. They can be switched off (WCAG 2.1.4): speech and some
//! keyboards send letters that nobody meant.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use waypost_app::domain::case::Step;
use waypost_app::domain::ids::ReportId;
use waypost_app::local::storage;
use waypost_app::router::{self, Address};
use web_sys::{Element, KeyboardEvent, ScrollIntoViewOptions, ScrollLogicalPosition};

use crate::markup::RwSignal;
use crate::parts::unfold_and_focus;
use crate::steps::{Decision, may_assign};
use crate::work::Work;

/// Under which a device keeps that they are off.
const OFF: &str = "waypost.staff.keys-off";

/// The key that takes each step.
pub const STEPS: [(&str, Step); 8] = [
    ("a", Step::Accept),
    ("g", Step::Assign),
    ("s", Step::Start),
    ("f", Step::Fix),
    ("d", Step::Decline),
    ("r", Step::Reopen),
    ("m", Step::Merge),
    ("n", Step::Note),
];

/// The key of a step; a case in hand is handed over with the key that assigned it.
#[must_use]
pub fn key_of(step: Step) -> Option<&'static str> {
    let step = if step == Step::HandOver { Step::Assign } else { step };
    STEPS.iter().find(|(_, other)| *other == step).map(|(key, _)| *key)
}

/// Whether the keys are on, and whether their table is shown.
#[derive(Clone, Copy, Debug)]
pub struct Keys {
    pub are_on: RwSignal<bool>,
    pub is_shown: RwSignal<bool>,
}

impl Keys {
    /// Provides them, and listens for as long as the page lives.
    pub fn provide(work: Work, address: RwSignal<Address>) -> Self {
        let keys = Self { are_on: RwSignal::new(storage::get(OFF).is_none()), is_shown: RwSignal::new(false) };
        provide_context(keys);
        let heard = window_event_listener(leptos::ev::keydown, move |event| {
            if keys.press(work, address, &event) {
                event.prevent_default();
            }
        });
        on_cleanup(move || heard.remove());
        keys
    }

    pub fn switch(self) {
        let on = !self.are_on.get_untracked();
        self.are_on.set(on);
        if on {
            storage::remove(OFF);
        } else {
            // Where nothing is kept, they are off as long as the page lives.
            let _ = storage::set(OFF, "1");
        }
    }

    /// What a key does; true if it did something.
    fn press(self, work: Work, address: RwSignal<Address>, event: &KeyboardEvent) -> bool {
        let path = address.look_untracked(|address| address.path().trim_end_matches('/').to_owned());
        let is_here = path == "/staff" || path.starts_with("/staff/cases/");
        // What an input method is told is not for us, such as Escape for a word that is not meant.
        if !is_here || event.is_composing() || event.ctrl_key() || event.meta_key() || event.alt_key() || event.repeat()
        {
            return false;
        }
        let key = event.key();
        if key == "Escape" {
            return self.back(work, address);
        }
        if !self.are_on.get_untracked() || is_typing(event) {
            return false;
        }
        match key.as_str() {
            "?" => self.is_shown.set(!self.is_shown.get_untracked()),
            "/" => unfold_and_focus("search"),
            "j" => return step_to(work, address, 1),
            "k" => return step_to(work, address, -1),
            "u" => return self.back(work, address),
            "x" => return choose(work),
            digit if digit.len() == 1 && digit.as_bytes()[0].is_ascii_digit() => return pick_unit(work, digit),
            letter => return begin(work, letter),
        }
        true
    }

    /// Leaves what is innermost: the table, the form, the case.
    fn back(self, work: Work, address: RwSignal<Address>) -> bool {
        if self.is_shown.get_untracked() {
            self.is_shown.set(false);
        } else if work.form.look_untracked(Option::is_some) {
            work.form.set(None);
        } else if address.look_untracked(|address| address.path().starts_with("/staff/cases/")) {
            router::go(address, "/staff", router::Step::Within);
        } else {
            return false;
        }
        true
    }
}

/// Whether what is pressed is written somewhere.
fn is_typing(event: &KeyboardEvent) -> bool {
    let target: Option<Element> = event.target().and_then(|target| target.dyn_into().ok());
    let into = "input:not([type=checkbox], [type=radio]), textarea, select";
    target.is_some_and(|target| target.matches(into).unwrap_or(false))
}

/// Opens the case that stands so many lines further down.
fn step_to(work: Work, address: RwSignal<Address>, by: isize) -> bool {
    let at = work.cursor.get_untracked();
    let next = work.rows.look_untracked(|rows| {
        let at = rows.iter().position(|row| Some(row.id) == at);
        let next = match at {
            None => 0,
            Some(at) => at.checked_add_signed(by)?,
        };
        rows.get(next).map(|row| row.id)
    });
    let Some(id) = next else { return false };
    router::go(address, &format!("/staff/cases/{id}"), router::Step::Within);
    show_row(id);
    true
}

/// Brings a line of the queue into view.
fn show_row(id: ReportId) {
    request_animation_frame(move || {
        if let Some(row) = document().get_element_by_id(&format!("row-{id}")) {
            // The smallest movement that shows it.
            let options = ScrollIntoViewOptions::new();
            options.set_block(ScrollLogicalPosition::Nearest);
            row.scroll_into_view_with_scroll_into_view_options(&options);
        }
    });
}

fn choose(work: Work) -> bool {
    let Some(id) = work.cursor.get_untracked() else { return false };
    work.chosen.update(|chosen| match chosen.iter().position(|other| *other == id) {
        Some(at) => {
            chosen.remove(at);
        }
        None => chosen.push(id),
    });
    true
}

/// Takes a step that needs nothing more said, or opens its form.
fn begin(work: Work, letter: &str) -> bool {
    let Some((_, step)) = STEPS.iter().find(|(key, _)| *key == letter) else { return false };
    let Some(case) = work.case.get_untracked() else { return false };
    let (state, steps) = (work.state_to_come(&case.row), work.steps_to_come(&case));
    let step = match step {
        Step::Assign if steps.contains(&Step::HandOver) => Step::HandOver,
        Step::Assign if may_assign(state, &steps) => Step::Assign,
        step if steps.contains(step) => *step,
        _ => return false,
    };
    work.begin(step);
    true
}

fn pick_unit(work: Work, digit: &str) -> bool {
    let Some(step @ (Step::Assign | Step::HandOver)) = work.form.get_untracked() else { return false };
    let number: Option<usize> = digit.parse().ok();
    let nth = |number: usize| work.offered.look_untracked(|units| units.get(number.checked_sub(1)?).cloned());
    let Some(unit) = number.and_then(nth) else { return false };
    work.take(step, Decision { unit: Some(unit.id), ..Decision::default() });
    true
}

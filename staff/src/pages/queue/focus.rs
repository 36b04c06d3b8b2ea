//! Where the focus goes on a narrow screen, on which the queue and the case take turns: whatever is hidden loses it.

use leptos::prelude::*;
use waypost_app::domain::ids::ReportId;

use super::row::link_id;
use crate::markup::{Memo, memo, react};
use crate::pages::case::TITLE;
use crate::parts::focus_on;
use crate::work::Work;

/// The heading of the queue.
pub(super) const QUEUE: &str = "queue-title";

/// Follows a case that is opened to its heading, and back to its line.
pub(super) fn follow(work: Work, open: Memo<Option<ReportId>>) {
    let drawn = memo(move || {
        open.get().filter(|id| work.case.look(|case| case.as_ref().is_some_and(|case| case.row.id == *id)))
    });
    // Whoever comes by an address begins where browsers begin.
    let mut at = open.get_untracked();
    react(move || {
        let before = at;
        match (open.get(), drawn.get()) {
            (None, _) => {
                at = None;
                if before.is_some() {
                    after_hiding(".desk > .case", move || to_line(work));
                }
            }
            (now, drawn) if drawn == now && before != now => {
                at = now;
                after_hiding(".desk > .queue", || focus_on(TITLE));
            }
            _ => {}
        }
    });
}

/// Does it once what the address names is drawn, if the style sheet hides the other part then: on a narrow screen.
fn after_hiding(other: &'static str, act: impl FnOnce() + 'static) {
    request_animation_frame(move || {
        if document().query_selector(other).ok().flatten().is_some_and(|part| part.client_height() == 0) {
            act();
        }
    });
}

/// To the line of the case that was open last, or the top of the queue where it has none any more.
fn to_line(work: Work) {
    let link = work.cursor.get_untracked().map(link_id);
    let is_there = |id: &String| document().get_element_by_id(id).is_some();
    focus_on(&link.filter(is_there).unwrap_or_else(|| QUEUE.to_owned()));
}

//! A state as word, shape and colour together, so that none of the three is needed to read it.

use waypost_app::domain::report::ReportState;
use waypost_app::local::prefs::Lang;
use waypost_app::text::text;

use crate::shell::escape;

/// The class that gives it its colour.
pub(super) const fn tone(state: ReportState) -> &'static str {
    match state {
        ReportState::Fixed | ReportState::Confirmed => "pill-open",
        ReportState::Reopened => "pill-again",
        _ => "pill-soon",
    }
}

/// What is drawn for it, on 16 by 16: the fuller, the further.
pub(super) const fn shape(state: ReportState) -> &'static str {
    match state {
        ReportState::Received | ReportState::Declined => {
            "<path class=\"dash\" d=\"M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2\"/>"
        }
        ReportState::Accepted => "<path d=\"M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2\"/>",
        ReportState::Assigned => {
            "<path d=\"M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2\"/><path class=\"full\" d=\"M8 5.4a2.6 2.6 0 1 0 0 5.2 2.6 2.6 0 0 0 0-5.2\"/>"
        }
        ReportState::InProgress => {
            "<path d=\"M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2\"/><path class=\"full\" d=\"M8 2a6 6 0 0 0 0 12z\"/>"
        }
        ReportState::Reopened => "<path d=\"M8 1.8 14.2 8 8 14.2 1.8 8z\"/>",
        ReportState::Fixed => "<path class=\"full\" d=\"M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1\"/>",
        ReportState::Confirmed => {
            "<path class=\"full\" d=\"M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1\"/><path class=\"tick\" d=\"m4.8 8.3 2.2 2.3 4.2-4.7\"/>"
        }
    }
}

/// "◐ 处理中".
pub(super) fn pill(lang: Lang, state: ReportState, size: &str) -> String {
    format!(
        "<span class=\"pill {} {size}\"><svg viewBox=\"0 0 16 16\" aria-hidden=\"true\">{}</svg><span>{}</span></span>",
        tone(state),
        shape(state),
        escape((text(lang).mine.state)(state))
    )
}

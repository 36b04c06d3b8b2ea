//! Days on which a station, a service or a market does not keep its usual hours.

use waypost_app::wire::staff::stations::{Entry, ExceptionDraft, Kept};

use super::rows::{Words, rows};
use crate::desk::{Desk, use_desk};
use crate::form::{Bound, Form};
use crate::keep::editor::{Editor, Typed, Wrong};
use crate::markup::{Node, RwSignal, html};

/// Such days as their form holds them.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct TypedClosure {
    draft: ExceptionDraft,
}

impl Typed for TypedClosure {
    type Draft = ExceptionDraft;

    const PATH: &'static str = "exceptions";
    const FIELDS: &'static [&'static str] = &["target", "first", "last_day", "hours", "reason", "reason_en", "why"];

    fn of(draft: &ExceptionDraft) -> Self {
        Self { draft: draft.clone() }
    }

    /// One day is both the first and the last.
    fn draft(&self) -> Result<ExceptionDraft, Wrong> {
        let mut draft = self.draft.clone();
        if draft.last.trim().is_empty() {
            draft.last.clone_from(&draft.first);
        }
        Ok(draft)
    }

    fn belongs_to(draft: &ExceptionDraft) -> String {
        draft.target.clone()
    }

    fn entry(draft: ExceptionDraft) -> Entry {
        Entry::Exception(draft)
    }

    fn take(entry: Entry) -> Option<ExceptionDraft> {
        if let Entry::Exception(draft) = entry { Some(draft) } else { None }
    }
}

/// Whose hours these can be: ids with their names, the first of them that of a new one.
pub type Targets = Vec<(String, String)>;

/// The days that are kept.
pub fn closures(
    title: &'static str,
    targets: RwSignal<Targets>,
    kept: RwSignal<Vec<Kept<ExceptionDraft>>>,
    of: &str,
) -> Node {
    let desk = use_desk();
    let t = &desk.t.stations.closure;
    let empty = ExceptionDraft { target: of.to_owned(), ..ExceptionDraft::default() };
    html! {
        <section class="card stack" data-testid="closures">
            <h2>{title}</h2>
            <p class="muted">{t.text}</p>
            {rows(
                "closure",
                Words { none: t.none, new: t.new },
                kept,
                empty,
                move |draft: &ExceptionDraft| {
                    let named = |(id, name): &(String, String)| (*id == draft.target).then(|| name.clone());
                    said(t.closed, draft, targets.look(|targets| targets.iter().find_map(named)))
                },
                move |editor, form| fields(desk, editor, form, targets),
            )}
        </section>
    }
}

/// "2026-11-24–2026-11-28 · 关门 · 检修".
fn said(closed: &str, draft: &ExceptionDraft, target: Option<String>) -> String {
    let ExceptionDraft { first, last, hours, reason, .. } = draft;
    let days = if first == last { first.clone() } else { format!("{first}–{last}") };
    let hours = if hours.is_empty() { closed } else { hours };
    let parts = [Some(days), Some(hours.to_owned()), Some(reason.clone()), target];
    let parts: Vec<String> = parts.into_iter().flatten().filter(|part| !part.is_empty()).collect();
    parts.join(" · ")
}

fn fields(desk: Desk, editor: Editor<TypedClosure>, form: &Form, targets: RwSignal<Targets>) -> Node {
    let t = &desk.t.stations;
    let line = |name: &'static str, at: fn(&mut TypedClosure) -> &mut String| form.line(name, "", editor.bind(at));
    let day = |name: &'static str, at: fn(&mut TypedClosure) -> &mut String| {
        form.input(name, (t.field)(name), "", "date", editor.bind(at))
    };
    let target = Bound::of(editor.typed, |it| &mut it.draft.target);
    html! {
        {form.select("target", (t.field)("target"), "", move || targets.get(), target)}
        {day("first", |it| &mut it.draft.first)} {day("last_day", |it| &mut it.draft.last)}
        {form.line("hours", t.closure.hours_hint, editor.bind(|it| &mut it.draft.hours))}
        {line("reason", |it| &mut it.draft.reason)} {line("reason_en", |it| &mut it.draft.reason_en)}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(first: &str, last: &str, hours: &str, reason: &str) -> ExceptionDraft {
        let [first, last, hours, reason] = [first, last, hours, reason].map(str::to_owned);
        ExceptionDraft { first, last, hours, reason, ..ExceptionDraft::default() }
    }

    #[test]
    fn one_day_needs_no_last_day() {
        let typed = TypedClosure::of(&draft("2026-11-24", "", "", "检修"));
        assert_eq!(typed.draft().expect("days").last, "2026-11-24");
        let typed = TypedClosure::of(&draft("2026-11-24", "2026-11-28", "", "检修"));
        assert_eq!(typed.draft().expect("days").last, "2026-11-28");
    }

    #[test]
    fn days_say_when_what_why_and_of_what() {
        let closed = draft("2026-11-24", "2026-11-28", "", "检修");
        assert_eq!(said("关门", &closed, None), "2026-11-24–2026-11-28 · 关门 · 检修");
        let moved = draft("2026-11-24", "2026-11-24", "10:00-12:00", "");
        assert_eq!(said("关门", &moved, Some("理发".to_owned())), "2026-11-24 · 10:00-12:00 · 理发");
    }
}

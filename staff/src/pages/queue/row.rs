//! A line of the queue.

use waypost_app::domain::ids::ReportId;
use waypost_app::wire::staff::cases::CaseRow;

use crate::marks::{state, thumb};
use crate::markup::{Memo, Node, html};
use crate::work::Work;

/// The id of the link by which a line opens its case.
pub(super) fn link_id(id: ReportId) -> String {
    format!("open-{id}")
}

pub(super) fn draw(work: Work, row: CaseRow, open: Memo<Option<ReportId>>) -> Node {
    let t = work.t;
    let id = row.id;
    let title = work.title(&row);
    let due = row.due_at.clone();
    let unit = row.unit;
    let waits = move || {
        let count = work.held.look(|steps| steps.iter().filter(|step| step.case == id).count());
        (count > 0).then(|| html! { <span class="tag">{(t.waiting)(count)}</span> })
    };
    let is_chosen = move || work.chosen.look(|chosen| chosen.contains(&id));
    html! {
        <li
            id=format!("row-{id}")
            class="case-row"
            data-testid="case-row"
            data-here=move || (open.get() == Some(id)).then_some("")
        >
            <label class="choose">
                <input
                    r#type="checkbox"
                    aria-label=(t.choose_case)(&row.code)
                    prop:checked=is_chosen
                    on:change=move |_| {
                        work.chosen
                            .update(|chosen| match chosen.iter().position(|other| *other == id) {
                                Some(at) => {
                                    chosen.remove(at);
                                }
                                None => chosen.push(id),
                            });
                    }
                />
            </label>
            <a
                id=link_id(id)
                href=format!("/staff/cases/{id}")
                aria-current=move || (open.get() == Some(id)).then_some("true")
            >
                {thumb(row.photo.as_deref())}
                <span class="what">
                    <span class="words">{title}</span>
                    <span class="line small">
                        {state(work, row.state)} <span>{work.category_name(row.category)}</span>
                        <span class="muted">{move || work.unit_name(unit)}</span> <span class="muted code">{row.code}</span>
                        {waits}
                    </span>
                    {move || {
                        work.deadline(due.as_deref())
                            .map(|(words, late)| html! { <span class=if late { "due late" } else { "due" }>{words}</span> })
                    }}
                </span>
            </a>
        </li>
    }
}

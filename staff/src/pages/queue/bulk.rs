//! Doing the same with many cases: forty reports on a Monday morning.

#![expect(unreachable_pub, reason = "leptos makes the props of every component public")]

use leptos::prelude::*;
use waypost_app::domain::case::{DeclineReason, Step};
use waypost_app::domain::ids::UnitId;

use crate::markup::{Node, RwSignal, each, html, memo, react};
use crate::pages::case::forms::{NoUnits, Reasons, Templates, Words};
use crate::steps::{Decision, may_assign};
use crate::work::use_work;

#[component]
pub(super) fn Bulk() -> Node {
    let work = use_work();
    let t = work.t;
    let count = memo(move || work.chosen.look(Vec::len));
    // Of all that are chosen: what each of them may do next.
    let steps = memo(move || {
        let chosen = work.chosen.get();
        let role = work.desk.role();
        work.rows.look(|rows| {
            let mut may: Vec<Step> = role.map(|_| vec![Step::Accept, Step::Assign, Step::Decline]).unwrap_or_default();
            for row in rows.iter().filter(|row| chosen.contains(&row.id)) {
                let allowed = role.map(|role| Step::allowed(row.state, role, false)).unwrap_or_default();
                may.retain(|step| match step {
                    Step::Assign => may_assign(row.state, &allowed),
                    step => allowed.contains(step),
                });
            }
            may
        })
    });
    let form = RwSignal::new(None::<Step>);
    let begin = move |step: Step| match step {
        Step::Accept => work.take_with_chosen(step, Decision::default()),
        step => form.set(Some(step)),
    };
    html! {
        <div class="bulk" hidden=move || count.get() == 0 data-testid="bulk">
            <div class="btns">
                <strong class="num">{move || (t.chosen)(count.get())}</strong>
                {move || {
                    steps
                        .get()
                        .into_iter()
                        .map(|step| {
                            html! {
                                <button class="btn" type="button" on:click=move |_| begin(step)>
                                    {(t.step)(step)}
                                </button>
                            }
                        })
                        .collect::<Vec<Node>>()
                }}
                <button class="btn btn-quiet" type="button" on:click=move |_| work.chosen.set(Vec::new())>
                    {t.choose_none}
                </button>
            </div>
            {move || match form.get() {
                Some(Step::Assign) => {
                    units(move |unit| {
                        form.set(None);
                        work.take_with_chosen(Step::Assign, Decision { unit: Some(unit), ..Decision::default() });
                    })
                }
                Some(Step::Decline) => html! { <DeclineAll form /> },
                _ => Node::Nothing,
            }}
        </div>
    }
}

fn units(give: impl Fn(UnitId) + Clone + Send + Sync + 'static) -> Node {
    let work = use_work();
    // As they stand here, whatever is read meanwhile: many cases go to the one that is under the finger.
    let offered = RwSignal::new(work.open_units());
    react(move || {
        work.units.track();
        if offered.look_untracked(Vec::is_empty) {
            offered.set(work.open_units());
        }
    });
    html! {
        <div class="btns" role="group" aria-label=work.t.to_whom>
            {each(
                move || offered.get(),
                |unit| format!("{} {}", unit.id, unit.name),
                move |unit| {
                    let give = give.clone();
                    html! {
                        <button class="btn" type="button" on:click=move |_| give(unit.id)>
                            {unit.name}
                        </button>
                    }
                },
            )}
        </div>
        <NoUnits />
    }
}

#[component]
fn DeclineAll(form: RwSignal<Option<Step>>) -> Node {
    let work = use_work();
    let t = work.t;
    let reason = RwSignal::new(None::<DeclineReason>);
    let words = RwSignal::new(String::new());
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let note_public = words.get_untracked();
        let Some(chosen) = reason.get_untracked() else { return work.desk.say(t.needs_reason) };
        if note_public.trim().is_empty() {
            return work.desk.say(t.needs_words);
        }
        form.set(None);
        work.take_with_chosen(Step::Decline, Decision { reason: Some(chosen), note_public, ..Decision::default() });
    };
    html! {
        <form class="stack-s" on:submit=submit>
            <Reasons reason />
            <Templates step=Step::Decline words />
            <Words id="bulk-words" label=t.public_words hint=t.public_hint words />
            <div class="btns">
                <button class="btn btn-primary" type="submit">
                    {t.save}
                </button>
                <button class="btn" type="button" on:click=move |_| form.set(None)>
                    {t.cancel}
                </button>
            </div>
        </form>
    }
}

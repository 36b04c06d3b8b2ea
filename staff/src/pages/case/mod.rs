//! One case: what was reported, where, what has happened, and what may be done now.

mod board;
pub(crate) mod forms;
mod history;
mod link;
mod place;
mod plot;
mod public;
mod redact;
mod writing;

use leptos::prelude::*;
use uuid::Uuid;
use waypost_app::domain::case::Step;
use waypost_app::domain::geo::Wgs84;
use waypost_app::domain::ids::ReportId;
use waypost_app::domain::staff::Role;
use waypost_app::text::words;
use waypost_app::wire::staff::cases::{CaseRow, CaseView, MergedReport};
use waypost_app::wire::staff::routing::CaseLink;

use crate::desk::{Session, use_desk};
use crate::keys::key_of;
use crate::marks::{state, thumb};
use crate::markup::{Node, RwSignal, each, html, memo, react};
use crate::parts::{Fault, focus_on};
use crate::steps::{Decision, may_assign};
use crate::street::Held;
use crate::work::{Work, use_work};
use forms::Form;

/// The list of similar cases, among which one to merge into is chosen.
const SIMILAR: &str = "similar";
/// What may be done with the case.
const STEPS: &str = "steps";
/// The heading of the case, where whoever opens it on a narrow screen goes on.
pub(super) const TITLE: &str = "case-title";

/// The case that an address names.
#[must_use]
pub fn case_id(path: &str) -> Option<ReportId> {
    let id = path.strip_prefix("/staff/cases/")?.trim_end_matches('/');
    Uuid::try_parse(id).ok().map(ReportId)
}

#[component]
pub fn Case() -> Node {
    let desk = use_desk();
    let work = use_work();
    let t = work.t;
    let case = memo(move || work.case.get());
    let made = RwSignal::new(None::<CaseLink>);
    follow_form(work);
    // Drawn anew when the case changes, but not what is being written about it.
    html! {
        <p class="back-line">
            <a class="back" href="/staff">
                {t.back}
            </a>
        </p>
        <Fault words=work.fault />
        {move || match case.get() {
            Some(case) => head(work, &case),
            None => html! { <p role="status">{move || work.fault.look(String::is_empty).then_some(desk.t.frame.loading)}</p> },
        }}
        {move || case.look(Option::is_some).then(|| unsent(work))}
        <Steps />
        {move || work.form.get().map(|step| html! { <Form step /> })}
        {move || case.get().map(|case| about(work, case, made))}
    }
}

/// The focus does not fall to the top of the page with a form that is gone.
fn follow_form(work: Work) {
    let mut was_open = false;
    react(move || {
        let is_open = work.form.look(Option::is_some);
        if was_open && !is_open {
            // It is taken off the page before the next frame.
            request_animation_frame(|| {
                if is_focus_lost() {
                    focus_on(STEPS);
                }
            });
        }
        was_open = is_open;
    });
}

/// Whether nothing on the page has the focus.
fn is_focus_lost() -> bool {
    document().active_element().is_none_or(|element| element.tag_name() == "BODY")
}

fn head(work: Work, case: &CaseView) -> Node {
    let t = work.t;
    let row = &case.row;
    let due = row.due_at.clone();
    let unit = row.unit;
    html! {
        <header class="case-head stack-s">
            <div class="line">
                <span class="pill-wrap">{state(work, row.state)}</span>
                {move || {
                    work.deadline(due.as_deref())
                        .map(|(words, late)| html! { <span class=if late { "due late" } else { "due" }>{words}</span> })
                }}
                <span class="muted code push" data-testid="code">
                    {(t.code)(&row.code)}
                </span>
            </div>
            <h1 id=TITLE class="case-title" tabindex="-1">{work.title(row)}</h1>
            <p class="line muted">
                <span>{work.category_name(row.category)}</span>
                <span data-testid="unit">{move || work.unit_name(unit)}</span>
            </p>
            {case.merged_into.as_ref().map(|into| merged_into(work, &into.code))}
        </header>
    }
}

/// Through which it is followed, and the way back from there.
fn merged_into(work: Work, code: &str) -> Node {
    let t = work.t;
    let may = memo(move || {
        work.case.look(|case| case.as_ref().is_some_and(|case| work.steps_to_come(case).contains(&Step::Separate)))
    });
    html! {
        <div class="notice" data-testid="merged-into">
            <p>{(t.merged)(code)}</p>
            {move || {
                may.get()
                    .then(|| {
                        html! {
                            <button
                                class="btn"
                                type="button"
                                data-step=Step::Separate.code()
                                aria-pressed=move || (work.form.get() == Some(Step::Separate)).then_some("true")
                                on:click=move |_| work.begin(Step::Separate)
                            >
                                {(t.step)(Step::Separate)}
                            </button>
                        }
                    })
            }}
        </div>
    }
}

/// Steps with the open case that the server has not heard of.
fn unsent(work: Work) -> Node {
    let t = work.t;
    let words = memo(move || {
        let case = work.opened.get();
        let waits = |step: &&Held| Some(step.case) == case && step.refused.is_none();
        work.held.look(|steps| {
            let names: Vec<&str> = steps.iter().filter(waits).map(|step| (t.step)(step.change.step)).collect();
            (!names.is_empty()).then(|| (t.unsent)(&names.join("、")))
        })
    });
    html! {
        <div role="status" data-testid="unsent">
            {move || words.get().map(|words| html! { <p class="notice notice-warn">{words}</p> })}
        </div>
    }
}

/// What may be done now, the likeliest first and biggest.
#[component]
fn Steps() -> Node {
    let work = use_work();
    let t = work.t;
    let steps = memo(move || {
        work.case.look(|case| {
            let Some(case) = case else { return Vec::new() };
            let mut steps: Vec<Step> =
                work.steps_to_come(case).into_iter().filter(|step| !stands_elsewhere(*step)).collect();
            // There is nothing that it could be merged into.
            if work.similar.look(Vec::is_empty) {
                steps.retain(|step| *step != Step::Merge);
            }
            if !steps.contains(&Step::Assign) && may_assign(work.state_to_come(&case.row), &steps) {
                steps.insert(0, Step::Assign);
            }
            steps
        })
    });
    let button = move |(at, step): (usize, Step)| {
        html! {
            <button
                class=if at == 0 { "btn btn-primary" } else { "btn" }
                type="button"
                data-step=step.code()
                aria-pressed=move || (work.form.get() == Some(step)).then_some("true")
                on:click=move |_| work.begin(step)
            >
                {(t.step)(step)} {key_of(step).map(|key| html! { <kbd aria-hidden="true">{key}</kbd> })}
            </button>
        }
    };
    html! {
        <div id=STEPS class="btns steps" role="group" aria-label=t.steps tabindex="-1" data-testid="steps">
            {move || steps.get().into_iter().enumerate().map(button).collect::<Vec<Node>>()}
        </div>
    }
}

/// Whether a step stands beside what it is about.
fn stands_elsewhere(step: Step) -> bool {
    is_about_others(step) || step == Step::Separate
}

/// Steps about what strangers see stand beside that.
fn is_about_others(step: Step) -> bool {
    matches!(step, Step::Redact | Step::Takedown | Step::Publish)
}

fn about(work: Work, case: CaseView, made: RwSignal<Option<CaseLink>>) -> Node {
    let t = work.t;
    let row = case.row.clone();
    let photos: Vec<Node> =
        case.photos.iter().enumerate().map(|(at, hash)| picture(&(t.photo)(at + 1), hash)).collect();
    let has_photos = !photos.is_empty();
    // What the district does; a unit repairs.
    let may_all = work
        .desk
        .session
        .look_untracked(|session| matches!(session, Session::In(view) if view.staff.role != Role::Unit));
    html! {
        <div class="case-body">
            <section class="stack-s" aria-label=t.photos>
                {if has_photos {
                    html! { <ul class="pictures">{photos}</ul> }
                } else {
                    html! { <p class="muted">{t.no_photo}</p> }
                }}
                {(!row.description.is_empty()).then(|| html! { <p class="said-by">{row.description.clone()}</p> })}
            </section>
            {(!case.merged.is_empty()).then(|| merged(work, &case.merged))}
            <section class="stack-s" aria-label=t.place>
                <h2>{t.place}</h2>
                {place::draw(work, &case)}
            </section>
            <section class="stack-s" aria-label=t.history>
                <h2>{t.history}</h2>
                {history::draw(work, &case.events)}
            </section>
            {may_all.then(|| html! {
                <section class="stack-s" aria-label=t.public_view>
                    <h2>{t.public_view}</h2>
                    {public::draw(work, &case)}
                </section>
            })}
            {(may_all && row.unit.is_some()).then(|| html! {
                <section class="stack-s" aria-label=t.link>
                    <h2>{t.link}</h2>
                    {link::draw(work, &case, made)}
                </section>
            })}
            <section class="stack-s" aria-label=t.similar>
                <h2>{t.similar}</h2>
                {similar(work, row, case.steps.contains(&Step::Merge))}
            </section>
        </div>
    }
}

/// What others said of the same, with their photos.
fn merged(work: Work, reports: &[MergedReport]) -> Node {
    let t = work.t;
    let line = |report: &MergedReport| {
        let photos: Vec<Node> =
            report.photos.iter().enumerate().map(|(at, hash)| picture(&(t.photo)(at + 1), hash)).collect();
        let has_photos = !photos.is_empty();
        let received = report.received_at.clone();
        html! {
            <li class="stack-s">
                <p class="line">
                    <a href=format!("/staff/cases/{}", report.id)>{report.code.clone()}</a>
                    <span class="muted small">{move || work.desk.ago(&received)}</span>
                </p>
                {(!report.description.is_empty()).then(|| html! { <p class="said-by">{report.description.clone()}</p> })}
                {has_photos.then(|| html! { <ul class="pictures">{photos}</ul> })}
            </li>
        }
    };
    let lines: Vec<Node> = reports.iter().map(line).collect();
    html! {
        <section class="stack-s" aria-label=t.merged_here data-testid="merged">
            <h2>{t.merged_here}</h2>
            <ul class="stack-s">{lines}</ul>
        </section>
    }
}

/// A photo that opens whole.
fn picture(label: &str, hash: &str) -> Node {
    html! {
        <li>
            <a href=format!("/api/v1/staff/photos/{hash}") rel="external" target="_blank">
                <img src=format!("/api/v1/staff/photos/{hash}/thumb") alt=label.to_owned() width="240" height="180" loading="lazy" />
            </a>
        </li>
    }
}

/// Others of the same kind close by; before it is accepted, this one can be merged into one of them.
fn similar(work: Work, row: CaseRow, may_merge: bool) -> Node {
    let t = work.t;
    let here = Wgs84 { lat: row.lat, lng: row.lng };
    html! {
        <p class="muted" hidden=move || !work.similar.look(Vec::is_empty)>
            {t.similar_none}
        </p>
        <ul id=SIMILAR class="stack-s" data-testid="similar">
            {each(
                move || work.similar.get(),
                |other| format!("{} {}", other.id, other.version),
                move |other| {
                    let away = here.distance_m(Wgs84 { lat: other.lat, lng: other.lng });
                    let away = (t.away)(&words::distance(work.desk.lang, away));
                    let into = other.id;
                    html! {
                        <li class="card similar">
                            <a href=format!("/staff/cases/{into}")>
                                {thumb(other.photo.as_deref())}
                                <span class="what">
                                    <span class="words">{work.title(&other)}</span>
                                    <span class="line small">
                                        {state(work, other.state)} <span class="muted">{away}</span>
                                    </span>
                                </span>
                            </a>
                            {may_merge
                                .then(|| {
                                    html! {
                                        <button
                                            class="btn"
                                            type="button"
                                            on:click=move |_| {
                                                work.take(Step::Merge, Decision { into: Some(into), ..Decision::default() });
                                            }
                                        >
                                            {(t.merge_into)(&other.code)}
                                        </button>
                                    }
                                })}
                        </li>
                    }
                },
            )}
        </ul>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_is_named_by_its_address() {
        let id = "0193a2b0-0000-7000-8000-000000000001";
        assert_eq!(case_id(&format!("/staff/cases/{id}")).map(|id| id.to_string()).as_deref(), Some(id));
        assert!(case_id(&format!("/staff/cases/{id}/")).is_some());
        for path in ["/staff", "/staff/cases/", "/staff/cases/x", "/cases/0193a2b0-0000-7000-8000-000000000001"] {
            assert_eq!(case_id(path), None, "{path}");
        }
    }
}

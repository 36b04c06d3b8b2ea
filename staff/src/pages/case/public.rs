//! What strangers see of a case, and the steps that change it.

use waypost_app::domain::case::Step;
use waypost_app::local::spawn;
use waypost_app::wire::report::ReportView;
use waypost_app::wire::staff::cases::CaseView;

use super::{is_about_others, picture};
use crate::ask;
use crate::marks::state;
use crate::markup::{Node, RwSignal, html};
use crate::parts::to_the_minute;
use crate::work::{CASES, Work};

/// What asking for it has come to.
#[derive(Clone, Debug, PartialEq)]
enum Seen {
    NotAsked,
    Nothing,
    Report(Box<ReportView>),
    Failed(String),
}

pub(super) fn draw(work: Work, case: &CaseView) -> Node {
    let t = work.t;
    let id = case.row.id;
    let seen = RwSignal::new(Seen::NotAsked);
    let show = move |_| {
        spawn(async move {
            let outcome = ask::get::<ReportView>(&format!("{CASES}/{id}/public")).await;
            work.desk.note(&outcome);
            seen.try_set(match outcome {
                Ok(report) => Seen::Report(Box::new(report)),
                Err(ask::Trouble::Refused(problem)) if problem.status == 404 => Seen::Nothing,
                Err(trouble) => Seen::Failed(work.desk.words(&trouble)),
            });
        });
    };
    let steps: Vec<Node> = case
        .steps
        .iter()
        .copied()
        .filter(|step| is_about_others(*step))
        .map(|step| {
            html! {
                <button
                    class=if step == Step::Takedown { "btn btn-danger" } else { "btn" }
                    type="button"
                    data-step=step.code()
                    on:click=move |_| work.begin(step)
                >
                    {(t.step)(step)}
                </button>
            }
        })
        .collect();
    let original = case.original.clone().map(|original| {
        let photos: Vec<Node> =
            original.photos.iter().enumerate().map(|(at, hash)| picture(&(t.photo)(at + 1), hash)).collect();
        html! {
            <details>
                <summary>{t.original}</summary>
                <p class="said-by">{original.description}</p>
                <ul class="pictures">{photos}</ul>
                <p class="muted small">{(t.original_until)(&to_the_minute(&original.until))}</p>
            </details>
        }
    });
    html! {
        {case.taken_down.then(|| html! { <p class="notice notice-warn">{t.taken_down}</p> })}
        <div class="btns">
            <button class="btn" type="button" data-testid="public-show" on:click=show>
                {t.public_show}
            </button>
            {steps}
        </div>
        <div role="status" data-testid="public">
            {move || match seen.get() {
                Seen::NotAsked => Node::Nothing,
                Seen::Nothing => html! { <p>{t.public_none}</p> },
                Seen::Failed(words) => html! { <p class="notice notice-danger">{words}</p> },
                Seen::Report(report) => as_seen(work, &report),
            }}
        </div>
        {original}
    }
}

fn as_seen(work: Work, report: &ReportView) -> Node {
    let t = work.t;
    let photos: Vec<Node> =
        report.photos.iter().enumerate().map(|(at, hash)| picture(&(t.photo)(at + 1), hash)).collect();
    html! {
        <div class="card stack-s">
            <p class="line">
                {state(work, report.state)} <span>{work.category_name(report.category)}</span>
                <span class="muted code">{report.code.clone()}</span>
            </p>
            {(!report.description.is_empty()).then(|| html! { <p class="said-by">{report.description.clone()}</p> })}
            <ul class="pictures">{photos}</ul>
            <p class="muted">{format!("{:.3}, {:.3}", report.lat, report.lng)}</p>
        </div>
    }
}

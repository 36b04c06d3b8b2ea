//! What has happened to a case, the latest first.

use waypost_app::wire::staff::cases::CaseEvent;

use super::picture;
use crate::markup::{Node, html};
use crate::work::Work;

pub(super) fn draw(work: Work, events: &[CaseEvent]) -> Node {
    let lines: Vec<Node> = events.iter().rev().map(|event| line(work, event)).collect();
    html! {
        <ol class="history" data-testid="history">
            {lines}
        </ol>
    }
}

fn line(work: Work, event: &CaseEvent) -> Node {
    let t = work.t;
    let what = event.step.map_or(work.state_name(event.state), t.done);
    let at = event.at.clone();
    let unit = event.unit;
    let photos: Vec<Node> = event.photos.iter().map(|hash| picture(t.after_photo, hash)).collect();
    html! {
        <li>
            <p class="line">
                <strong>{what}</strong>
                {unit.map(|unit| html! { <span>{move || work.unit_name(Some(unit))}</span> })}
                <span class="muted small">
                    {work.who(event)} " · " <time datetime=event.at.clone()>{move || work.desk.ago(&at)}</time>
                </span>
            </p>
            {event.reason.map(|reason| html! { <p>{(t.reason)(reason)}</p> })}
            {(!event.note_public.is_empty()).then(|| html! { <p class="said-by">{event.note_public.clone()}</p> })}
            {(!event.note_internal.is_empty())
                .then(|| {
                    html! {
                        <p class="said-by internal">
                            <span class="tag">{t.internal}</span>
                            " "
                            {event.note_internal.clone()}
                        </p>
                    }
                })}
            {(!photos.is_empty()).then(|| html! { <ul class="pictures">{photos}</ul> })}
        </li>
    }
}

//! The versions of one thing: who, when, what, and the way back to each.

use waypost_app::local::spawn;
use waypost_app::wire::staff::stations::{Change, Changes};

use super::differences::{differences, name};
use super::editor::{Editor, Typed, list};
use super::undo::use_keeping;
use crate::ask;
use crate::desk::{Desk, use_desk};
use crate::markup::{Node, RwSignal, each, html, react};
use crate::parts::Fault;

/// Changes that are asked for at a time.
const PAGE: usize = 20;

/// What was changed of `entity`, the latest first; `editor` is the form into which an older version goes.
pub fn versions<F: Typed>(entity: String, editor: Editor<F>) -> Node {
    let desk = use_desk();
    let keeping = use_keeping();
    let t = &desk.t.stations.keep;
    let changes = RwSignal::new(Vec::<Change>::new());
    let next = RwSignal::new(None::<i64>);
    let fault = RwSignal::new(String::new());
    let load = {
        let entity = entity.clone();
        move |before: Option<i64>| {
            let mut url = format!("/api/v1/staff/changes?entity={entity}&limit={PAGE}");
            if let Some(before) = before {
                url = format!("{url}&before={before}");
            }
            spawn(async move {
                let outcome = ask::get::<Changes>(&url).await;
                desk.note(&outcome);
                match outcome {
                    Ok(found) => {
                        let mut all =
                            if before.is_some() { changes.try_get_untracked().unwrap_or_default() } else { Vec::new() };
                        all.extend(found.changes);
                        changes.try_set(all);
                        next.try_set(found.next);
                    }
                    Err(trouble) => {
                        fault.try_set(desk.words(&trouble));
                    }
                }
            });
        }
    };
    let first = load.clone();
    react(move || {
        keeping.follow();
        first(None);
    });
    let latest = move |rev: i64| changes.look(|changes| changes.first().is_some_and(|first| first.rev == rev));
    let of = entity;
    let line = move |change: Change| {
        let rev = change.rev;
        let after = change.entries.iter().find(|entry| entry.id == of).and_then(|entry| entry.after.clone());
        let back = move || {
            if latest(rev) {
                return html! {
                    <button class="btn" type="button" on:click=move |_| keeping.undo(rev)>
                        {t.undo}
                    </button>
                };
            }
            let Some(after) = after.clone() else { return Node::Nothing };
            html! {
                <button class="btn" type="button" on:click=move |_| editor.fill(after.clone())>
                    {t.take}
                </button>
            }
        };
        let at = change.at.clone();
        let who = change.by_name.clone();
        html! {
            <li class="version stack-s" data-testid="version">
                <div class="line">
                    <strong>{move || (t.by)(&who, &desk.ago(&at))}</strong>
                    {change.undoes.map(|_| html! { <span class="tag">{t.took_back}</span> })}
                    <span class="push">{back}</span>
                </div>
                {(!change.why.is_empty()).then(|| html! { <p>{change.why.clone()}</p> })}
                {entries(desk, &of, &change)}
            </li>
        }
    };
    html! {
        <section class="card stack" data-testid="versions">
            <h2>{t.versions}</h2>
            {move || changes.look(Vec::is_empty).then(|| html! { <p class="muted">{t.no_versions}</p> })}
            <ul class="stack-s">{each(move || changes.get(), |change| change.rev.to_string(), line)}</ul>
            <Fault words=fault />
            {move || {
                let load = load.clone();
                next.get()
                    .map(|before| {
                        html! {
                            <div>
                                <button class="btn" type="button" on:click=move |_| load(Some(before))>
                                    {t.older}
                                </button>
                            </div>
                        }
                    })
            }}
        </section>
    }
}

/// What a change did to each thing in it; what is not the one that the list is about is named.
fn entries(desk: Desk, of: &str, change: &Change) -> Vec<Node> {
    let t = &desk.t.stations;
    let mut drawn = Vec::with_capacity(change.entries.len());
    for entry in &change.entries {
        let named = entry.after.as_ref().or(entry.before.as_ref()).filter(|_| entry.id != of).map(name);
        let (before, after) = (entry.before.as_ref(), entry.after.as_ref());
        let word = match (before, after) {
            (None, _) => t.keep.made,
            (_, None) => t.keep.retired,
            _ => "",
        };
        // Of what was made or retired, the word says enough.
        let what = if word.is_empty() { differences(t, desk.lang, before, after) } else { Vec::new() };
        drawn.push(html! {
            <div>
                {named.map(|name| html! { <strong class="small">{name}</strong> })} " "
                {(!word.is_empty()).then(|| html! { <span class="tag">{word}</span> })} {list(desk, &what)}
            </div>
        });
    }
    drawn
}

//! What is to be done next: the queue, the most urgent first, beside the case that is open.

mod bulk;
mod filters;
mod focus;
mod held;
mod row;

use leptos::prelude::*;
use waypost_app::router::use_path;
use web_sys::{Element, Event};

use crate::desk::use_desk;
use crate::filter::Filter;
use crate::keys::{Keys, STEPS};
use crate::markup::{Node, each, html, memo, react};
use crate::pages::case::{Case, case_id};
use crate::work::use_work;
use bulk::Bulk;
use filters::Filters;
use held::HeldSteps;

/// So near to the end of the queue, in pixels, the next page is read.
const NEAR: i32 = 1500;

#[component]
pub fn Queue() -> Node {
    let work = use_work();
    let t = work.t;
    let keys: Keys = expect_context();
    let path = use_path();
    let open = memo(move || path.look(|path| case_id(path)));
    react(move || {
        if let Some(id) = open.get() {
            work.open(id);
        } else {
            work.close();
        }
    });
    focus::follow(work, open);
    // On a narrow screen the page scrolls, on a wide one the list by itself.
    let scrolled = window_event_listener(leptos::ev::scroll, move |_| {
        if document().document_element().is_some_and(|page| is_near_end(&page)) {
            work.read_more();
        }
    });
    on_cleanup(move || scrolled.remove());
    html! {
        <div class="desk" data-open=move || open.get().map(|_| "")>
            <section class="queue stack-s" aria-label=t.queue>
                <div class="line">
                    <h1 id=focus::QUEUE class="page-title" tabindex="-1">
                        {t.title}
                    </h1>
                    <span class="live small muted" data-live=move || work.live.get().then_some("")>
                        {move || if work.live.get() { t.live } else { t.not_live }}
                    </span>
                    <a class="btn btn-quiet push" href="/staff/templates">
                        {t.templates_edit}
                    </a>
                    <button
                        class="btn btn-quiet keys-button"
                        type="button"
                        aria-expanded=move || if keys.is_shown.get() { "true" } else { "false" }
                        on:click=move |_| keys.is_shown.set(!keys.is_shown.get_untracked())
                    >
                        {t.keys}
                    </button>
                </div>
                {move || keys.is_shown.get().then(|| html! { <KeyTable /> })}
                <HeldSteps />
                <Filters />
                <Bulk />
                <Empty />
                <ol
                    class="rows"
                    data-testid="queue"
                    on:scroll=move |event: Event| {
                        if is_near_end(&event_target::<Element>(&event)) {
                            work.read_more();
                        }
                    }
                >
                    {each(
                        move || work.rows.get(),
                        |row| format!("{} {} {}", row.id, row.version, row.due_at.as_deref().unwrap_or_default()),
                        move |row| row::draw(work, row, open),
                    )}
                </ol>
                {move || {
                    work.next
                        .look(Option::is_some)
                        .then(|| {
                            html! {
                                <button class="btn" type="button" on:click=move |_| work.read_more()>
                                    {t.more}
                                </button>
                            }
                        })
                }}
            </section>
            <section class="case" aria-label=t.pick>
                {move || match open.get() {
                    Some(_) => html! { <Case /> },
                    None => {
                        html! {
                            <div class="empty card">
                                <p class="num">{t.pick}</p>
                                <p class="muted">{t.pick_text}</p>
                            </div>
                        }
                    }
                }}
            </section>
        </div>
    }
}

fn is_near_end(scroller: &Element) -> bool {
    scroller.scroll_height() - scroller.scroll_top() - scroller.client_height() < NEAR
}

/// What is said where there is nothing to do, or nothing was found.
#[component]
fn Empty() -> Node {
    let desk = use_desk();
    let work = use_work();
    let t = work.t;
    let is_empty = memo(move || work.rows.look(Vec::is_empty));
    html! {
        <div role="status">
            {move || {
                if !is_empty.get() {
                    return Node::Nothing;
                }
                if !work.is_read.get() {
                    return html! { <p class="muted">{desk.t.frame.loading}</p> };
                }
                if work.filter.look(|filter| *filter == Filter::default()) {
                    return html! {
                        <div class="empty card" data-testid="nothing">
                            <p class="num">{t.empty}</p>
                            <p class="muted">{t.empty_text}</p>
                        </div>
                    };
                }
                html! {
                    <div class="empty card">
                        <p class="num">{t.none_match}</p>
                        <button class="btn" type="button" on:click=move |_| work.choose(Filter::default())>
                            {t.clear}
                        </button>
                    </div>
                }
            }}
        </div>
    }
}

/// What each key does, and the switch.
#[component]
fn KeyTable() -> Node {
    let t = use_work().t;
    let keys: Keys = expect_context();
    let others =
        [("j k", t.key_next), ("x", t.key_choose), ("/", t.key_search), ("u Esc", t.key_back), ("?", t.key_help)];
    let all = STEPS.map(|(key, step)| (key, (t.step)(step))).into_iter().chain(others);
    let lines: Vec<Node> = all
        .map(|(key, word)| {
            html! {
                <div>
                    <dt>
                        <kbd>{key}</kbd>
                    </dt>
                    <dd>{word}</dd>
                </div>
            }
        })
        .collect();
    html! {
        <section class="card stack-s" aria-label=t.keys_title data-testid="keys">
            <dl class="key-table">{lines}</dl>
            <div class="btns">
                <button class="btn" type="button" on:click=move |_| keys.switch()>
                    {move || if keys.are_on.get() { t.keys_off } else { t.keys_on }}
                </button>
                <button class="btn" type="button" on:click=move |_| keys.is_shown.set(false)>
                    {t.close}
                </button>
            </div>
        </section>
    }
}

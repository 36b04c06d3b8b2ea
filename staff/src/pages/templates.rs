//! Sentences that staff say often, written by them.

use gloo_net::http::Method;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use waypost_app::domain::case::Step;
use waypost_app::local::spawn;
use waypost_app::wire::staff::cases::{Template, Templates as List};

use crate::ask;
use crate::markup::{Node, RwSignal, each, html};
use crate::pages::case::forms::Words;
use crate::parts::Fault;
use crate::work::use_work;

/// Steps that say something.
const STEPS: [Step; 4] = [Step::Fix, Step::Decline, Step::Note, Step::Accept];

#[component]
pub fn Templates() -> Node {
    let work = use_work();
    let t = work.t;
    let step = RwSignal::new(Step::Fix);
    let [words, fault] = [(); 2].map(|()| RwSignal::new(String::new()));
    let keep = move |templates: Vec<Template>| {
        fault.set(String::new());
        spawn(async move {
            let outcome = ask::send::<List>(Method::PUT, "/api/v1/staff/templates", &List { templates }).await;
            work.desk.note(&outcome);
            match outcome {
                Ok(list) => {
                    work.templates.set(list.templates);
                    words.try_set(String::new());
                    work.desk.say(t.templates_saved);
                }
                Err(trouble) => {
                    fault.try_set(work.desk.words(&trouble));
                }
            }
        });
    };
    let add = move |event: SubmitEvent| {
        event.prevent_default();
        let mut all = work.templates.get_untracked();
        all.push(Template { step: step.get_untracked(), words: words.get_untracked() });
        keep(all);
    };
    let numbered = move || work.templates.get().into_iter().enumerate().collect::<Vec<_>>();
    let options: Vec<Node> =
        STEPS.into_iter().map(|step| html! { <option value=step.code()>{(t.step)(step)}</option> }).collect();
    html! {
        <div class="stack narrow">
            <h1 class="page-title">{t.templates_edit}</h1>
            <p class="muted">{t.templates_text}</p>
            <Fault words=fault />
            <ul class="stack-s" data-testid="templates">
                {each(
                    numbered,
                    |(at, template)| format!("{at} {} {}", template.step.code(), template.words),
                    move |(at, template)| {
                        html! {
                            <li class="card line">
                                <span class="tag">{(t.step)(template.step)}</span>
                                <span>{template.words}</span>
                                <button
                                    class="btn push"
                                    type="button"
                                    on:click=move |_| {
                                        let mut all = work.templates.get_untracked();
                                        if at < all.len() {
                                            all.remove(at);
                                            keep(all);
                                        }
                                    }
                                >
                                    {t.template_drop}
                                </button>
                            </li>
                        }
                    },
                )}
            </ul>
            <form class="card stack" on:submit=add>
                <h2>{t.template_add}</h2>
                <div class="field">
                    <label r#for="template-step">{t.template_for}</label>
                    <select
                        id="template-step"
                        prop:value=move || step.get().code()
                        on:change=move |event| {
                            if let Some(chosen) = Step::from_code(&event_target_value(&event)) {
                                step.set(chosen);
                            }
                        }
                    >
                        {options}
                    </select>
                </div>
                <Words id="template-words" label=t.template_words hint="" words />
                <div>
                    <button class="btn btn-primary" type="submit">
                        {t.template_add}
                    </button>
                </div>
            </form>
        </div>
    }
}

//! Sentences that staff say often, written by them.

use gloo_net::http::Method;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use waypost_app::domain::case::Step;
use waypost_app::local::spawn;
use waypost_app::wire::staff::cases::{Template, TemplateList as List};

use crate::ask::{self, Trouble};
use crate::markup::{Node, RwSignal, each, html, react};
use crate::pages::case::forms::Words;
use crate::parts::Fault;
use crate::street;
use crate::work::{TEMPLATES, Work, use_work};

const URL: &str = "/api/v1/staff/templates";
/// Steps that say something.
const STEPS: [Step; 4] = [Step::Fix, Step::Decline, Step::Note, Step::Accept];

/// The list as it is shown, and what is said of it.
#[derive(Clone, Copy)]
struct Shown {
    work: Work,
    /// Without it there is nothing that another list could be put in the place of.
    version: RwSignal<Option<i64>>,
    /// It must be read again before it can be changed.
    is_old: RwSignal<bool>,
    /// What is being written.
    words: RwSignal<String>,
    fault: RwSignal<String>,
}

impl Shown {
    fn load(self) {
        self.fault.set(String::new());
        spawn(async move {
            let outcome = ask::get::<List>(URL).await;
            self.work.desk.note(&outcome);
            match outcome {
                Ok(list) => self.show(list),
                Err(trouble) => {
                    self.fault.try_set(self.work.desk.words(&trouble));
                    self.is_old.try_set(true);
                }
            }
        });
    }

    fn show(self, list: List) {
        self.version.try_set(Some(list.version));
        self.is_old.try_set(false);
        self.work.templates.set(list.templates.clone());
        let sitting = self.work.sitting();
        if sitting.person.is_none() || !self.work.is_still(sitting) {
            return;
        }
        spawn(async move {
            // A copy only, for the corner.
            let _ = street::keep(TEMPLATES, &list).await;
        });
    }

    /// Puts these in the place of all that are shown.
    fn keep(self, templates: Vec<Template>) {
        // Until it is known, nothing can be pressed.
        let Some(version) = self.version.get_untracked() else { return };
        self.fault.set(String::new());
        let (desk, t) = (self.work.desk, self.work.t);
        spawn(async move {
            let outcome = ask::send::<List>(Method::PUT, URL, &List { version, templates }).await;
            desk.note(&outcome);
            match outcome {
                Ok(list) => {
                    self.show(list);
                    self.words.try_set(String::new());
                    desk.say(t.templates_saved);
                }
                Err(Trouble::Conflict(_)) => {
                    self.fault.try_set(t.templates_changed.to_owned());
                    self.is_old.try_set(true);
                }
                Err(trouble) => {
                    self.fault.try_set(desk.words(&trouble));
                }
            }
        });
    }
}

#[component]
pub fn Templates() -> Node {
    let work = use_work();
    let t = work.t;
    let step = RwSignal::new(Step::Fix);
    let [words, fault] = [(); 2].map(|()| RwSignal::new(String::new()));
    let is_old = RwSignal::new(false);
    let shown = Shown { work, version: RwSignal::new(None), is_old, words, fault };
    react(move || shown.load());
    let add = move |event: SubmitEvent| {
        event.prevent_default();
        let mut all = work.templates.get_untracked();
        all.push(Template { step: step.get_untracked(), words: words.get_untracked() });
        shown.keep(all);
    };
    let numbered = move || work.templates.get().into_iter().enumerate().collect::<Vec<_>>();
    let options: Vec<Node> =
        STEPS.into_iter().map(|step| html! { <option value=step.code()>{(t.step)(step)}</option> }).collect();
    html! {
        <div class="stack narrow">
            <h1 class="page-title">{t.templates_edit}</h1>
            <p class="muted">{t.templates_text}</p>
            <Fault words=fault />
            <div class="btns" hidden=move || !is_old.get()>
                <button class="btn" type="button" on:click=move |_| shown.load()>
                    {t.templates_reload}
                </button>
            </div>
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
                                    disabled=move || shown.version.get().is_none()
                                    on:click=move |_| {
                                        let mut all = work.templates.get_untracked();
                                        if at < all.len() {
                                            all.remove(at);
                                            shown.keep(all);
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
                    <button class="btn btn-primary" type="submit" disabled=move || shown.version.get().is_none()>
                        {t.template_add}
                    </button>
                </div>
            </form>
        </div>
    }
}

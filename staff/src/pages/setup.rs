//! The page behind a one-time link: the first admin, new people and those who have lost their password choose one.

use gloo_net::http::Method;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use waypost_app::local::spawn;
use waypost_app::router::{Step, go, use_address};
use waypost_app::wire::staff::people::{SetUp as Body, SetUpDone};

use crate::ask::{self, Trouble};
use crate::desk::use_desk;
use crate::leaving;
use crate::markup::{Node, RwSignal, html};
use crate::parts::{Fault, Line};

/// What stands after `#`: it never leaves the browser but in the request below.
fn token() -> String {
    let hash = window().location().hash().unwrap_or_default();
    hash.trim_start_matches('#').to_owned()
}

#[component]
pub fn SetUp() -> Node {
    let desk = use_desk();
    let t = &desk.t.door;
    let address = use_address();
    let [name, password, again, fault] = [(); 4].map(|()| RwSignal::new(String::new()));
    let busy = RwSignal::new(false);
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        if password.get_untracked() != again.get_untracked() {
            fault.set(t.setup_differ.to_owned());
            return;
        }
        busy.set(true);
        fault.set(String::new());
        let typed = name.get_untracked().trim().to_owned();
        let body =
            Body { token: token(), name: (!typed.is_empty()).then_some(typed), password: password.get_untracked() };
        spawn(async move {
            let outcome: Result<SetUpDone, Trouble> = ask::send(Method::POST, "/api/v1/staff/setup", &body).await;
            busy.try_set(false);
            match outcome {
                Ok(_) => {
                    desk.say(t.setup_done);
                    // Whoever was signed in here before is not who has just chosen a password.
                    desk.find_session().await;
                    leaving::tell_tabs();
                    go(address, "/staff", Step::Replace);
                }
                Err(trouble) => {
                    fault.try_set(match (trouble.field(), &trouble) {
                        (Some("password"), _) => t.password_weak.to_owned(),
                        (Some("name"), _) => t.name_bad.to_owned(),
                        (_, Trouble::Later(_) | Trouble::Offline | Trouble::Unanswered | Trouble::Unreadable) => {
                            desk.words(&trouble)
                        }
                        _ => t.setup_dead.to_owned(),
                    });
                }
            }
        });
    };
    html! {
        <form class="card door stack" on:submit=submit>
            <h1 class="page-title">{t.setup}</h1>
            <p class="muted">{t.setup_text}</p>
            <Line id="name" label=t.setup_name value=name complete="username" hint=t.setup_name_hint focus=true />
            <Line
                id="new-password"
                label=t.setup_password
                value=password
                kind="password"
                complete="new-password"
                hint=t.setup_rule
            />
            <Line id="again" label=t.setup_again value=again kind="password" complete="new-password" />
            <Fault words=fault />
            <button class="btn btn-primary" type="submit" aria-disabled=move || busy.get().then_some("true")>
                {t.setup_save}
            </button>
        </form>
    }
}

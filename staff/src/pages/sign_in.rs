//! Signing in: name, password, and a code where the account has a second factor.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use waypost_app::local::spawn;
use waypost_app::wire::staff::people::SignIn as Body;

use crate::ask::Trouble;
use crate::desk::use_desk;
use crate::markup::{Node, RwSignal, html};
use crate::parts::{Fault, Line};

/// The door.
#[component]
pub fn SignIn() -> Node {
    let desk = use_desk();
    let t = &desk.t.door;
    let [name, password, code, fault] = [(); 4].map(|()| RwSignal::new(String::new()));
    let asks_code = RwSignal::new(false);
    let busy = RwSignal::new(false);
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        fault.set(String::new());
        let body = Body {
            name: name.get_untracked().trim().to_owned(),
            password: password.get_untracked(),
            code: asks_code.get_untracked().then(|| code.get_untracked().trim().to_owned()),
        };
        spawn(async move {
            let outcome = desk.sign_in(&body).await;
            busy.try_set(false);
            let Err(trouble) = outcome else { return };
            let asked = asks_code.try_get_untracked().unwrap_or_default();
            fault.try_set(match &trouble {
                // The first time this is no mistake, only the next question.
                Trouble::SignedOut(_) if trouble.field() == Some("code") => {
                    asks_code.try_set(true);
                    if asked { t.code_wrong.to_owned() } else { String::new() }
                }
                Trouble::SignedOut(_) | Trouble::Refused(_) => t.wrong.to_owned(),
                Trouble::Later(seconds) => (t.wait)(*seconds),
                // Without the answer's cookie nobody is signed in here.
                Trouble::Unanswered => desk.words(&Trouble::Offline),
                Trouble::Offline | Trouble::Unreadable | Trouble::Conflict(_) => desk.words(&trouble),
            });
        });
    };
    html! {
        <form class="card door stack" on:submit=submit>
            <h1 class="page-title">{t.title}</h1>
            <div role="status" data-testid="untold">
                {move || desk.untold.get().then(|| html! { <p class="notice notice-warn">{t.untold}</p> })}
            </div>
            <Line id="name" label=t.name value=name complete="username" focus=true />
            <Line id="password" label=t.password value=password kind="password" complete="current-password" />
            {move || {
                asks_code
                    .get()
                    .then(|| {
                        html! {
                            <Line
                                id="code"
                                label=t.code
                                value=code
                                complete="one-time-code"
                                hint=t.code_hint
                                focus=true
                            />
                        }
                    })
            }}
            <Fault words=fault />
            <button class="btn btn-primary" type="submit" aria-disabled=move || busy.get().then_some("true")>
                {move || if busy.get() { t.signing_in } else { t.sign_in }}
            </button>
            <button class="btn btn-quiet" type="button" on:click=move |_| desk.other_language()>
                {desk.t.account.language}
            </button>
        </form>
    }
}

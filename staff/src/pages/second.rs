//! The second factor: a secret for an authenticator, confirmed by a code, and recovery codes.

use gloo_net::http::Method;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use waypost_app::local::spawn;
use waypost_app::wire::staff::people::{Code, RecoveryCodes, SecondFactor as Secret};

use crate::ask::{self, Trouble};
use crate::desk::{Desk, Session, use_desk};
use crate::markup::{Node, RwSignal, html, memo};
use crate::parts::{Fault, Line, Qr, copy};
use crate::text::Account;

const URL: &str = "/api/v1/staff/second-factor";

/// How far setting it up has come.
#[derive(Clone, PartialEq)]
enum Stage {
    Idle,
    /// Waits for a code that proves that the authenticator has the secret.
    Secret(Secret),
    /// In force; the codes are shown this once.
    Codes(Vec<String>),
}

#[component]
pub fn SecondFactor() -> Node {
    let desk = use_desk();
    let t = &desk.t.account;
    let stage = RwSignal::new(Stage::Idle);
    let [code, fault] = [(); 2].map(|()| RwSignal::new(String::new()));
    let is_on =
        memo(move || desk.session.look(|session| matches!(session, Session::In(view) if view.staff.second_factor)));
    let begin = move |_| {
        fault.set(String::new());
        spawn(async move {
            let outcome: Result<Secret, Trouble> = ask::send(Method::POST, URL, &serde_json::json!({})).await;
            desk.note(&outcome);
            match outcome {
                Ok(secret) => stage.try_set(Stage::Secret(secret)).map(|_| ()),
                Err(trouble) => fault.try_set(desk.words(&trouble)).map(|_| ()),
            };
        });
    };
    let confirm = move |event: SubmitEvent| {
        event.prevent_default();
        fault.set(String::new());
        let body = Code { code: code.get_untracked().trim().to_owned() };
        spawn(async move {
            let outcome: Result<RecoveryCodes, Trouble> = ask::send(Method::PUT, URL, &body).await;
            match outcome {
                Ok(codes) => {
                    // They are shown this once: the only page of an admin without a second factor must not go meanwhile.
                    if desk.session.look_untracked(|session| session.worker().is_none()) {
                        desk.codes.set(desk.person());
                    }
                    stage.try_set(Stage::Codes(codes.recovery_codes)).map(|_| ())
                }
                Err(trouble) => {
                    let words =
                        if trouble.field() == Some("code") { t.second_wrong.to_owned() } else { desk.words(&trouble) };
                    fault.try_set(words).map(|_| ())
                }
            };
            code.try_set(String::new());
        });
    };
    let drop_it = move |event: SubmitEvent| {
        event.prevent_default();
        fault.set(String::new());
        let body = Code { code: code.get_untracked().trim().to_owned() };
        spawn(async move {
            match ask::tell(Method::DELETE, URL, &body).await {
                Ok(()) => desk.find_session().await,
                Err(trouble) if trouble.field() == Some("code") => {
                    fault.try_set(t.second_wrong.to_owned());
                }
                Err(trouble) => {
                    fault.try_set(desk.words(&trouble));
                }
            }
            code.try_set(String::new());
        });
    };
    html! {
        <section class="card stack" data-testid="second-factor">
            <h2>{t.second}</h2>
            <p class="muted">{t.second_text}</p>
            {move || match stage.get() {
                Stage::Idle if is_on.get() => {
                    html! {
                        <p>{t.second_on}</p>
                        <form class="stack" on:submit=drop_it>
                            <Line id="second-code" label=t.second_code value=code complete="one-time-code" />
                            <div>
                                <button class="btn btn-danger" type="submit">
                                    {t.second_drop}
                                </button>
                            </div>
                        </form>
                    }
                }
                Stage::Idle => {
                    html! {
                        <p>{t.second_off}</p>
                        <div>
                            <button class="btn btn-primary" type="button" on:click=begin>
                                {t.second_begin}
                            </button>
                        </div>
                    }
                }
                Stage::Secret(secret) => secret_form(t, secret, code, confirm),
                Stage::Codes(codes) => {
                    codes_once(
                        desk,
                        codes,
                        move || {
                            stage.set(Stage::Idle);
                            desk.codes.set(None);
                            desk.look_who();
                        },
                    )
                }
            }}
            <Fault words=fault />
        </section>
    }
}

/// The secret as a drawing and to be typed, and the code that proves that the authenticator has it.
fn secret_form(
    t: &'static Account,
    secret: Secret,
    code: RwSignal<String>,
    confirm: impl FnMut(SubmitEvent) + 'static,
) -> Node {
    html! {
        <form class="stack" on:submit=confirm>
            <p>{t.second_scan}</p>
            <Qr content=secret.uri.clone() label=t.second_qr />
            <p>
                <a href=secret.uri rel="external">
                    {t.second_open}
                </a>
            </p>
            <p>{t.second_type} " " <code data-testid="secret">{secret.secret}</code></p>
            <Line id="second-code" label=t.second_code value=code complete="one-time-code" focus=true />
            <div>
                <button class="btn btn-primary" type="submit">
                    {t.second_confirm}
                </button>
            </div>
        </form>
    }
}

/// The recovery codes, which are shown this once.
fn codes_once(desk: Desk, codes: Vec<String>, done: impl Fn() + 'static) -> Node {
    let t = &desk.t.account;
    let all = codes.join("\n");
    let lines: Vec<Node> = codes.into_iter().map(|code| html! { <li>{code}</li> }).collect();
    html! {
        <h3>{t.recovery}</h3>
        <p>{t.recovery_text}</p>
        <ul class="codes" data-testid="recovery">
            {lines}
        </ul>
        <div class="btns">
            <button class="btn" type="button" on:click=move |_| copy(desk, all.clone(), desk.t.people.copied)>
                {desk.t.people.copy}
            </button>
            <button class="btn btn-primary" type="button" on:click=move |_| done()>
                {t.recovery_done}
            </button>
        </div>
    }
}

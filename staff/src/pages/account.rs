//! The own account: second factor, password, where one is signed in, sign-out.

use gloo_net::http::Method;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use waypost_app::local::spawn;
use waypost_app::wire::staff::people::{DeviceSession, DeviceSessions, NewPassword};

use super::second::SecondFactor;
use crate::ask;
use crate::desk::{Session, use_desk};
use crate::keep::undo::use_keeping;
use crate::markup::{Node, RwSignal, each, html, react};
use crate::parts::{Fault, Line};
use crate::work::use_work;

/// The only page of an admin who has no second factor yet.
#[component]
pub fn MustSetSecondFactor() -> Node {
    let t = &use_desk().t.account;
    html! {
        <div class="narrow stack">
            <h1 class="page-title">{t.second}</h1>
            <p class="notice">{t.second_must}</p>
            <SecondFactor />
            <SignOut />
        </div>
    }
}

#[component]
pub fn Account() -> Node {
    let desk = use_desk();
    let t = &desk.t.account;
    let who = move || {
        desk.session.look(|session| match session {
            Session::In(view) => format!("{} · {}", view.staff.name, (desk.t.frame.role)(view.staff.role)),
            Session::Unknown | Session::Out => String::new(),
        })
    };
    html! {
        <div class="narrow stack">
            <header class="page-head">
                <h1 class="page-title">{t.title}</h1>
                <p class="muted">{who}</p>
            </header>
            <SecondFactor />
            <Devices />
            <Password />
            <div class="btns">
                <button class="btn" type="button" on:click=move |_| desk.other_language()>
                    {t.language}
                </button>
            </div>
            <SignOut />
        </div>
    }
}

#[component]
fn Devices() -> Node {
    let desk = use_desk();
    let t = &desk.t.account;
    let sessions = RwSignal::new(Vec::<DeviceSession>::new());
    let fault = RwSignal::new(String::new());
    let load = move || {
        spawn(async move {
            let outcome = ask::get::<DeviceSessions>("/api/v1/staff/sessions").await;
            desk.note(&outcome);
            match outcome {
                Ok(found) => sessions.try_set(found.sessions).map(|_| ()),
                Err(trouble) => fault.try_set(desk.words(&trouble)).map(|_| ()),
            };
        });
    };
    react(load);
    let revoke = move |id: uuid::Uuid| {
        spawn(async move {
            let outcome = ask::bare(Method::DELETE, &format!("/api/v1/staff/sessions/{id}")).await;
            desk.note(&outcome);
            if let Err(trouble) = outcome {
                fault.try_set(desk.words(&trouble));
            }
            load();
        });
    };
    let line = move |session: DeviceSession| {
        let id = session.id;
        let agent = if session.agent.is_empty() { t.unknown_device.to_owned() } else { session.agent };
        let seen = session.last_seen_at;
        let end = if session.current {
            html! { <span class="tag push">{t.this_device}</span> }
        } else {
            html! {
                <button class="btn push" type="button" on:click=move |_| revoke(id)>
                    {t.revoke}
                </button>
            }
        };
        html! {
            <li class="line">
                <strong>{agent}</strong>
                <span class="muted">{move || (t.seen)(&desk.ago(&seen))}</span>
                {end}
            </li>
        }
    };
    html! {
        <section class="card stack" data-testid="devices">
            <h2>{t.devices}</h2>
            <ul class="stack-s">{each(move || sessions.get(), |session| session.id.to_string(), line)}</ul>
            <Fault words=fault />
        </section>
    }
}

#[component]
fn Password() -> Node {
    let desk = use_desk();
    let t = &desk.t.account;
    let [old, new, fault] = [(); 3].map(|()| RwSignal::new(String::new()));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        fault.set(String::new());
        let body = NewPassword { old: old.get_untracked(), new: new.get_untracked() };
        spawn(async move {
            match ask::tell(Method::PUT, "/api/v1/staff/password", &body).await {
                Ok(()) => {
                    old.try_set(String::new());
                    new.try_set(String::new());
                    desk.say(t.password_changed);
                }
                Err(trouble) => {
                    fault.try_set(match trouble.field() {
                        Some("old") => t.password_wrong.to_owned(),
                        Some("new") => desk.t.door.password_weak.to_owned(),
                        _ => desk.words(&trouble),
                    });
                }
            }
        });
    };
    html! {
        <form class="card stack" on:submit=submit>
            <h2>{t.password}</h2>
            <Line id="old" label=t.password_old value=old kind="password" complete="current-password" />
            <Line
                id="new"
                label=t.password_new
                value=new
                kind="password"
                complete="new-password"
                hint=desk.t.door.setup_rule
            />
            <Fault words=fault />
            <div>
                <button class="btn" type="submit">
                    {t.password_change}
                </button>
            </div>
        </form>
    }
}

/// Signs out and erases what is kept here; asks first where that would lose something.
#[component]
fn SignOut() -> Node {
    let desk = use_desk();
    let t = &desk.t.account;
    let work = use_work();
    let keeping = use_keeping();
    let warned = RwSignal::new(false);
    let out = move || {
        let unsent = work.held.look_untracked(Vec::len);
        if unsent > 0 && !warned.get_untracked() {
            warned.set(true);
            desk.say((work.t.sign_out_unsent)(unsent));
            return;
        }
        keeping.forget();
        spawn(async move { desk.sign_out().await });
    };
    html! {
        <div class="btns">
            <button class="btn btn-danger" type="button" data-testid="sign-out" on:click=move |_| out()>
                {t.sign_out}
            </button>
        </div>
    }
}

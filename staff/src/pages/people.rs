//! Who is on the staff, for admins: adding people, their roles, links to choose a password, and invitations for couriers.

use gloo_net::http::Method;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use uuid::Uuid;
use waypost_app::domain::ids::UnitId;
use waypost_app::domain::staff::Role;
use waypost_app::local::spawn;
use waypost_app::wire::staff::cases::{UnitView, Units};
use waypost_app::wire::staff::people::{
    Invitation, NewInvitation, NewPerson, People as List, Person, PersonAndLink, PersonChange,
};

use crate::ask::{self, Trouble};
use crate::desk::{Desk, Session, use_desk};
use crate::markup::{Node, RwSignal, each, html, react};
use crate::pages::units;
use crate::parts::{Fault, Line, Qr, focus_on, to_the_minute};

const URL: &str = "/api/v1/staff/people";

/// A link that is shown once: whose, where it leads, until when.
type Shown = Option<(String, String, String)>;

#[component]
pub fn People() -> Node {
    let desk = use_desk();
    let t = &desk.t.people;
    let people = RwSignal::new(Vec::<Person>::new());
    let shown = RwSignal::new(Shown::None);
    let fault = RwSignal::new(String::new());
    let load = move || {
        spawn(async move {
            let outcome = ask::get::<List>(URL).await;
            desk.note(&outcome);
            match outcome {
                Ok(list) => people.try_set(list.people).map(|_| ()),
                Err(trouble) => fault.try_set(desk.words(&trouble)).map(|_| ()),
            };
        });
    };
    react(load);
    let done = move |outcome: Result<PersonAndLink, Trouble>| {
        desk.note(&outcome);
        match outcome {
            Ok(PersonAndLink { person, link }) => {
                shown.try_set(link.map(|link| (person.name, link.url, link.expires_at)));
                load();
            }
            Err(trouble) => {
                fault.try_set(desk.words(&trouble));
            }
        }
    };
    let change = move |id: String, change: PersonChange| {
        fault.set(String::new());
        spawn(async move { done(ask::send(Method::PATCH, &format!("{URL}/{id}"), &change).await) });
    };
    html! {
        <div class="stack">
            <h1 class="page-title">{t.title}</h1>
            <Fault words=fault />
            <Link shown />
            <ul class="stack-s" data-testid="people">
                {each(
                    move || people.get(),
                    shown_of,
                    move |person| row(desk, person, change),
                )}
            </ul>
            <New done=std::sync::Arc::new(done) />
            <Invite />
        </div>
    }
}

/// All that is shown of somebody: a row is drawn anew when it changes. Not by `Debug`, which builds for browsers leave out.
fn shown_of(person: &Person) -> String {
    let Person { id, name, role, unit: _, second_factor, joined, disabled, created_at: _, last_seen_at } = person;
    let seen = last_seen_at.as_deref().unwrap_or_default();
    format!("{id} {} {second_factor} {joined} {disabled} {seen} {name}", role.code())
}

fn row(desk: Desk, person: Person, change: impl Fn(String, PersonChange) + Copy + Send + Sync + 'static) -> Node {
    let t = &desk.t.people;
    let id = person.id.to_string();
    let act = move |word: &'static str, what: PersonChange| {
        let id = id.clone();
        html! {
            <button class="btn" type="button" on:click=move |_| change(id.clone(), what.clone())>
                {word}
            </button>
        }
    };
    let disabled = person.disabled;
    // Whoever has only the session of somebody shall not get their account by it: that is for another admin.
    let is_other = desk.session.look_untracked(Session::worker) != Some(person.id);
    let toggle = PersonChange { disabled: Some(!disabled), ..PersonChange::default() };
    let seen = person.last_seen_at.clone();
    let seen = move || match &seen {
        Some(at) => (desk.t.account.seen)(&desk.ago(at)),
        None => t.signed_out.to_owned(),
    };
    html! {
        <li class="card stack-s" data-testid="person">
            <div class="line">
                <h2>{person.name}</h2>
                <span class="tag">{(desk.t.frame.role)(person.role)}</span>
                {disabled.then(|| html! { <span class="tag">{t.disabled}</span> })}
                {(!person.joined).then(|| html! { <span class="tag">{t.not_joined}</span> })}
                {person.second_factor.then(|| html! { <span class="tag">{t.second}</span> })}
                <span class="muted small">{seen}</span>
            </div>
            <div class="btns">
                {is_other.then(|| act(t.reset, PersonChange { reset: Some(true), ..PersonChange::default() }))}
                {(is_other && person.second_factor)
                    .then(|| {
                        act(t.drop_second, PersonChange { drop_second_factor: Some(true), ..PersonChange::default() })
                    })} {act(if disabled { t.enable } else { t.disable }, toggle)}
            </div>
        </li>
    }
}

/// The link that was just made.
#[component]
fn Link(shown: RwSignal<Shown>) -> Node {
    let desk = use_desk();
    let t = &desk.t.people;
    let copy = move |_| {
        if let Some((_, url, _)) = shown.get_untracked() {
            crate::parts::copy(desk, url, t.copied);
        }
    };
    html! {
        <div role="status">
            {move || {
                shown
                    .get()
                    .map(|(name, url, until)| {
                        html! {
                            <div class="notice" data-testid="link">
                                <p>{(t.link)(&name)}</p>
                                <input class="select" readonly aria-label=(t.link)(&name) prop:value=url.clone() value=url />
                                <button class="btn" type="button" on:click=copy>
                                    {t.copy}
                                </button>
                                <span class="muted small">{(t.link_until)(&to_the_minute(&until))}</span>
                            </div>
                        }
                    })
            }}
        </div>
    }
}

type Done = std::sync::Arc<dyn Fn(Result<PersonAndLink, Trouble>) + Send + Sync>;

#[component]
fn New(done: Done) -> Node {
    let desk = use_desk();
    let t = &desk.t.people;
    let name = RwSignal::new(String::new());
    let role = RwSignal::new(Role::Worker);
    let unit = RwSignal::new(None::<UnitId>);
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let role = role.get_untracked();
        let unit = unit.get_untracked().filter(|_| role == Role::Unit);
        if role == Role::Unit && unit.is_none() {
            focus_on("new-unit");
            return;
        }
        let body = NewPerson { name: name.get_untracked().trim().to_owned(), role, unit };
        let done = done.clone();
        spawn(async move {
            let outcome = ask::send(Method::POST, URL, &body).await;
            if outcome.is_ok() {
                name.try_set(String::new());
            }
            done(outcome);
        });
    };
    let options: Vec<Node> = [Role::Worker, Role::Unit, Role::Admin]
        .into_iter()
        .map(|role| html! { <option value=role.code()>{(desk.t.frame.role)(role)}</option> })
        .collect();
    html! {
        <form class="card stack" on:submit=submit>
            <h2>{t.new}</h2>
            <Line id="new-name" label=t.name value=name />
            <div class="field">
                <label r#for="new-role">{t.role}</label>
                <select
                    id="new-role"
                    prop:value=move || role.get().code()
                    on:change=move |event| {
                        if let Some(chosen) = Role::from_code(&event_target_value(&event)) {
                            role.set(chosen);
                        }
                    }
                >
                    {options}
                </select>
            </div>
            {move || (role.get() == Role::Unit).then(|| html! { <Unit unit /> })}
            <div>
                <button class="btn btn-primary" type="submit">
                    {t.add}
                </button>
            </div>
        </form>
    }
}

/// Of which unit somebody is.
#[component]
fn Unit(unit: RwSignal<Option<UnitId>>) -> Node {
    let desk = use_desk();
    let t = &desk.t.units;
    let all = RwSignal::new(Vec::<UnitView>::new());
    let read = RwSignal::new(false);
    let fault = RwSignal::new(String::new());
    react(move || {
        spawn(async move {
            let outcome = ask::get::<Units>(units::URL).await;
            desk.note(&outcome);
            match outcome {
                Ok(found) => {
                    all.try_set(found.units.into_iter().filter(|unit| !unit.closed).collect());
                    read.try_set(true);
                }
                Err(trouble) => {
                    fault.try_set(desk.words(&trouble));
                }
            }
        });
    });
    let options = move || {
        let chosen = unit.get();
        let option = |unit: UnitView| {
            let is_chosen = chosen == Some(unit.id);
            html! {
                <option value=unit.id.to_string() prop:selected=is_chosen>
                    {unit.name}
                </option>
            }
        };
        all.get().into_iter().map(option).collect::<Vec<Node>>()
    };
    html! {
        <div class="field">
            <label r#for="new-unit">{t.of_person}</label>
            <select
                id="new-unit"
                on:change=move |event| unit.set(Uuid::parse_str(&event_target_value(&event)).ok().map(UnitId))
            >
                <option value="">{t.choose}</option>
                {options}
            </select>
            {move || {
                (read.get() && all.look(Vec::is_empty))
                    .then(|| {
                        html! {
                            <p>
                                <a href="/staff/units">{t.none_yet}</a>
                            </p>
                        }
                    })
            }}
            <Fault words=fault />
        </div>
    }
}

/// A code with which couriers join.
#[component]
fn Invite() -> Node {
    let desk = use_desk();
    let t = &desk.t.people;
    let made = RwSignal::new(None::<(String, String, String)>);
    let fault = RwSignal::new(String::new());
    let make = move |_| {
        spawn(async move {
            let body = NewInvitation { uses: Some(30), days: None };
            let outcome: Result<Invitation, Trouble> =
                ask::send(Method::POST, "/api/v1/staff/invitations", &body).await;
            desk.note(&outcome);
            match outcome {
                Ok(invitation) => {
                    made.try_set(Some((invitation.code, invitation.url, invitation.expires_at)));
                }
                Err(trouble) => {
                    fault.try_set(desk.words(&trouble));
                }
            }
        });
    };
    html! {
        <section class="card stack">
            <h2>{t.invite}</h2>
            <p class="muted">{t.invite_text}</p>
            <div>
                <button class="btn" type="button" on:click=make>
                    {t.invite_make}
                </button>
            </div>
            {move || {
                made.get()
                    .map(|(code, url, until)| {
                        html! {
                            <p>{t.invite_code} " " <strong data-testid="invitation">{code}</strong></p>
                            <Qr content=url label=t.invite_qr />
                            <p class="muted small">{(t.link_until)(&to_the_minute(&until))}</p>
                        }
                    })
            }}
            <Fault words=fault />
        </section>
    }
}

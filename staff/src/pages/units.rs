//! Who repairs, for admins: names, whom to ask for, and which get no new cases.

use gloo_net::http::Method;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use waypost_app::local::spawn;
use waypost_app::wire::staff::cases::{UnitChange, UnitView, Units as List};

use crate::ask::{self, Trouble};
use crate::desk::{Desk, use_desk};
use crate::markup::{Node, RwSignal, each, html, react};
use crate::parts::{Fault, Line};

pub const URL: &str = "/api/v1/staff/units";

#[component]
pub fn Units() -> Node {
    let desk = use_desk();
    let t = &desk.t.units;
    let units = RwSignal::new(Vec::<UnitView>::new());
    let read = RwSignal::new(false);
    let fault = RwSignal::new(String::new());
    let load = move || {
        spawn(async move {
            let outcome = ask::get::<List>(URL).await;
            desk.note(&outcome);
            match outcome {
                Ok(list) => {
                    read.try_set(true);
                    units.try_set(list.units).map(|_| ())
                }
                Err(trouble) => fault.try_set(desk.words(&trouble)).map(|_| ()),
            };
        });
    };
    react(load);
    html! {
        <div class="stack">
            <h1 class="page-title">{t.title}</h1>
            <p class="muted">{t.text}</p>
            <p>
                <a class="btn" href="/staff/routes">
                    {desk.t.routes.title}
                </a>
            </p>
            <Fault words=fault />
            {move || {
                (read.get() && units.look(Vec::is_empty)).then(|| html! { <p class="muted">{t.none}</p> })
            }}
            <ul class="stack-s" data-testid="units">
                {each(move || units.get(), shown_of, move |unit| row(desk, unit, load))}
            </ul>
            <New load=std::sync::Arc::new(load) />
        </div>
    }
}

/// All that is shown of a unit: a row is drawn anew when it changes.
fn shown_of(unit: &UnitView) -> String {
    let UnitView { id, name, contact, phone, closed } = unit;
    format!("{id} {closed}\n{name}\n{contact}\n{phone}")
}

/// The three fields of a unit.
#[derive(Clone, Copy)]
struct Fields {
    name: RwSignal<String>,
    contact: RwSignal<String>,
    phone: RwSignal<String>,
}

impl Fields {
    fn of(unit: Option<&UnitView>) -> Self {
        let text = |of: fn(&UnitView) -> &String| RwSignal::new(unit.map(of).cloned().unwrap_or_default());
        Self { name: text(|unit| &unit.name), contact: text(|unit| &unit.contact), phone: text(|unit| &unit.phone) }
    }

    fn change(self) -> UnitChange {
        let text = |signal: RwSignal<String>| Some(signal.get_untracked().trim().to_owned());
        UnitChange { name: text(self.name), contact: text(self.contact), phone: text(self.phone), closed: None }
    }

    fn drawn(self, desk: Desk, ids: [String; 3]) -> Node {
        let t = &desk.t.units;
        let [name, contact, phone] = ids;
        html! {
            <Line id=name label=t.name value=self.name />
            <Line id=contact label=t.contact value=self.contact />
            <Line id=phone label=t.phone value=self.phone kind="tel" />
        }
    }
}

/// Says why a unit was not kept.
fn words(desk: Desk, trouble: &Trouble) -> String {
    let t = &desk.t.units;
    match (trouble, trouble.field()) {
        (Trouble::Conflict(_), _) => t.taken.to_owned(),
        (_, Some("name")) => t.missing.to_owned(),
        _ => desk.words(trouble),
    }
}

fn row(desk: Desk, unit: UnitView, load: impl Fn() + Copy + Send + Sync + 'static) -> Node {
    let t = &desk.t.units;
    let id = unit.id;
    let url = format!("{URL}/{id}");
    let fields = Fields::of(Some(&unit));
    let editing = RwSignal::new(false);
    let fault = RwSignal::new(String::new());
    let send = move |url: String, change: UnitChange| {
        fault.set(String::new());
        spawn(async move {
            let outcome: Result<UnitView, Trouble> = ask::send(Method::PATCH, &url, &change).await;
            desk.note(&outcome);
            match outcome {
                Ok(_) => {
                    desk.say(t.saved);
                    editing.try_set(false);
                    load();
                }
                Err(trouble) => {
                    fault.try_set(words(desk, &trouble));
                }
            }
        });
    };
    let closed = unit.closed;
    let toggle_url = url.clone();
    let toggle = move |_| {
        send(toggle_url.clone(), UnitChange { closed: Some(!closed), ..UnitChange::default() });
    };
    let contact: Vec<String> =
        [unit.contact.clone(), unit.phone.clone()].into_iter().filter(|text| !text.is_empty()).collect();
    let edit = (t.edit_of)(&unit.name);
    let form = move || {
        let url = url.clone();
        let submit = move |event: SubmitEvent| {
            event.prevent_default();
            send(url.clone(), fields.change());
        };
        editing.get().then(|| {
            html! {
                <form class="inner stack" on:submit=submit>
                    {fields.drawn(desk, ["name", "contact", "phone"].map(|field| format!("unit-{field}-{id}")))}
                    <div class="btns">
                        <button class="btn btn-primary" type="submit">
                            {t.save}
                        </button>
                        <button class="btn" type="button" on:click=move |_| editing.set(false)>
                            {t.cancel}
                        </button>
                    </div>
                </form>
            }
        })
    };
    html! {
        <li class="card stack-s" data-testid="unit">
            <div class="line">
                <h2>{unit.name}</h2>
                {closed.then(|| html! { <span class="tag">{t.closed}</span> })}
                <span class="muted">{contact.join(" · ")}</span>
            </div>
            {form} <Fault words=fault />
            {move || {
                let (edit, toggle) = (edit.clone(), toggle.clone());
                (!editing.get())
                    .then(|| {
                        html! {
                            <div class="btns">
                                <button
                                    class="btn"
                                    type="button"
                                    aria-label=edit
                                    on:click=move |_| editing.set(true)
                                >
                                    {t.edit}
                                </button>
                                <button class="btn" type="button" on:click=toggle>
                                    {if closed { t.open } else { t.close }}
                                </button>
                            </div>
                        }
                    })
            }}
        </li>
    }
}

#[component]
fn New(load: std::sync::Arc<dyn Fn() + Send + Sync>) -> Node {
    let desk = use_desk();
    let t = &desk.t.units;
    let fields = Fields::of(None);
    let fault = RwSignal::new(String::new());
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        fault.set(String::new());
        let (body, load) = (fields.change(), load.clone());
        spawn(async move {
            let outcome: Result<UnitView, Trouble> = ask::send(Method::POST, URL, &body).await;
            desk.note(&outcome);
            match outcome {
                Ok(_) => {
                    for field in [fields.name, fields.contact, fields.phone] {
                        field.try_set(String::new());
                    }
                    desk.say(t.saved);
                    load();
                }
                Err(trouble) => {
                    fault.try_set(words(desk, &trouble));
                }
            }
        });
    };
    html! {
        <form class="card stack" on:submit=submit>
            <h2>{t.new}</h2>
            {fields.drawn(desk, ["new-unit-name", "new-unit-contact", "new-unit-phone"].map(str::to_owned))} <Fault words=fault />
            <div>
                <button class="btn btn-primary" type="submit">
                    {t.add}
                </button>
            </div>
        </form>
    }
}

//! The staff's interface. A second program for the browser, made of the phone's `markup`, `domain` and `wire`, which no
//! courier downloads.
//!
//! Everything is drawn in the browser from the API. What is needed to start without a network is kept on the device.

pub mod ask;
pub mod desk;
mod drain;
pub mod filter;
pub mod form;
pub mod frame;
pub mod hours;
pub mod keep;
pub mod keys;
mod leaving;
pub mod live;
pub mod marks;
mod naming;
pub mod pages;
pub mod parts;
pub mod place;
pub mod steps;
pub mod street;
pub mod stuck;
pub mod text;
pub mod work;

use leptos::mount::mount_to_body;
use leptos::prelude::*;
use wasm_bindgen::prelude::wasm_bindgen;
use waypost_app::domain::ids::StaffId;
// `html!` writes pieces as `crate::markup`.
pub use waypost_app::markup;
use waypost_app::router::{self, Address, use_address};

use desk::{Desk, Session};
use frame::{Frame, Missing};
use keep::undo::{Keeping, UndoBar};
use keys::Keys;
use markup::{Node, html, memo, react};
use pages::account::{Account, MustSetSecondFactor};
use pages::join::Join;
use pages::markets::Markets;
use pages::numbers::Numbers;
use pages::people::People;
use pages::queue::Queue;
use pages::routes::Routes;
use pages::setup::SetUp;
use pages::sign_in::SignIn;
use pages::station::{NewStation, StationPage};
use pages::stations::Stations;
use pages::templates::Templates;
use pages::units::Units;
use text::Text;
use work::Work;

/// Draws the interface into the document; called once by `/staff/boot.js`.
#[wasm_bindgen]
pub fn start() {
    // A release stops at a panic without words; see scripts/build.
    #[cfg(debug_assertions)]
    console_error_panic_hook::set_once();
    // The word of welcome that stood in for the page.
    document().body().inspect(|body| body.set_inner_html(""));
    mount_to_body(|| html! { <App /> });
    // Style sheets show live controls only from here on. Only fails for a name that is not one.
    let _ = document().document_element().map(|html| html.set_attribute("data-live", ""));
}

/// The pages by their addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Page {
    /// The queue, with or without a case beside it.
    Queue,
    Templates,
    Routes,
    People,
    Account,
    Stations,
    NewStation,
    /// By its id.
    Station(String),
    Markets,
    Units,
    Numbers,
    Missing,
}

impl Page {
    fn at(address: &Address) -> Self {
        match address.path().trim_end_matches('/') {
            "/staff/people" => Self::People,
            "/staff" => Self::Queue,
            "/staff/account" => Self::Account,
            "/staff/templates" => Self::Templates,
            "/staff/routes" => Self::Routes,
            "/staff/stations" => Self::Stations,
            "/staff/numbers" => Self::Numbers,
            "/staff/units" => Self::Units,
            "/staff/markets" => Self::Markets,
            "/staff/stations/new" => Self::NewStation,
            path if pages::case::case_id(path).is_some() => Self::Queue,
            path => path.strip_prefix("/staff/stations/").map_or(Self::Missing, |id| Self::Station(id.to_owned())),
        }
    }

    fn title(&self, t: &'static Text) -> &'static str {
        match self {
            Self::Queue => t.work.title,
            Self::Templates => t.work.templates_edit,
            Self::Routes => t.routes.title,
            Self::People => t.people.title,
            Self::Account => t.account.title,
            Self::Stations | Self::Station(_) => t.stations.list.title,
            Self::NewStation => t.stations.station.new,
            Self::Markets => t.stations.market.title,
            Self::Units => t.units.title,
            Self::Numbers => t.numbers.title,
            Self::Missing => t.frame.missing,
        }
    }

    fn draw(&self) -> Node {
        match self {
            Self::Queue => html! { <Queue /> },
            Self::Templates => html! { <Templates /> },
            Self::Routes => html! { <Routes /> },
            Self::People => html! { <People /> },
            Self::Account => html! { <Account /> },
            Self::Stations => html! { <Stations /> },
            Self::NewStation => html! { <NewStation /> },
            Self::Station(id) => html! { <StationPage id=id.clone() /> },
            Self::Markets => html! { <Markets /> },
            Self::Units => html! { <Units /> },
            Self::Numbers => html! { <Numbers /> },
            Self::Missing => html! { <Missing /> },
        }
    }
}

/// What stands on the screen, as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Screen {
    /// A one-time link: open to whoever has it.
    SetUp,
    /// For a courier who has scanned the stations' code.
    Join,
    Waiting,
    SignIn,
    /// Of somebody who needs one; drawn anew for somebody else.
    SecondFactor(StaffId),
    /// As somebody sees it; drawn anew for somebody else.
    Page(Page, StaffId),
}

impl Screen {
    /// What it is called; empty where that is the program's name.
    fn title(&self, t: &'static Text) -> &'static str {
        match self {
            Self::SetUp => t.door.setup,
            Self::Join => t.join.title,
            Self::Waiting => "",
            Self::SignIn => t.door.title,
            Self::SecondFactor(_) => t.account.second,
            Self::Page(page, _) => page.title(t),
        }
    }
}

/// The whole interface.
#[component]
pub fn App() -> Node {
    router::provide();
    let desk = Desk::provide();
    let keeping = Keeping::provide(desk);
    let address = use_address();
    let work = Work::provide(desk);
    Keys::provide(work, address);
    // Whoever is signed in hears what happens; whoever is not hears nothing, and nobody sees what somebody else was shown.
    let who = memo(move || desk.session.look(Session::worker));
    let is_online = memo(move || desk.online.get());
    let mut before = None;
    react(move || {
        let (now, is_online) = (who.get(), is_online.get());
        let is_another = std::mem::replace(&mut before, now) != now;
        if is_another {
            live::stop();
            work.empty();
            keeping.empty(now);
            desk.codes.update(|codes| *codes = codes.filter(|of| now.is_none_or(|now| now == *of)));
        }
        // What a network that goes leaves behind stays on the screen as it is.
        if now.is_none() || !(is_online || is_another) {
            return;
        }
        if is_online {
            live::follow(work);
        }
        work.begin_work();
        work.send_held();
    });
    let screen = memo(move || {
        let (page, path) = address.look(|address| (Page::at(address), address.path().trim_end_matches('/').to_owned()));
        let codes = desk.codes.get();
        desk.session.look(|session| match session {
            _ if path == "/staff/setup" => Screen::SetUp,
            _ if path == "/join" => Screen::Join,
            Session::Unknown => Screen::Waiting,
            Session::Out => codes.map_or(Screen::SignIn, Screen::SecondFactor),
            Session::In(view) if view.staff.must_set_second_factor || codes == Some(view.staff.id) => {
                Screen::SecondFactor(view.staff.id)
            }
            Session::In(view) => Screen::Page(page, view.staff.id),
        })
    });
    react(move || desk.title.set(screen.look(|screen| screen.title(desk.t)).to_owned()));
    react(move || {
        let (title, name) = (desk.title.get(), desk.t.frame.name);
        document().set_title(&if title.is_empty() { name.to_owned() } else { format!("{title} · {name}") });
    });
    html! {
        <a class="skip sr-only" href="#main" rel="external">
            {desk.t.frame.skip}
        </a>
        <Frame />
        <main id="main" tabindex="-1">
            {move || match screen.get() {
                Screen::SetUp => html! { <SetUp /> },
                Screen::Join => html! { <Join /> },
                Screen::Waiting => html! { <p role="status">{desk.t.frame.loading}</p> },
                Screen::SignIn => html! { <SignIn /> },
                Screen::SecondFactor(_) => html! { <MustSetSecondFactor /> },
                Screen::Page(page, _) => page.draw(),
            }}
        </main>
        <UndoBar />
        <p class="said" role="status" data-testid="said">
            {move || desk.said.get()}
        </p>
    }
}

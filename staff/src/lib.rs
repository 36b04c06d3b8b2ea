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
pub mod live;
pub mod marks;
mod naming;
pub mod pages;
pub mod parts;
pub mod place;
pub mod steps;
pub mod street;
pub mod text;
pub mod work;

use leptos::mount::mount_to_body;
use leptos::prelude::*;
use wasm_bindgen::prelude::wasm_bindgen;
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
    SecondFactor,
    Page(Page),
}

/// The whole interface.
#[component]
pub fn App() -> Node {
    router::provide();
    let desk = Desk::provide();
    Keeping::provide(desk);
    let address = use_address();
    let work = Work::provide(desk);
    Keys::provide(work, address);
    // Whoever is signed in hears what happens; whoever is not hears nothing.
    let who = memo(move || desk.session.look(Session::worker));
    let is_online = memo(move || desk.online.get());
    react(move || {
        if who.get().is_none() {
            live::stop();
            work.empty();
            return;
        }
        if is_online.get() {
            live::follow(work);
        }
        work.begin_work();
        work.send_held();
    });
    let screen = memo(move || {
        let (page, path) = address.look(|address| (Page::at(address), address.path().trim_end_matches('/').to_owned()));
        desk.session.look(|session| match session {
            _ if path == "/staff/setup" => Screen::SetUp,
            _ if path == "/join" => Screen::Join,
            Session::Unknown => Screen::Waiting,
            Session::Out => Screen::SignIn,
            Session::In(view) if view.staff.must_set_second_factor => Screen::SecondFactor,
            Session::In(_) => Screen::Page(page),
        })
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
                Screen::SecondFactor => html! { <MustSetSecondFactor /> },
                Screen::Page(page) => page.draw(),
            }}
        </main>
        <UndoBar />
        <p class="said" role="status" data-testid="said">
            {move || desk.said.get()}
        </p>
    }
}

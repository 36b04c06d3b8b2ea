//! What every page shares: who is signed in, whether there is a network, the time, and what is to be said.

use gloo_net::http::Method;
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::{expect_context, on_cleanup, provide_context, window_event_listener};
use waypost_app::domain::ids::StaffId;
use waypost_app::domain::staff::Role;
use waypost_app::domain::time::Minute;
use waypost_app::local::clock;
use waypost_app::local::prefs::{self, Lang};
use waypost_app::local::spawn;
use waypost_app::markup::RwSignal;
use waypost_app::text::words;
use waypost_app::wire::staff::people::SessionView;

use crate::ask::{self, Trouble};
use crate::street;
use crate::text::{Text, text};

const SESSION: &str = "/api/v1/staff/session";
/// Under which the device keeps who was signed in last, so that the program starts without a network. Not in localStorage,
/// which browsers write down late: a browser that is ended loses it.
const KEPT: &str = "session";
/// How long something said stands there, in milliseconds.
const SAID_MS: u32 = 10_000;

/// Who is signed in, as far as is known.
#[derive(Clone, Debug, PartialEq)]
pub enum Session {
    /// Not asked yet.
    Unknown,
    /// Nobody: sign in first.
    Out,
    In(SessionView),
}

impl Session {
    /// Who is signed in and has set up all that their role asks for.
    #[must_use]
    pub fn worker(&self) -> Option<StaffId> {
        match self {
            Self::In(view) if !view.staff.must_set_second_factor => Some(view.staff.id),
            Self::Unknown | Self::Out | Self::In(_) => None,
        }
    }
}

/// Handles to what the pages share; cheap to copy.
#[derive(Clone, Copy, Debug)]
pub struct Desk {
    pub t: &'static Text,
    pub lang: Lang,
    pub session: RwSignal<Session>,
    /// Whether the last request reached the server.
    pub online: RwSignal<bool>,
    pub now: RwSignal<Minute>,
    /// The last thing to be said, politely.
    pub said: RwSignal<String>,
}

/// The desk of the page being drawn.
///
/// # Panics
/// Outside [`crate::App`], which provides it: a programming error that the first test of any page shows.
#[must_use]
pub fn use_desk() -> Desk {
    expect_context()
}

impl Desk {
    /// Makes it, provides it, and finds out who is signed in.
    #[must_use]
    pub fn provide() -> Self {
        let lang = document_lang();
        let desk = Self {
            t: text(lang),
            lang,
            session: RwSignal::new(Session::Unknown),
            online: RwSignal::new(true),
            now: RwSignal::new(clock::now_minute()),
            said: RwSignal::new(String::new()),
        };
        provide_context(desk);
        desk.follow_time();
        desk.follow_network();
        desk.look_who();
        desk
    }

    fn follow_time(self) {
        spawn(async move {
            loop {
                TimeoutFuture::new(20_000).await;
                if self.now.try_get_untracked().is_none() {
                    return;
                }
                self.now.set(clock::now_minute());
            }
        });
    }

    fn follow_network(self) {
        // A hint only: whether the server answers is found out by asking.
        let back = window_event_listener(leptos::ev::online, move |_| self.look_who());
        let gone = window_event_listener(leptos::ev::offline, move |_| self.online.set(false));
        on_cleanup(move || {
            back.remove();
            gone.remove();
        });
    }

    /// Asks the server who is signed in; without a network, whoever was it last.
    pub fn look_who(self) {
        spawn(async move { self.find_session().await });
    }

    /// The same, to be waited for.
    pub async fn find_session(self) {
        match ask::get::<SessionView>(SESSION).await {
            Ok(view) => {
                self.online.set(true);
                let before = street::kept::<SessionView>(KEPT).await.map(|before| before.staff.id);
                if before.is_some_and(|before| before != view.staff.id) {
                    // What somebody else read and did here is not for this one; nothing is kept where it cannot be erased.
                    let _ = street::clear().await;
                }
                // Where nothing can be kept, work goes on as long as there is a network.
                let _ = street::keep(KEPT, &view).await;
                self.enter(view);
            }
            Err(Trouble::SignedOut(_) | Trouble::Refused(_) | Trouble::Conflict(_)) => {
                self.online.set(true);
                self.session.set(Session::Out);
            }
            Err(Trouble::Offline | Trouble::Later(_)) => self.without_network().await,
        }
    }

    async fn without_network(self) {
        self.online.set(false);
        if self.session.get_untracked() != Session::Unknown {
            return;
        }
        self.session.set(street::kept(KEPT).await.map_or(Session::Out, Session::In));
    }

    /// Somebody is signed in.
    pub fn enter(self, view: SessionView) {
        let view = Session::In(view);
        if self.session.look_untracked(|session| *session != view) {
            self.session.set(view);
        }
    }

    /// Signs out: everything kept on this device is erased, whether or not the server can be told. False: it was not told.
    pub async fn sign_out(self) -> bool {
        let told = ask::bare(Method::DELETE, SESSION).await;
        // Fails only where the browser keeps nothing.
        let _ = street::clear().await;
        let told = matches!(told, Ok(()) | Err(Trouble::SignedOut(_)));
        self.session.set(Session::Out);
        told
    }

    /// The role of whoever is signed in.
    #[must_use]
    pub fn role(self) -> Option<Role> {
        self.session.look(|session| match session {
            Session::In(view) => Some(view.staff.role),
            Session::Unknown | Session::Out => None,
        })
    }

    /// Notes what a request came to: a session that has ended, a network that is gone or back.
    pub fn note<T>(self, outcome: &Result<T, Trouble>) {
        match outcome {
            Err(Trouble::SignedOut(problem)) if problem.errors.is_empty() => self.session.set(Session::Out),
            Err(Trouble::Offline) => self.online.set(false),
            _ if !self.online.get_untracked() => self.online.set(true),
            _ => {}
        }
    }

    /// Says why something was not done.
    #[must_use]
    pub fn words(self, trouble: &Trouble) -> String {
        match trouble {
            Trouble::Offline => self.t.frame.no_network.to_owned(),
            Trouble::Later(seconds) => (self.t.frame.later)(*seconds),
            Trouble::SignedOut(problem) | Trouble::Refused(problem) => {
                let field = problem.errors.first().map(|error| format!("{}: {}", error.field, error.message));
                (self.t.frame.refused)(&field.unwrap_or_else(|| problem.detail.clone()))
            }
            Trouble::Conflict(text) => {
                let problem: Result<waypost_app::wire::problem::Problem, _> = serde_json::from_str(text);
                (self.t.frame.refused)(&problem.map(|problem| problem.detail).unwrap_or_default())
            }
        }
    }

    /// Says something politely, for as long as it takes to read it twice.
    pub fn say(self, words: impl Into<String>) {
        let words = words.into();
        self.said.set(words.clone());
        spawn(async move {
            TimeoutFuture::new(SAID_MS).await;
            if self.said.try_look_untracked(|said| *said == words).unwrap_or_default() {
                self.said.set(String::new());
            }
        });
    }

    /// How long ago a moment was, in words; the text itself where it is none.
    #[must_use]
    pub fn ago(self, moment: &str) -> String {
        clock::parse_rfc3339(moment)
            .map_or_else(|| moment.to_owned(), |at| words::ago(self.lang, self.now.get().since(at)))
    }

    /// Loads the page again in the other language.
    pub fn other_language(self) {
        let mut chosen = prefs::load().unwrap_or_default();
        chosen.lang = match self.lang {
            Lang::Zh => Lang::En,
            Lang::En => Lang::Zh,
        };
        // Where nothing is kept, the cookie still tells the server.
        let _ = prefs::save(&chosen);
        // Fails only where a page may not load itself, and then the next one speaks it.
        let _ = leptos::prelude::window().location().reload();
    }
}

/// The language of the document, which `/prefs.js` has set.
fn document_lang() -> Lang {
    let html = leptos::prelude::document().document_element();
    html.and_then(|html| html.get_attribute("lang")).and_then(|tag| Lang::from_tag(&tag)).unwrap_or_default()
}

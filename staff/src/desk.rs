//! What every page shares: who is signed in, whether there is a network, the time, and what is to be said.

use std::ops::Deref;

use gloo_timers::future::TimeoutFuture;
use leptos::prelude::{
    document, expect_context, on_cleanup, provide_context, window_event_listener, window_event_listener_untyped,
};
use waypost_app::domain::ids::StaffId;
use waypost_app::domain::staff::Role;
use waypost_app::domain::time::Minute;
use waypost_app::local::clock;
use waypost_app::local::prefs::{self, Lang};
use waypost_app::local::spawn;
use waypost_app::markup::RwSignal;
use waypost_app::text::words;
use waypost_app::wire::staff::people::{SessionView, SignIn};

use crate::ask::{self, Trouble};
use crate::leaving::{self, SESSION};
use crate::text::{Text, text};

/// How long something said stands there, in milliseconds.
const SAID_MS: u32 = 10_000;
/// Until the server is told again of a sign-out that it did not answer, in milliseconds.
const TELL_AGAIN_MS: u32 = 30_000;

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

/// A handle to what the pages share, which lives as long as the page; cheap to copy.
#[derive(Clone, Copy, Debug)]
pub struct Desk(&'static Shared);

impl Deref for Desk {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        self.0
    }
}

/// What the pages share, each thing by itself.
#[derive(Debug)]
pub struct Shared {
    pub t: &'static Text,
    pub lang: Lang,
    pub session: RwSignal<Session>,
    /// Whether the last request reached the server.
    pub online: RwSignal<bool>,
    pub now: RwSignal<Minute>,
    /// The last thing to be said, politely.
    pub said: RwSignal<String>,
    /// What the page is called, for the tab.
    pub title: RwSignal<String>,
    /// Somebody has signed out, and the server does not know it yet.
    pub untold: RwSignal<bool>,
    /// Somebody is signing out: what is kept here is being erased.
    pub leaving: RwSignal<bool>,
    /// Whose recovery codes stand on the screen: they are shown this once, so it stays as it is.
    pub codes: RwSignal<Option<StaffId>>,
    /// Grows whenever somebody signs out or it is asked who is there: an answer to an earlier question no longer counts.
    turn: RwSignal<u32>,
    /// The server will be told again of a sign-out.
    tells_again: RwSignal<bool>,
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
        let shared = Shared {
            t: text(lang),
            lang,
            session: RwSignal::new(Session::Unknown),
            online: RwSignal::new(true),
            now: RwSignal::new(clock::now_minute()),
            said: RwSignal::new(String::new()),
            title: RwSignal::new(String::new()),
            untold: RwSignal::new(false),
            leaving: RwSignal::new(false),
            codes: RwSignal::new(None),
            turn: RwSignal::new(0),
            tells_again: RwSignal::new(false),
        };
        // Once a page.
        let desk = Self(Box::leak(Box::new(shared)));
        provide_context(desk);
        desk.follow_time();
        desk.follow_network();
        leaving::follow_tabs(move || desk.look_who());
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
        // A page that slept may not have heard who has signed in or out in another tab.
        let seen = window_event_listener_untyped("visibilitychange", move |_| {
            if !document().hidden() {
                self.look_who();
            }
        });
        on_cleanup(move || {
            back.remove();
            gone.remove();
            seen.remove();
        });
    }

    /// Asks the server who is signed in; without a network, whoever was it last.
    pub fn look_who(self) {
        spawn(async move { self.find_session().await });
    }

    /// The same, to be waited for. While the server does not know of a sign-out, nobody is signed in.
    pub async fn find_session(self) {
        let turn = self.take_turn();
        let is_leaving = leaving::is_leaving().await;
        if !self.is_turn(turn) || (is_leaving && !self.tell_server().await) {
            return;
        }
        self.untold.set(false);
        let found = ask::get::<SessionView>(SESSION).await;
        if !self.is_turn(turn) {
            return;
        }
        match found {
            Ok(view) => {
                self.online.set(true);
                leaving::take_over(&view).await;
                if self.is_turn(turn) {
                    self.enter(view);
                } else if self.person().is_none() {
                    // They have signed out while this was kept.
                    leaving::ended().await;
                }
            }
            Err(trouble @ (Trouble::SignedOut(_) | Trouble::Refused(_) | Trouble::Conflict(_))) => {
                self.online.set(true);
                if matches!(trouble, Trouble::SignedOut(_)) {
                    leaving::ended().await;
                }
                if self.is_turn(turn) {
                    self.session.set(Session::Out);
                }
            }
            Err(trouble @ Trouble::Unreadable) => {
                self.say(self.words(&trouble));
                self.without_server(turn).await;
            }
            Err(Trouble::Offline | Trouble::Unanswered | Trouble::Later(_)) => {
                self.online.set(false);
                self.without_server(turn).await;
            }
        }
    }

    async fn without_server(self, turn: u32) {
        if self.session.get_untracked() != Session::Unknown {
            return;
        }
        let session = leaving::kept().await.map_or(Session::Out, Session::In);
        if self.is_turn(turn) {
            self.session.set(session);
        }
    }

    fn take_turn(self) -> u32 {
        let turn = self.turn.get_untracked().wrapping_add(1);
        self.turn.set(turn);
        turn
    }

    fn is_turn(self, turn: u32) -> bool {
        self.turn.get_untracked() == turn
    }

    /// Somebody is signed in.
    pub fn enter(self, view: SessionView) {
        let view = Session::In(view);
        if self.session.look_untracked(|session| *session != view) {
            self.session.set(view);
        }
    }

    /// Signs in; the other tabs learn of it, too.
    ///
    /// # Errors
    /// [`Trouble`]
    pub async fn sign_in(self, body: &SignIn) -> Result<(), Trouble> {
        leaving::sign_in(body).await?;
        self.said.set(String::new());
        self.find_session().await;
        leaving::tell_tabs();
        Ok(())
    }

    /// Signs out: everything kept on this device is erased at once, whether or not the server can be told.
    pub async fn sign_out(self) {
        self.take_turn();
        self.leaving.set(true);
        self.codes.set(None);
        leaving::leave().await;
        self.session.set(Session::Out);
        self.leaving.set(false);
        leaving::tell_tabs();
        if self.tell_server().await {
            leaving::tell_tabs();
        }
    }

    /// Tells the server of a sign-out, again and again until it knows. False: it does not know yet.
    async fn tell_server(self) -> bool {
        if self.session.look_untracked(|session| *session != Session::Out) {
            self.session.set(Session::Out);
        }
        let told = leaving::tell().await;
        self.untold.set(!told);
        self.online.set(told);
        if !told && !self.tells_again.get_untracked() {
            self.tells_again.set(true);
            spawn(async move {
                TimeoutFuture::new(TELL_AGAIN_MS).await;
                self.tells_again.set(false);
                if self.untold.get_untracked() {
                    self.find_session().await;
                }
            });
        }
        told
    }

    /// Who is signed in now, to whom an answer is shown only if it was they who asked; whoever asks is not told of a change.
    #[must_use]
    pub fn person(self) -> Option<StaffId> {
        self.session.look_untracked(|session| match session {
            Session::In(view) => Some(view.staff.id),
            Session::Unknown | Session::Out => None,
        })
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
            // Whose session it was that has ended is for the server to say: somebody else may have signed in since.
            Err(Trouble::SignedOut(problem)) if problem.errors.is_empty() => self.look_who(),
            Err(Trouble::Offline | Trouble::Unanswered) => self.online.set(false),
            Err(Trouble::Unreadable) => {}
            _ if !self.online.get_untracked() => self.online.set(true),
            _ => {}
        }
    }

    /// Says why something was not done.
    #[must_use]
    pub fn words(self, trouble: &Trouble) -> String {
        match trouble {
            Trouble::Offline => self.t.frame.no_network.to_owned(),
            Trouble::Unanswered => self.t.frame.unanswered.to_owned(),
            Trouble::Unreadable => self.t.frame.unreadable.to_owned(),
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
    let html = document().document_element();
    html.and_then(|html| html.get_attribute("lang")).and_then(|tag| Lang::from_tag(&tag)).unwrap_or_default()
}

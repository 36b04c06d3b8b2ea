//! A form for one thing that is kept: what is typed, the version it is based on, and what others did to that meanwhile.

mod foot;
mod put_back;

use std::fmt;

use gloo_net::http::Method;
use leptos::prelude::on_cleanup;
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;
use waypost_app::local::spawn;
use waypost_app::wire::problem::FieldError;
use waypost_app::wire::staff::stations::{Edit, Entry, Kept, Overtaken};

use super::differences::{Difference, differences};
use super::undo::{Keeping, use_keeping};
use crate::ask::{self, Trouble};
use crate::desk::Desk;
use crate::form::{Bound, Form};
use crate::markup::{Node, RwSignal, html};
use crate::text::stations::Stations;

/// What somebody types of one kind of entry: all that its form holds, as text.
pub trait Typed: Clone + PartialEq + Send + Sync + 'static {
    type Draft: Clone + PartialEq + Send + Sync + Serialize + DeserializeOwned + 'static;

    /// Where it is kept, after `/api/v1/staff/`.
    const PATH: &'static str;
    /// Its fields in their order on the screen.
    const FIELDS: &'static [&'static str];

    fn of(draft: &Self::Draft) -> Self;

    /// # Errors
    /// The first field that cannot be read.
    fn draft(&self) -> Result<Self::Draft, Wrong>;

    fn entry(draft: Self::Draft) -> Entry;

    /// The id of what a new one belongs to; empty where it stands by itself.
    fn belongs_to(_draft: &Self::Draft) -> String {
        String::new()
    }

    /// The draft of an entry of this kind.
    fn take(entry: Entry) -> Option<Self::Draft>;
}

/// A field that cannot be read, with what to say of it.
#[derive(Clone, Copy)]
pub struct Wrong {
    pub field: &'static str,
    pub words: fn(&Stations) -> &'static str,
}

impl fmt::Debug for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.field)
    }
}

/// What somebody else did meanwhile.
#[derive(Clone, Debug)]
struct Against<D> {
    words: String,
    differences: Vec<Difference>,
    /// What is kept now; `None` where it is retired.
    now: Option<Kept<D>>,
}

/// All that a form holds, as one begins or is put back.
#[derive(Clone)]
struct Content<F: Typed> {
    typed: F,
    why: String,
    seen: Option<Kept<F::Draft>>,
    new_id: Uuid,
}

/// Handles to one form; cheap to copy.
pub struct Editor<F: Typed> {
    keeping: Keeping,
    /// How it would begin now if nothing had been typed.
    fresh: RwSignal<Content<F>>,
    /// What was typed was put back after a session had ended.
    is_put_back: RwSignal<bool>,
    pub typed: RwSignal<F>,
    pub why: RwSignal<String>,
    /// The version that is changed; `None`: it is still to be made.
    seen: RwSignal<Option<Kept<F::Draft>>>,
    /// From which the server makes the id of a new one: whoever saves it again after a lost answer makes it once.
    new_id: RwSignal<Uuid>,
    faults: RwSignal<Vec<FieldError>>,
    fault: RwSignal<String>,
    against: RwSignal<Option<Against<F::Draft>>>,
    busy: RwSignal<bool>,
}

#[expect(clippy::expl_impl_clone_on_copy, reason = "derived, it would ask for a form that can be copied")]
impl<F: Typed> Clone for Editor<F> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<F: Typed> Copy for Editor<F> {}

impl<F: Typed> fmt::Debug for Editor<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Editor")
    }
}

impl<F: Typed> Editor<F> {
    /// A form for something new that begins as this.
    pub fn make(draft: &F::Draft) -> Self {
        Self::with(F::of(draft), None, key_of_new::<F>(draft))
    }

    /// A form for something that is kept.
    pub fn change(kept: Kept<F::Draft>) -> Self {
        let key = format!("{}/{}", F::PATH, kept.id);
        Self::with(F::of(&kept.entry), Some(kept), key)
    }

    fn with(typed: F, seen: Option<Kept<F::Draft>>, key: String) -> Self {
        let keeping = use_keeping();
        let by = keeping.desk.person();
        let fresh = Content { typed, why: String::new(), seen, new_id: Uuid::now_v7() };
        let put_back = by.and_then(|by| keeping.unsaved.take::<Content<F>>(by, &key));
        let is_put_back = put_back.is_some();
        // With the version that it was typed over: what others did since is met when it is saved.
        let Content { typed, why, seen, new_id } = put_back.unwrap_or_else(|| fresh.clone());
        let editor = Self {
            keeping,
            fresh: RwSignal::new(fresh),
            is_put_back: RwSignal::new(is_put_back),
            typed: RwSignal::new(typed),
            why: RwSignal::new(why),
            seen: RwSignal::new(seen),
            new_id: RwSignal::new(new_id),
            faults: RwSignal::new(Vec::new()),
            fault: RwSignal::new(String::new()),
            against: RwSignal::new(None),
            busy: RwSignal::new(false),
        };
        if let Some(by) = by {
            on_cleanup(move || editor.leave(by, &key));
        }
        editor
    }

    /// Nothing is wrong with what it holds.
    fn settle(self) {
        self.faults.try_set(Vec::new());
        self.fault.try_set(String::new());
        self.against.try_set(None);
        self.is_put_back.try_set(false);
    }

    /// The fields' surroundings; `prefix` begins their ids.
    pub fn form(self, prefix: impl Into<String>) -> Form {
        Form { t: &self.keeping.desk.t.stations, prefix: prefix.into(), faults: self.faults }
    }

    /// The id of what is changed; `None`: it is still to be made.
    pub fn id(self) -> Option<String> {
        self.seen.look_untracked(|seen| seen.as_ref().map(|seen| seen.id.clone()))
    }

    /// A text of the form.
    pub fn bind(self, at: fn(&mut F) -> &mut String) -> Bound {
        Bound::of(self.typed, at)
    }

    /// Holds what is kept, in place of what was typed.
    pub fn hold(self, kept: Kept<F::Draft>) {
        self.typed.try_set(F::of(&kept.entry));
        self.seen.try_set(Some(kept));
        self.settle();
    }

    /// Holds what is kept unless something was typed over it: that is for its saving to find out.
    pub fn refresh(self, kept: Kept<F::Draft>) {
        self.fresh.update(|fresh| (fresh.typed, fresh.seen) = (F::of(&kept.entry), Some(kept.clone())));
        if self.is_untouched() {
            self.hold(kept);
        }
    }

    /// Puts another version's words into the form, to be looked at and saved.
    pub fn fill(self, entry: Entry) {
        if let Some(draft) = F::take(entry) {
            self.typed.set(F::of(&draft));
            self.keeping.desk.say(self.keeping.desk.t.stations.keep.taken);
        }
    }

    /// Saves what is typed; `then` is told what is kept now.
    pub fn save(self, form: &Form, then: impl FnOnce(Kept<F::Draft>) + 'static) {
        if self.busy.get_untracked() {
            return;
        }
        self.faults.set(Vec::new());
        self.fault.set(String::new());
        let t = &self.keeping.desk.t.stations;
        let submitted = self.typed.get_untracked();
        let draft = match submitted.draft() {
            Ok(draft) => draft,
            Err(wrong) => {
                let fault = FieldError { field: wrong.field.to_owned(), message: (wrong.words)(t).to_owned() };
                self.refused(form, vec![fault]);
                return;
            }
        };
        let (id, version) = self
            .seen
            .look_untracked(|seen| (seen.as_ref().map(|seen| seen.id.clone()), seen.as_ref().map(|seen| seen.version)));
        let (method, url) = match &id {
            Some(id) => (Method::PUT, format!("/api/v1/staff/{}/{id}", F::PATH)),
            None => (Method::POST, format!("/api/v1/staff/{}", F::PATH)),
        };
        let new_id = id.is_none().then(|| self.new_id.get_untracked());
        let edit = Edit { id: new_id, version, why: self.why.get_untracked().trim().to_owned(), entry: draft };
        let form = form.clone();
        let person = self.keeping.desk.person();
        self.busy.set(true);
        spawn(async move {
            let outcome: Result<Option<Kept<F::Draft>>, Trouble> = ask::send(method, &url, &edit).await;
            self.busy.try_set(false);
            self.keeping.desk.note(&outcome);
            // What came of it is for whoever saved it, wherever they are by now.
            if self.keeping.desk.person() != person {
                return;
            }
            match outcome {
                Ok(Some(kept)) => {
                    self.why.try_set(String::new());
                    let untouched = self.typed.try_look_untracked(|typed| *typed == submitted).unwrap_or_default();
                    if untouched {
                        self.hold(kept.clone());
                    } else {
                        // Typing went on meanwhile; that is for the next time.
                        self.seen.try_set(Some(kept.clone()));
                        self.is_put_back.try_set(false);
                    }
                    if version == Some(kept.version) {
                        self.keeping.desk.say(t.keep.same);
                    } else {
                        self.keeping.kept(kept.version, t.keep.saved);
                    }
                    then(kept);
                }
                Ok(None) => self.meet(None),
                Err(Trouble::Conflict(text)) => match serde_json::from_str(&text) {
                    Ok(overtaken) => self.meet(Some(overtaken)),
                    Err(_) => {
                        self.fault.try_set(self.keeping.desk.words(&Trouble::Conflict(text)));
                    }
                },
                Err(Trouble::Refused(problem)) if !problem.errors.is_empty() => self.refused(&form, problem.errors),
                Err(trouble) => {
                    self.fault.try_set(self.keeping.desk.words(&trouble));
                }
            }
        });
    }

    /// Retires it, with what belongs to it; `then` is told once it is done.
    pub fn retire(self, then: impl FnOnce() + 'static) {
        let Some((id, version)) =
            self.seen.look_untracked(|seen| seen.as_ref().map(|seen| (seen.id.clone(), seen.version)))
        else {
            return;
        };
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        let url = format!("/api/v1/staff/{}/{id}?version={version}", F::PATH);
        spawn(async move {
            let outcome = ask::bare(Method::DELETE, &url).await;
            self.busy.try_set(false);
            self.keeping.desk.note(&outcome);
            match outcome {
                Ok(()) => {
                    self.keeping.kept_latest(&id, self.keeping.desk.t.stations.keep.removed).await;
                    then();
                }
                Err(Trouble::Conflict(text)) => self.meet(serde_json::from_str(&text).ok()),
                Err(trouble) => {
                    self.fault.try_set(self.keeping.desk.words(&trouble));
                }
            }
        });
    }

    /// Says what cannot be accepted where it stands, and goes to the first of it.
    fn refused(self, form: &Form, faults: Vec<FieldError>) {
        let named = faults.iter().map(|fault| {
            let t = &self.keeping.desk.t.stations;
            let words = (t.fault)(&fault.message).map_or_else(|| fault.message.clone(), str::to_owned);
            format!("{}: {words}", (t.field)(&fault.field))
        });
        let all = named.collect::<Vec<_>>().join("; ");
        if self.faults.try_set(faults).is_some() {
            return;
        }
        if !form.go_to_fault(F::FIELDS) {
            self.fault.set((self.keeping.desk.t.frame.refused)(&all));
        }
    }

    /// Somebody else was faster.
    fn meet(self, overtaken: Option<Overtaken>) {
        let t = &self.keeping.desk.t.stations;
        let Some(overtaken) = overtaken else {
            let words = t.keep.overtaken_gone.to_owned();
            self.against.try_set(Some(Against { words, differences: Vec::new(), now: None }));
            return;
        };
        let words = who(self.keeping.desk, &overtaken);
        let now = overtaken.now;
        let before = self.seen.try_look_untracked(|seen| seen.clone().map(|seen| F::entry(seen.entry))).flatten();
        let found = differences(t, self.keeping.desk.lang, before.as_ref(), now.as_ref().map(|now| &now.entry));
        let now = now.and_then(|Kept { id, version, entry }| Some(Kept { id, version, entry: F::take(entry)? }));
        let differences = if now.is_some() { found } else { Vec::new() };
        self.against.try_set(Some(Against { words, differences, now }));
    }
}

/// Who was faster, and when.
pub fn who(desk: Desk, overtaken: &Overtaken) -> String {
    let t = &desk.t.stations.keep;
    match (&overtaken.now, &overtaken.by) {
        (None, _) => t.overtaken_gone.to_owned(),
        (Some(_), Some(by)) => (t.overtaken)(&by.name, &desk.ago(&by.at)),
        (Some(_), None) => t.overtaken_import.to_owned(),
    }
}

/// Under which what is typed of a new one is held.
pub fn key_of_new<F: Typed>(draft: &F::Draft) -> String {
    format!("{}//{}", F::PATH, F::belongs_to(draft))
}

/// What differs, a line each.
pub fn list(desk: Desk, differences: &[Difference]) -> Node {
    let t = &desk.t.stations.keep;
    let or_empty = |text: &str| if text.is_empty() { t.empty.to_owned() } else { text.to_owned() };
    let lines: Vec<Node> = differences
        .iter()
        .map(|Difference { field, before, after }| {
            let words = (t.from_to)(&or_empty(before), &or_empty(after));
            html! {
                <li>
                    <span class="muted">{*field}</span>
                    " "
                    {words}
                </li>
            }
        })
        .collect();
    html! { <ul class="differences">{lines}</ul> }
}

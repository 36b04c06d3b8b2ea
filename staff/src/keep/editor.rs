//! A form for one thing that is kept: what is typed, the version it is based on, and what others did to that meanwhile.

use std::fmt;

use gloo_net::http::Method;
use serde::Serialize;
use serde::de::DeserializeOwned;
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

/// Handles to one form; cheap to copy.
pub struct Editor<F: Typed> {
    keeping: Keeping,
    pub typed: RwSignal<F>,
    pub why: RwSignal<String>,
    /// The version that is changed; `None`: it is still to be made.
    seen: RwSignal<Option<Kept<F::Draft>>>,
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
        Self::with(F::of(draft), None)
    }

    /// A form for something that is kept.
    pub fn change(kept: Kept<F::Draft>) -> Self {
        Self::with(F::of(&kept.entry), Some(kept))
    }

    fn with(typed: F, seen: Option<Kept<F::Draft>>) -> Self {
        let keeping = use_keeping();
        let unsaved = keeping.take_unsaved(&key::<F>(seen.as_ref().map(|seen| seen.id.as_str())));
        let unsaved = unsaved.and_then(|text| serde_json::from_str(&text).ok());
        let typed = unsaved.map_or(typed, |draft: F::Draft| F::of(&draft));
        Self {
            keeping,
            typed: RwSignal::new(typed),
            why: RwSignal::new(String::new()),
            seen: RwSignal::new(seen),
            faults: RwSignal::new(Vec::new()),
            fault: RwSignal::new(String::new()),
            against: RwSignal::new(None),
            busy: RwSignal::new(false),
        }
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
        self.faults.try_set(Vec::new());
        self.fault.try_set(String::new());
        self.against.try_set(None);
    }

    /// Holds what is kept unless something was typed over it: that is for its saving to find out.
    pub fn refresh(self, kept: Kept<F::Draft>) {
        let untouched = self
            .seen
            .look_untracked(|seen| seen.as_ref().map(|seen| F::of(&seen.entry)))
            .is_none_or(|was| self.typed.look_untracked(|typed| *typed == was));
        if untouched {
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
        let edit = Edit { version, why: self.why.get_untracked().trim().to_owned(), entry: draft };
        let form = form.clone();
        self.busy.set(true);
        spawn(async move {
            let outcome: Result<Option<Kept<F::Draft>>, Trouble> = ask::send(method, &url, &edit).await;
            self.busy.try_set(false);
            if let Err(Trouble::SignedOut(_)) = &outcome {
                // The form goes with what follows, and comes back once somebody has signed in.
                self.keeping.keep_unsaved(key::<F>(id.as_deref()), serde_json::to_string(&edit.entry).ok());
            }
            self.keeping.desk.note(&outcome);
            match outcome {
                Ok(Some(kept)) => {
                    self.why.try_set(String::new());
                    let untouched = self.typed.try_look_untracked(|typed| *typed == submitted).unwrap_or_default();
                    if untouched {
                        self.hold(kept.clone());
                    } else {
                        // Typing went on meanwhile; that is for the next time.
                        self.seen.try_set(Some(kept.clone()));
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

    /// Why, the buttons, what went wrong, and what others did meanwhile.
    pub fn foot(
        self,
        form: &Form,
        word: &'static str,
        then: impl Fn(Kept<F::Draft>) + Clone + Send + Sync + 'static,
    ) -> Node {
        let t = &self.keeping.desk.t.stations.keep;
        let (fault, busy) = (self.fault, self.busy);
        let why = form.input("why", t.why, t.why_hint, "text", Bound::of(self.why, |why| why));
        let (mine, form) = (then.clone(), form.clone());
        let (again, again_form) = (mine.clone(), form.clone());
        html! {
            {why} <div role="alert" data-testid="overtaken">
                {move || self.against.get().map(|against| self.met(against, &again_form, again.clone()))}
            </div>
            <crate::parts::Fault words=fault />
            <div class="btns keep">
                <button
                    class="btn btn-primary"
                    type="button"
                    aria-disabled=move || busy.get().then_some("true")
                    on:click=move |_| self.save(&form, mine.clone())
                >
                    {move || if busy.get() { t.saving } else { word }}
                </button>
            </div>
        }
    }

    fn met(
        self,
        against: Against<F::Draft>,
        form: &Form,
        then: impl Fn(Kept<F::Draft>) + Clone + Send + Sync + 'static,
    ) -> Node {
        let t = &self.keeping.desk.t.stations.keep;
        let Against { words, differences, now } = against;
        let form = form.clone();
        let buttons = now.map(|now| {
            let base = now.clone();
            let over = move |_| {
                self.seen.set(Some(base.clone()));
                self.against.set(None);
                self.save(&form, then.clone());
            };
            html! {
                <div class="btns">
                    <button class="btn" type="button" on:click=move |_| self.hold(now.clone())>
                        {t.theirs}
                    </button>
                    <button class="btn" type="button" on:click=over>
                        {t.mine}
                    </button>
                </div>
            }
        });
        html! {
            <div class="notice notice-warn stack-s">
                <p>
                    <strong>{words}</strong>
                    " "
                    {t.overtaken_text}
                </p>
                {list(self.keeping.desk, &differences)}
                {buttons}
            </div>
        }
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

/// Under which what could not be saved is held.
fn key<F: Typed>(id: Option<&str>) -> String {
    format!("{}/{}", F::PATH, id.unwrap_or_default())
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

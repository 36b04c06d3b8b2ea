//! Fields of the larger forms: each bound to a place in what is typed, with what the server says of it beneath.

use std::fmt;
use std::sync::Arc;

use leptos::prelude::*;
use waypost_app::wire::problem::FieldError;

use crate::markup::{Node, RwSignal, html, memo};
use crate::parts::unfold_and_focus;
use crate::text::stations::Stations;

/// A text somewhere in what is typed.
#[derive(Clone)]
pub struct Bound {
    get: Arc<dyn Fn() -> String + Send + Sync>,
    set: Arc<dyn Fn(String) + Send + Sync>,
}

impl fmt::Debug for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Bound")
    }
}

impl Bound {
    pub fn new(get: impl Fn() -> String + Send + Sync + 'static, set: impl Fn(String) + Send + Sync + 'static) -> Self {
        Self { get: Arc::new(get), set: Arc::new(set) }
    }

    /// The text that `at` finds in the value of a signal.
    pub fn of<T: Clone + Send + Sync + 'static>(signal: RwSignal<T>, at: fn(&mut T) -> &mut String) -> Self {
        Self::new(
            move || signal.look(|value| at(&mut value.clone()).clone()),
            move |text| signal.update(|value| *at(value) = text),
        )
    }

    /// A text of what stands at a place in a list of the value of a signal; empty where nothing stands there any more.
    pub fn at<T: Clone + Send + Sync + 'static, I: Clone + 'static>(
        signal: RwSignal<T>,
        list: fn(&mut T) -> &mut Vec<I>,
        at: usize,
        of: fn(&mut I) -> &mut String,
    ) -> Self {
        let text = move |value: &mut T| list(value).get_mut(at).map(|item| of(item).clone()).unwrap_or_default();
        Self::new(
            move || signal.look(|value| text(&mut value.clone())),
            move |text| {
                signal.update(|value| {
                    if let Some(item) = list(value).get_mut(at) {
                        *of(item) = text;
                    }
                });
            },
        )
    }

    /// The text now; whoever asks is told when it changes.
    #[must_use]
    pub fn get(&self) -> String {
        (self.get)()
    }

    pub fn set(&self, text: String) {
        (self.set)(text);
    }
}

/// What the fields of one form share.
#[derive(Clone, Debug)]
pub struct Form {
    pub t: &'static Stations,
    /// What ids of its fields begin with: a page has more than one form.
    pub prefix: String,
    pub faults: RwSignal<Vec<FieldError>>,
}

/// Whether a fault that the server names is about a field of a form.
fn concerns(fault: &str, name: &str) -> bool {
    match name {
        "position" => matches!(fault, "position" | "lat" | "lng"),
        "last_day" => fault == "last",
        name => fault == name,
    }
}

impl Form {
    #[must_use]
    pub fn id(&self, name: &str) -> String {
        format!("{}-{name}", self.prefix)
    }

    /// What is wrong with a field, in words.
    pub fn fault_words(&self, name: &'static str) -> impl Fn() -> Option<String> + Clone + Send + Sync + use<> {
        let (t, faults) = (self.t, self.faults);
        move || faults.look(|faults| words_of(t, faults, name))
    }

    /// Goes to the first of these fields that was not accepted; false if it is none of them.
    pub fn go_to_fault(&self, names: &[&'static str]) -> bool {
        let wrong = |name: &&&'static str| {
            self.faults.look_untracked(|faults| faults.iter().any(|fault| concerns(&fault.field, name)))
        };
        let Some(id) = names.iter().find(wrong).map(|name| self.id(name)) else { return false };
        unfold_and_focus(&id);
        true
    }

    /// A field around something to type into.
    fn field(&self, name: &'static str, label: &'static str, hint: &'static str, input: Node) -> Node {
        let (id, hint_id) = (self.id(name), format!("{}-hint", self.id(name)));
        let (fault, fault_id) = (self.fault_words(name), format!("{}-fault", self.id(name)));
        html! {
            <div class="field">
                <label r#for=id>{label}</label>
                {input}
                {(!hint.is_empty())
                    .then(|| {
                        html! {
                            <p id=hint_id class="muted small">
                                {hint}
                            </p>
                        }
                    })}
                <p id=fault_id class="error" role="alert">
                    {move || fault().unwrap_or_default()}
                </p>
            </div>
        }
    }

    /// A line of text under the name that the field has on the wire.
    pub fn line(&self, name: &'static str, hint: &'static str, bound: Bound) -> Node {
        self.input(name, (self.t.field)(name), hint, "text", bound)
    }

    /// A line of text with a label and a type of its own.
    pub fn input(
        &self,
        name: &'static str,
        label: &'static str,
        hint: &'static str,
        kind: &'static str,
        bound: Bound,
    ) -> Node {
        let (described, invalid) = self.describe(name, hint);
        let id = self.id(name);
        let set = bound.clone();
        let input = html! {
            <input
                id=id
                r#type=kind
                autocomplete="off"
                aria-describedby=described
                aria-invalid=invalid
                prop:value=move || bound.get()
                on:input=move |event| set.set(event_target_value(&event))
            />
        };
        self.field(name, label, hint, input)
    }

    /// Some lines of text.
    pub fn area(&self, name: &'static str, hint: &'static str, rows: &'static str, bound: Bound) -> Node {
        let (described, invalid) = self.describe(name, hint);
        let id = self.id(name);
        let set = bound.clone();
        let input = html! {
            <textarea
                id=id
                rows=rows
                aria-describedby=described
                aria-invalid=invalid
                prop:value=move || bound.get()
                on:input=move |event| set.set(event_target_value(&event))
            ></textarea>
        };
        self.field(name, (self.t.field)(name), hint, input)
    }

    /// A choice among values, each with its word.
    pub fn select(
        &self,
        name: &'static str,
        label: &'static str,
        hint: &'static str,
        options: impl Fn() -> Vec<(String, String)> + Send + Sync + 'static,
        bound: Bound,
    ) -> Node {
        let (described, invalid) = self.describe(name, hint);
        let id = self.id(name);
        let (shown, set) = (bound.clone(), bound);
        // What is typed elsewhere in the form must not draw a thousand options anew.
        let now = memo(move || shown.get());
        let options = move || {
            let now = now.get();
            let option = |(value, word): (String, String)| {
                let chosen = value == now;
                html! {
                    <option value=value selected=chosen prop:selected=chosen>
                        {word}
                    </option>
                }
            };
            options().into_iter().map(option).collect::<Vec<Node>>()
        };
        let input = html! {
            <select
                id=id
                aria-describedby=described
                aria-invalid=invalid
                on:change=move |event| set.set(event_target_value(&event))
            >
                {options}
            </select>
        };
        self.field(name, label, hint, input)
    }

    /// What describes a field, and whether it is wrong.
    fn describe(
        &self,
        name: &'static str,
        hint: &'static str,
    ) -> (String, impl Fn() -> Option<&'static str> + Send + Sync + use<>) {
        let id = self.id(name);
        let fault = self.fault_words(name);
        let described = if hint.is_empty() { format!("{id}-fault") } else { format!("{id}-hint {id}-fault") };
        (described, move || fault().is_some().then_some("true"))
    }
}

/// All that is said of a field; `None` where it is right.
fn words_of(t: &Stations, faults: &[FieldError], name: &str) -> Option<String> {
    let said: Vec<String> = faults
        .iter()
        .filter(|fault| concerns(&fault.field, name))
        .map(|fault| (t.fault)(&fault.message).map_or_else(|| fault.message.clone(), str::to_owned))
        .collect();
    (!said.is_empty()).then(|| said.join(" "))
}

#[cfg(test)]
mod tests {
    use waypost_app::local::prefs::Lang;

    use super::*;
    use crate::text::text;

    fn fault(field: &str, message: &str) -> FieldError {
        FieldError { field: field.to_owned(), message: message.to_owned() }
    }

    #[test]
    fn a_field_says_what_the_server_says_of_it_and_nothing_else() {
        let t = &text(Lang::Zh).stations;
        let faults = [fault("slug", "is another station's"), fault("lat", "is nowhere"), fault("last", "is before it")];
        assert_eq!(words_of(t, &faults, "slug").as_deref(), Some("别的驿站已经用了。"));
        assert_eq!(words_of(t, &faults, "position").as_deref(), Some("is nowhere"));
        assert_eq!(words_of(t, &faults, "last_day").as_deref(), Some("is before it"));
        assert_eq!(words_of(t, &faults, "name"), None);
    }
}

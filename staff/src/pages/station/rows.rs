//! Things that belong to what a page is about: a row each, opened to change or remove it, and one more to add.

use waypost_app::wire::staff::stations::Kept;

use crate::desk::use_desk;
use crate::form::Form;
use crate::keep::editor::{Editor, Typed, key_of_new};
use crate::keep::undo::use_keeping;
use crate::keep::versions::versions;
use crate::markup::{Node, RwSignal, each, html};

/// What is said where there is none, and on the button for a new one.
#[derive(Clone, Copy, Debug)]
pub struct Words {
    pub none: &'static str,
    pub new: &'static str,
}

/// Everything kept, each said by `said` and typed in `fields`; `empty` is how a new one begins.
pub fn rows<F: Typed>(
    prefix: &'static str,
    words: Words,
    kept: RwSignal<Vec<Kept<F::Draft>>>,
    empty: F::Draft,
    said: impl Fn(&F::Draft) -> String + Copy + Send + Sync + 'static,
    fields: impl Fn(Editor<F>, &Form) -> Node + Copy + Send + Sync + 'static,
) -> Node {
    let line = move |kept: Kept<F::Draft>| row(prefix, kept, said, fields);
    html! {
        {move || kept.look(Vec::is_empty).then(|| html! { <p class="muted">{words.none}</p> })}
        <ul class="kept-rows">{each(move || kept.get(), |kept| format!("{} {}", kept.id, kept.version), line)}</ul>
        {new_one(prefix, words.new, empty, fields)}
    }
}

fn row<F: Typed>(
    prefix: &'static str,
    kept: Kept<F::Draft>,
    said: impl Fn(&F::Draft) -> String + Copy + Send + Sync + 'static,
    fields: impl Fn(Editor<F>, &Form) -> Node + Copy + Send + Sync + 'static,
) -> Node {
    let t = &use_desk().t.stations.keep;
    // Made with the row, so that what is typed outlives closing it.
    let editor = Editor::<F>::change(kept.clone());
    let form = editor.form(format!("{prefix}-{}", kept.id));
    let open = RwSignal::new(editor.is_put_back());
    let words = move || said(&kept.entry);
    let label = words.clone();
    html! {
        <li class="stack" data-testid=prefix>
            <div class="line">
                <strong class="grow">{words}</strong>
                <button
                    class="btn"
                    type="button"
                    aria-expanded=move || if open.get() { "true" } else { "false" }
                    aria-label=move || format!("{} {}", if open.get() { t.close } else { t.edit }, label())
                    on:click=move |_| open.set(!open.get_untracked())
                >
                    {move || if open.get() { t.close } else { t.edit }}
                </button>
            </div>
            {move || {
                let form = &form;
                open.get()
                    .then(|| {
                        html! {
                            <div class="inner stack">
                                {editor.put_back()} {fields(editor, form)} {editor.foot(form, t.save, |_| {})}
                                <div>
                                    <button
                                        class="btn btn-danger"
                                        type="button"
                                        on:click=move |_| editor.retire(|| {})
                                    >
                                        {t.remove}
                                    </button>
                                </div>
                                {editor.id().map(|id| versions(id, editor))}
                            </div>
                        }
                    })
            }}
        </li>
    }
}

/// The form for one more, behind a button.
fn new_one<F: Typed>(
    prefix: &'static str,
    word: &'static str,
    empty: F::Draft,
    fields: impl Fn(Editor<F>, &Form) -> Node + Copy + Send + Sync + 'static,
) -> Node {
    let t = &use_desk().t.stations.keep;
    let keeping = use_keeping();
    let is_waiting = keeping.has_unsaved(&key_of_new::<F>(&empty));
    // A number for each new one: the form of the next begins empty.
    let open = RwSignal::new(is_waiting.then_some(0_u32));
    let next = RwSignal::new(1_u32);
    let begin = move |_| {
        let number = next.get_untracked();
        next.set(number + 1);
        open.set(Some(number));
    };
    let made = move || {
        let empty = empty.clone();
        open.get().map(|_| {
            let editor = Editor::<F>::make(&empty);
            let form = editor.form(format!("{prefix}-new"));
            html! {
                <div class="inner stack" data-testid=format!("{prefix}-new")>
                    <h3>{word}</h3>
                    {editor.put_back()} {fields(editor, &form)} {editor.foot(&form, t.add, move |_| open.set(None))}
                    <div>
                        <button class="btn btn-quiet" type="button" on:click=move |_| open.set(None)>
                            {t.close}
                        </button>
                    </div>
                </div>
            }
        })
    };
    html! {
        {made}
        {move || {
            open.get()
                .is_none()
                .then(|| {
                    html! {
                        <div>
                            <button class="btn" type="button" on:click=begin>
                                {word}
                            </button>
                        </div>
                    }
                })
        }}
    }
}

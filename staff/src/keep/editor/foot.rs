//! Beneath the fields: why, the buttons, what went wrong, and what others did meanwhile.

use waypost_app::wire::staff::stations::Kept;

use super::{Against, Editor, Typed, list};
use crate::form::{Bound, Form};
use crate::markup::{Node, html};
use crate::parts::Fault;

impl<F: Typed> Editor<F> {
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
            <Fault words=fault />
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

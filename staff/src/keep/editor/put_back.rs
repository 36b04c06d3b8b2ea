//! What is typed when a session ends: held until whoever typed it is back, and said to be there then.

use uuid::Uuid;
use waypost_app::domain::ids::StaffId;

use super::{Content, Editor, Typed};
use crate::desk::Session;
use crate::markup::{Node, html};

impl<F: Typed> Editor<F> {
    /// The form goes away. If that is because the session has ended, what was typed waits for whoever typed it.
    pub(super) fn leave(self, by: StaffId, key: &str) {
        let is_out = self.keeping.desk.session.look_untracked(|session| *session == Session::Out);
        if !is_out || self.is_untouched() {
            return;
        }
        let content = Content {
            typed: self.typed.get_untracked(),
            why: self.why.get_untracked(),
            seen: self.seen.get_untracked(),
            new_id: self.new_id.get_untracked(),
        };
        self.keeping.unsaved.hold(by, key, content);
    }

    pub(super) fn is_untouched(self) -> bool {
        let seen = self.seen.look_untracked(|seen| seen.as_ref().map(|seen| F::of(&seen.entry)));
        let began = seen.unwrap_or_else(|| self.fresh.look_untracked(|fresh| fresh.typed.clone()));
        self.typed.look_untracked(|typed| *typed == began) && self.why.look_untracked(String::is_empty)
    }

    /// Whether what was typed before a session ended stands in it again.
    pub fn is_put_back(self) -> bool {
        self.is_put_back.get_untracked()
    }

    /// Says that what was typed before a session ended stands in it again, with the way to be rid of it.
    pub fn put_back(self) -> Node {
        let t = &self.keeping.desk.t.stations.keep;
        let notice = move || {
            self.is_put_back.get().then(|| {
                html! {
                    <div class="notice stack-s">
                        <p>{t.put_back}</p>
                        <div>
                            <button class="btn" type="button" on:click=move |_| self.discard()>
                                {t.as_it_is}
                            </button>
                        </div>
                    </div>
                }
            })
        };
        html! {
            <div role="status" data-testid="put-back">
                {notice}
            </div>
        }
    }

    fn discard(self) {
        let Content { typed, why, seen, .. } = self.fresh.get_untracked();
        self.typed.set(typed);
        self.why.set(why);
        self.seen.set(seen);
        // Not that under which something may have been made from what is discarded.
        self.new_id.set(Uuid::now_v7());
        self.settle();
    }
}

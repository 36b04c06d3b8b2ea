//! Showing other words than the reporter's, and other pictures than theirs or those of the repair.

#![expect(unreachable_pub, reason = "leptos makes the props of every component public")]

use gloo_net::http::Method;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use uuid::Uuid;
use waypost_app::domain::ids::ReportId;
use waypost_app::local::spawn;
use waypost_app::wire::staff::cases::CaseView;
use waypost_app::wire::staff::routing::{PhotoRedaction, Redaction};

use super::board::{self, Board, Painted};
use super::forms::Words;
use crate::ask::{self, Trouble};
use crate::markup::{Node, RwSignal, html};
use crate::street;
use crate::work::{CASES, Work, use_work};

/// What becomes of a photo.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Fate {
    Stays,
    Hidden,
    /// This one of the device is shown instead.
    Covered(String),
}

#[component]
pub(super) fn Redact() -> Node {
    let work = use_work();
    let t = work.t;
    let Some(case) = work.case.get_untracked() else { return Node::Nothing };
    let words = RwSignal::new(case.row.description.clone());
    let [why, fault] = [(); 2].map(|()| RwSignal::new(String::new()));
    let painting = RwSignal::new(None::<usize>);
    // Those of the repair may show somebody, too.
    let mut photos = case.photos.clone();
    for photo in case.events.iter().flat_map(|event| &event.photos) {
        if !photos.contains(photo) {
            photos.push(photo.clone());
        }
    }
    let fates = RwSignal::new(vec![Fate::Stays; photos.len()]);
    let form = Form { work, fault, painting, fates };
    let shown = photos.clone();
    let lines: Vec<Node> = photos.iter().enumerate().map(|(at, hash)| photo_line(at, hash, form)).collect();
    let (id, version, said) = (case.row.id, case.row.version, case.row.description);
    let is_sending = RwSignal::new(false);
    let last = RwSignal::new(None::<Redaction>);
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let note_internal = why.get_untracked().trim().to_owned();
        if note_internal.is_empty() {
            return fault.set(t.redact_needs_why.to_owned());
        }
        if is_sending.get_untracked() {
            return;
        }
        is_sending.set(true);
        fault.set(String::new());
        let text = words.get_untracked();
        let mut body = Redaction {
            event_id: Uuid::now_v7(),
            version,
            description: (text != said).then_some(text),
            photos: Vec::new(),
            note_internal,
        };
        let photos = photos.clone();
        spawn(async move {
            if form.clear_board().await
                && let Some(fates) = fates.try_get_untracked()
            {
                body.photos = changes(&photos, fates);
                // The page follows what colleagues do, and so does what is decided here.
                body.version = work.case.look_untracked(|case| {
                    case.as_ref().filter(|case| case.row.id == id).map_or(version, |case| case.row.version)
                });
                // An answer may have been lost: the same again is done once.
                if let Some(before) = last.try_get_untracked().flatten().filter(|before| is_same(before, &body)) {
                    body.event_id = before.event_id;
                }
                last.try_set(Some(body.clone()));
                form.send(id, &body).await;
            }
            is_sending.try_set(false);
        });
    };
    html! {
        <form class="card stack" on:submit=submit data-testid="form">
            <h2>{t.redact_save}</h2>
            <Words id="words" label=t.redact_words hint=t.redact_hint words />
            <ul class="stack-s">{lines}</ul>
            {move || {
                let at = painting.get()?;
                let hash = shown.get(at)?.clone();
                Some(html! {
                    <Board
                        hash
                        done=std::sync::Arc::new(move |covered: Option<String>| {
                            if let Some(covered) = covered {
                                decide(fates, at, Fate::Covered(covered));
                            }
                            painting.set(None);
                        })
                    />
                })
            }}
            <Words id="why" label=t.redact_why hint=t.internal_hint words=why />
            <p role="alert" class="error">
                {move || fault.get()}
            </p>
            <div class="btns">
                <button class="btn btn-primary" type="submit" disabled=move || is_sending.get()>
                    {t.redact_save}
                </button>
                <button class="btn" type="button" on:click=move |_| work.form.set(None)>
                    {t.cancel}
                </button>
            </div>
        </form>
    }
}

/// What the parts of the form share.
#[derive(Clone, Copy)]
struct Form {
    work: Work,
    fault: RwSignal<String>,
    /// Which of the photos is on the board.
    painting: RwSignal<Option<usize>>,
    fates: RwSignal<Vec<Fate>>,
}

impl Form {
    /// Keeps what is painted on the board and puts the board away. False: it could not be kept, and is still there.
    async fn clear_board(self) -> bool {
        let Some(at) = self.painting.try_get_untracked().flatten() else { return true };
        match board::painted().await {
            Painted::Nothing => {}
            Painted::Kept(hash) => decide(self.fates, at, Fate::Covered(hash)),
            Painted::Failed => {
                self.fault.try_set(self.work.t.cover_not_kept.to_owned());
                return false;
            }
        }
        self.painting.try_set(None);
        true
    }

    /// Puts a photo on the board; what was painted on another one is kept.
    fn paint(self, at: usize) {
        if self.painting.get_untracked() == Some(at) {
            return;
        }
        spawn(async move {
            if self.clear_board().await {
                self.painting.try_set(Some(at));
            }
        });
    }

    /// A photo stays, or is hidden: what is on the board of it goes.
    fn set(self, at: usize, fate: Fate) {
        if self.painting.get_untracked() == Some(at) {
            self.painting.set(None);
        }
        decide(self.fates, at, fate);
    }

    /// What was typed and painted stays where it is if the server does not take it.
    async fn send(self, id: ReportId, body: &Redaction) {
        let work = self.work;
        let outcome = send(&format!("{CASES}/{id}/redactions"), body).await;
        work.desk.note(&outcome);
        match outcome {
            Ok(case) => {
                if work.is_open(id) {
                    work.form.set(None);
                    work.show_case(case);
                }
                work.look_again();
            }
            Err(trouble) => {
                self.fault.try_set(work.why(&trouble));
                // By itself: it can be sent again as soon as it is said why it was not taken.
                spawn(async move { work.read_case(id).await });
            }
        }
    }
}

/// What becomes of one of the photos.
fn decide(fates: RwSignal<Vec<Fate>>, at: usize, fate: Fate) {
    fates.update(|fates| {
        if let Some(kept) = fates.get_mut(at) {
            *kept = fate;
        }
    });
}

/// The photos that do not stay as they are, and what is shown instead.
fn changes(photos: &[String], fates: Vec<Fate>) -> Vec<PhotoRedaction> {
    let change = |(photo, fate): (&String, Fate)| {
        let instead = match fate {
            Fate::Stays => return None,
            Fate::Hidden => None,
            Fate::Covered(hash) => Some(hash),
        };
        Some(PhotoRedaction { photo: photo.clone(), instead })
    };
    photos.iter().zip(fates).filter_map(change).collect()
}

/// Whether two ask for the same, whatever version of the case they were decided on.
fn is_same(before: &Redaction, now: &Redaction) -> bool {
    *before == Redaction { event_id: before.event_id, version: before.version, ..now.clone() }
}

fn photo_line(at: usize, hash: &str, form: Form) -> Node {
    let t = form.work.t;
    let fates = form.fates;
    let is_changed = move || fates.look(|fates| fates.get(at).is_some_and(|fate| *fate != Fate::Stays));
    let word = move || {
        fates.look(|fates| match fates.get(at) {
            Some(Fate::Hidden) => t.redact_hidden,
            Some(Fate::Covered(_)) => t.redact_covered,
            _ => "",
        })
    };
    html! {
        <li class="line">
            <img class="thumb" src=format!("/api/v1/staff/photos/{hash}/thumb") alt=(t.photo)(at + 1) width="72" height="72" />
            <strong role="status">{word}</strong>
            <button class="btn" type="button" on:click=move |_| form.paint(at)>
                {(t.redact_cover)(at + 1)}
            </button>
            <button class="btn" type="button" on:click=move |_| form.set(at, Fate::Hidden)>
                {(t.redact_hide)(at + 1)}
            </button>
            <button
                class="btn btn-quiet"
                type="button"
                hidden=move || !is_changed()
                on:click=move |_| form.set(at, Fate::Stays)
            >
                {t.redact_keep}
            </button>
        </li>
    }
}

/// The pictures first, then what they stand for.
async fn send(url: &str, body: &Redaction) -> Result<CaseView, Trouble> {
    for hash in body.photos.iter().filter_map(|photo| photo.instead.as_deref()) {
        if let Ok(Some(bytes)) = street::photo(hash).await {
            ask::put_photo(&format!("/api/v1/staff/photos/{hash}"), &bytes).await?;
        }
    }
    ask::send(Method::POST, url, body).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redaction(why: &str, version: i64) -> Redaction {
        let photos = changes(
            &["a", "b", "c"].map(str::to_owned),
            vec![Fate::Stays, Fate::Hidden, Fate::Covered("d".to_owned())],
        );
        Redaction { event_id: Uuid::now_v7(), version, description: None, photos, note_internal: why.to_owned() }
    }

    #[test]
    fn only_photos_that_do_not_stay_are_named() {
        let named: Vec<(String, Option<String>)> =
            redaction("a face", 1).photos.into_iter().map(|change| (change.photo, change.instead)).collect();
        assert_eq!(named, [("b".to_owned(), None), ("c".to_owned(), Some("d".to_owned()))]);
    }

    #[test]
    fn the_same_is_asked_again_whatever_the_version() {
        assert!(is_same(&redaction("a face", 1), &redaction("a face", 2)));
        assert!(!is_same(&redaction("a face", 1), &redaction("a number plate", 1)));
    }
}

//! The link with which a unit without an account works on a case.

use gloo_net::http::Method;
use waypost_app::local::spawn;
use waypost_app::wire::staff::cases::CaseView;
use waypost_app::wire::staff::routing::{CaseLink, NewCaseLink};

use crate::ask;
use crate::markup::{Node, RwSignal, html, memo};
use crate::parts::{Qr, copy, to_the_minute};
use crate::work::{CASES, Work};

/// How many days a link is good for.
const DAYS: u32 = 7;

/// `shown` is the link that was made on this page. The server says its address once, so it must outlive this drawing, of
/// which any news of the case makes another.
pub(super) fn draw(work: Work, case: &CaseView, shown: RwSignal<Option<CaseLink>>) -> Node {
    let t = work.t;
    let id = case.row.id;
    let url = format!("{CASES}/{id}/link");
    // One that a colleague has ended or replaced opens nothing any more; one just made is not known to be the case's yet.
    let is_new = RwSignal::new(false);
    let until_now = case.link.as_ref().map(|link| link.expires_at.clone());
    let works = move |link: &CaseLink| is_new.get() || until_now.as_ref() == Some(&link.expires_at);
    let working = memo(move || shown.get().filter(&works));
    let make = {
        let url = url.clone();
        move |_| {
            let url = url.clone();
            spawn(async move {
                let outcome: Result<CaseLink, _> = ask::send(Method::POST, &url, &NewCaseLink { days: DAYS }).await;
                work.desk.note(&outcome);
                match outcome {
                    Ok(link) => {
                        is_new.try_set(true);
                        shown.try_set(Some(link));
                        work.read_case(id).await;
                    }
                    Err(trouble) => work.desk.say(work.desk.words(&trouble)),
                }
            });
        }
    };
    let end = move |_| {
        let url = url.clone();
        spawn(async move {
            let outcome = ask::bare(Method::DELETE, &url).await;
            work.desk.note(&outcome);
            match outcome {
                Ok(()) => {
                    shown.try_set(None);
                    work.desk.say(t.link_ended);
                    work.read_case(id).await;
                }
                Err(trouble) => work.desk.say(work.desk.words(&trouble)),
            }
        });
    };
    let is_there = case.link.is_some();
    let until = case.link.as_ref().map(|link| (t.link_until)(&to_the_minute(&link.expires_at)));
    html! {
        <p class="muted">{t.link_text}</p>
        {until.map(|words| html! { <p>{words}</p> })}
        <div class="btns">
            <button class="btn" type="button" data-testid="link-make" on:click=make>
                {t.link_make}
            </button>
            <button class="btn" type="button" hidden=move || !is_there && working.look(Option::is_none) on:click=end>
                {t.link_end}
            </button>
        </div>
        <div role="status">
            {move || {
                working
                    .get()
                    .map(|link| {
                        let address = link.url.clone();
                        html! {
                            <div class="notice" data-testid="case-link">
                                <input class="select" readonly aria-label=t.link prop:value=link.url.clone() value=link.url.clone() />
                                <button class="btn" type="button" on:click=move |_| copy(work.desk, address.clone(), t.copied)>
                                    {t.copy}
                                </button>
                                <Qr content=link.url label=t.link_qr />
                                <p class="muted small">{(t.link_until)(&to_the_minute(&link.expires_at))}</p>
                            </div>
                        }
                    })
            }}
        </div>
    }
}

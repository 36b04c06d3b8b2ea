//! `/join?code=…`, from the square code that staff show: a courier joins the stations' list. It is drawn by this program, so
//! that no phone carries it which does not need it; the phone's token is the same.

use gloo_net::http::Method;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use waypost_app::local::device::device;
use waypost_app::local::http::{self, Ask};
use waypost_app::local::spawn;
use waypost_app::router::use_address;
use waypost_app::wire::device::MembershipBody;
use waypost_app::wire::problem::Problem;

use crate::desk::use_desk;
use crate::markup::{Node, RwSignal, html};
use crate::parts::Line;

const TIMEOUT_MS: u32 = 15_000;

/// What came of asking to join.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Joined {
    Done,
    NoAnswer,
    /// The first field that the server does not take; empty: something else.
    Wrong(String),
}

#[component]
pub fn Join() -> Node {
    let t = &use_desk().t.join;
    let code = use_address().look_untracked(|address| address.get("code")).unwrap_or_default();
    if code.is_empty() {
        return html! {
            <div class="door card stack">
                <h1 class="page-title">{t.title}</h1>
                <p>{t.bare}</p>
            </div>
        };
    }
    let [name, phone] = [(); 2].map(|()| RwSignal::new(String::new()));
    let joined = RwSignal::new(None::<Joined>);
    let busy = RwSignal::new(false);
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        let body = MembershipBody { code: code.clone(), name: name.get_untracked(), phone: phone.get_untracked() };
        spawn(async move {
            let answer = ask(&body).await;
            busy.try_set(false);
            joined.try_set(Some(answer));
        });
    };
    let is_done = move || joined.look(|joined| *joined == Some(Joined::Done));
    let words = move || {
        joined.get().map(|joined| match joined {
            Joined::Done => t.done,
            Joined::NoAnswer => t.offline,
            Joined::Wrong(field) => (t.wrong)(&field),
        })
    };
    html! {
        <section class="door card stack" data-testid="join">
            <h1 class="page-title">{t.title}</h1>
            <p class="muted">{t.text}</p>
            <form class="stack" on:submit=send hidden=is_done>
                <Line id="name" label=t.name value=name complete="nickname" />
                <Line id="phone" label=t.phone value=phone kind="tel" complete="tel" />
                <button class="btn btn-primary" type="submit">
                    {t.send}
                </button>
            </form>
            <p role="status">{words}</p>
            <p hidden=move || !is_done()>
                <a class="btn btn-primary" href="/" rel="external">
                    {t.leave}
                </a>
            </p>
        </section>
    }
}

async fn ask(body: &MembershipBody) -> Joined {
    let (Some(device), Ok(body)) = (device().await, serde_json::to_string(body)) else { return Joined::NoAnswer };
    let ask = Ask {
        method: Method::PUT,
        url: "/api/v1/device/membership",
        headers: &[("authorization", &device.token.bearer()), ("content-type", "application/json")],
        timeout_ms: TIMEOUT_MS,
        body: Some(body.into()),
    };
    http::send(ask).await.map_or(Joined::NoAnswer, |answer| read(answer.status, &answer.text))
}

/// What an answer means. What stands in our server's place has joined nobody.
fn read(status: u16, body: &str) -> Joined {
    if matches!(status, 200 | 201) && serde_json::from_str::<MembershipBody>(body).is_ok() {
        return Joined::Done;
    }
    match serde_json::from_str::<Problem>(body) {
        Ok(problem) if problem.status == status => {
            Joined::Wrong(problem.errors.into_iter().next().map(|error| error.field).unwrap_or_default())
        }
        _ => Joined::NoAnswer,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_servers_word_counts() {
        let wrong = r#"{"title":"no","status":422,"errors":[{"field":"code","message":"is not good"}]}"#;
        let busy = r#"{"title":"no","status":429}"#;
        for (status, body, joined) in [
            (201, r#"{"name":"小王"}"#, Joined::Done),
            (200, r#"{"name":"小王","phone":"","joined_at":""}"#, Joined::Done),
            (200, "{}", Joined::NoAnswer),
            (200, "<title>Wi-Fi</title>", Joined::NoAnswer),
            (422, wrong, Joined::Wrong("code".to_owned())),
            (429, busy, Joined::Wrong(String::new())),
            (422, "", Joined::NoAnswer),
            (502, "<h1>Bad Gateway</h1>", Joined::NoAnswer),
        ] {
            assert_eq!(read(status, body), joined, "{status} {body}");
        }
    }
}

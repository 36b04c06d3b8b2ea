//! Joining the stations' list with a code from the staff. Nobody has to, so nothing of it is kept on this phone.

use gloo_net::http::Method;

use super::device::device;
use super::http::{self, Ask};
use crate::json;
use crate::wire::device::MembershipBody;
use crate::wire::problem::Problem;

const TIMEOUT_MS: u32 = 15_000;

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Joined {
    Done,
    /// No answer came, or none of our server's.
    NoAnswer,
    /// The server does not take this field; empty if it names none.
    Wrong(String),
}

/// Asks the server for it.
pub async fn join(body: &MembershipBody) -> Joined {
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

fn read(status: u16, body: &str) -> Joined {
    // A login page of a café's Wi-Fi also says 200.
    if matches!(status, 200 | 201) && json::read::<MembershipBody>(body).is_ok() {
        return Joined::Done;
    }
    match json::read::<Problem>(body) {
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

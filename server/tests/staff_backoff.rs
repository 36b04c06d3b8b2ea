//! Whoever fails to sign in waits longer each time, and is never locked out; and what sessions' cookies are like.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking, also in its helpers")]

use crate::support::staff::{PASSWORD, cookie, enter, member, set_up};
use crate::support::{TestServer, at, header, problem};
use reqwest::header::{HeaderMap, HeaderValue};
use reqwest::{Response, StatusCode};
use serde_json::json;
use waypost_app::domain::staff::Role;

const START: &str = "2026-11-24T08:30:00+08:00";
const WRONG: &str = "kerb lamp tree 93 onioN";

/// Moves the clock so many seconds on from the start.
fn later(server: &TestServer, seconds: i64) {
    server.running.state().clock.set(at(START) + chrono::Duration::seconds(seconds));
}

async fn enter_from(server: &TestServer, name: &str, address: &str) -> Response {
    let body = json!({"name": name, "password": WRONG});
    let request = server.http.post(server.url("/api/v1/staff/session")).header("x-forwarded-for", address);
    request.json(&body).send().await.expect("an answer")
}

#[tokio::test]
async fn the_wait_grows_and_the_right_password_works_after_it() {
    let server = TestServer::start_at(START).await;
    assert_eq!(set_up(&server, "王芳").await.status(), StatusCode::OK);
    for _ in 0..5 {
        problem(enter(&server, "王芳", WRONG).await, 401).await;
    }
    for (second, wait) in [(0, "1"), (1, "2"), (3, "4"), (7, "8")] {
        later(&server, second);
        if second > 0 {
            problem(enter(&server, "王芳", WRONG).await, 401).await;
        }
        let refused = enter(&server, " 王芳", PASSWORD).await;
        assert_eq!((refused.status(), header(&refused, "retry-after")), (StatusCode::TOO_MANY_REQUESTS, wait));
    }
    later(&server, 15);
    assert_eq!(enter(&server, "王芳", PASSWORD).await.status(), StatusCode::OK);
    problem(enter(&server, "王芳", WRONG).await, 401).await;
    assert_eq!(enter(&server, "王芳", PASSWORD).await.status(), StatusCode::OK, "earlier failures are forgotten");
}

#[tokio::test]
async fn a_name_that_nobody_has_waits_like_one_that_somebody_has() {
    let server = TestServer::start_at(START).await;
    assert_eq!(set_up(&server, "王芳").await.status(), StatusCode::OK);
    let mut seen = Vec::new();
    for name in ["王芳", "nobody"] {
        let mut answers = Vec::new();
        for _ in 0..7 {
            let answer = enter(&server, name, WRONG).await;
            let wait = answer.headers().get("retry-after").cloned();
            answers.push((answer.status(), wait, answer.text().await.expect("a body")));
        }
        seen.push(answers);
    }
    assert_eq!(seen[0], seen[1]);
    assert_eq!(seen[0][6].0, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn many_attempts_at_once_do_not_slip_through_before_they_are_counted() {
    let server = TestServer::start_at(START).await;
    assert_eq!(set_up(&server, "王芳").await.status(), StatusCode::OK);
    let attempts = futures::future::join_all((0..15).map(|_| enter(&server, "王芳", WRONG))).await;
    let looked_at = attempts.iter().filter(|answer| answer.status() == StatusCode::UNAUTHORIZED).count();
    assert_eq!(looked_at, 5);
}

#[tokio::test]
async fn an_address_that_tries_many_names_waits_and_others_do_not() {
    let clock = waypost_server::clock::Clock::fixed(at(START));
    let server = TestServer::start_with(|config| {
        config.clock = clock;
        config.trust_proxy = true;
    })
    .await;
    for number in 0..21 {
        problem(enter_from(&server, &format!("somebody {number}"), "203.0.113.9").await, 401).await;
    }
    let refused = enter_from(&server, "another", "203.0.113.9").await;
    assert_eq!(header(&refused, "retry-after"), "1");
    problem(refused, 429).await;
    problem(enter_from(&server, "another", "203.0.113.10").await, 401).await;
    later(&server, 1);
    problem(enter_from(&server, "another", "203.0.113.9").await, 401).await;
}

#[tokio::test]
async fn another_copy_counts_the_same_failures() {
    let server = TestServer::start_at(START).await;
    let other = server.beside().await;
    assert_eq!(set_up(&server, "王芳").await.status(), StatusCode::OK);
    for copy in [&server, &other, &server, &other, &server] {
        problem(enter(copy, "王芳", WRONG).await, 401).await;
    }
    for copy in [&server, &other] {
        problem(enter(copy, "王芳", PASSWORD).await, 429).await;
    }
}

#[tokio::test]
async fn an_unknown_name_takes_as_long_as_a_known_one() {
    let server = TestServer::start().await;
    assert_eq!(set_up(&server, "王芳").await.status(), StatusCode::OK);
    let without = member(&server, Role::Worker, None).await;
    // The hash is what takes the time; measured, it would say as much of the machine.
    let passwords = &server.running.state().people.passwords;
    for name in ["王芳", "nobody", &without.name] {
        let before = passwords.hashed();
        problem(enter(&server, name, WRONG).await, 401).await;
        assert_eq!(passwords.hashed() - before, 1, "{name}");
    }
}

#[tokio::test]
async fn attempts_are_counted_by_outcome() {
    let server = TestServer::start_at(START).await;
    assert_eq!(set_up(&server, "王芳").await.status(), StatusCode::OK);
    assert_eq!(enter(&server, "王芳", PASSWORD).await.status(), StatusCode::OK);
    for _ in 0..6 {
        enter(&server, "王芳", WRONG).await;
    }
    let metrics = server.get("/metrics").await.text().await.expect("text");
    for line in ["{outcome=\"in\"} 1", "{outcome=\"wrong\"} 5", "{outcome=\"wait\"} 1", "{outcome=\"code\"} 0"] {
        assert!(metrics.contains(&format!("waypost_sign_ins_total{line}\n")), "{line} in {metrics}");
    }
    assert!(!metrics.contains("王芳"));
}

#[tokio::test]
async fn the_cookie_is_for_this_site_alone_and_never_for_scripts() {
    let server = TestServer::start().await;
    assert_eq!(set_up(&server, "王芳").await.status(), StatusCode::OK);
    let plain = enter(&server, "王芳", PASSWORD).await;
    let set = header(&plain, "set-cookie");
    let (first, flags) = set.split_once(';').expect("flags");
    assert!(first.starts_with("waypost_staff="), "{set}");
    assert_eq!(flags, " Path=/; Max-Age=604800; HttpOnly; SameSite=Lax");
    let server = server.restart_with(|config| config.public_url = "https://waypost.example".parse().ok()).await;
    let secure = enter(&server, "王芳", PASSWORD).await;
    let set = header(&secure, "set-cookie");
    let (first, flags) = set.split_once(';').expect("flags");
    assert!(first.starts_with("__Host-waypost_staff="), "{set}");
    assert_eq!(flags, " Path=/; Max-Age=604800; HttpOnly; SameSite=Lax; Secure");
    let request = server.http.get(server.url("/api/v1/staff/session"));
    let renamed = request.header("cookie", format!("waypost_staff={}", cookie(&secure).as_str())).send().await;
    assert_eq!(renamed.expect("sent").status(), StatusCode::UNAUTHORIZED, "only the name that nobody else can set");
}

#[tokio::test]
async fn signing_in_again_makes_a_new_session_and_ends_the_one_of_before() {
    let server = TestServer::start().await;
    assert_eq!(set_up(&server, "王芳").await.status(), StatusCode::OK);
    let first = cookie(&enter(&server, "王芳", PASSWORD).await);
    let with = format!("waypost_staff={}", first.as_str());
    let body = json!({"name": "王芳", "password": PASSWORD});
    let again = server.http.post(server.url("/api/v1/staff/session")).header("cookie", &with).json(&body).send().await;
    let second = cookie(&again.expect("sent"));
    assert_ne!(first, second);
    for (token, expected) in [(first, StatusCode::UNAUTHORIZED), (second, StatusCode::OK)] {
        let request = server.http.get(server.url("/api/v1/staff/session"));
        let seen = request.header("cookie", format!("waypost_staff={}", token.as_str())).send().await;
        assert_eq!(seen.expect("sent").status(), expected);
    }
}

#[tokio::test]
async fn another_site_cannot_make_a_browser_act_for_its_owner() {
    let server = TestServer::start().await;
    let admin = member(&server, Role::Admin, None).await.http;
    let other = [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site"), ("sec-fetch-site", "same-site")];
    let own = server.url("");
    let same = [("origin", own.as_str()), ("sec-fetch-site", "same-origin")];
    let headers = |(name, value): (&'static str, &str)| {
        HeaderMap::from_iter([(name.parse().expect("a name"), HeaderValue::from_str(value).expect("a value"))])
    };
    let body = json!({"name": "李强", "role": "admin"});
    for from in other {
        let asked = admin.post(server.url("/api/v1/staff/people")).headers(headers(from)).json(&body).send().await;
        assert_eq!(asked.expect("sent").status(), StatusCode::FORBIDDEN, "{from:?}");
    }
    let form = admin.post(server.url("/api/v1/staff/people")).form(&[("name", "李强"), ("role", "admin")]).send().await;
    assert_eq!(form.expect("sent").status(), StatusCode::UNSUPPORTED_MEDIA_TYPE, "what a form can send is not taken");
    for (from, expected) in same.into_iter().zip([StatusCode::CREATED, StatusCode::UNPROCESSABLE_ENTITY]) {
        let asked = admin.post(server.url("/api/v1/staff/people")).headers(headers(from)).json(&body).send().await;
        assert_eq!(asked.expect("sent").status(), expected, "{from:?}: the second time the name is taken");
    }
}

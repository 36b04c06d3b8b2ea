//! The second factor, and changing a password.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking, also in its helpers")]

use crate::support::staff::{PASSWORD, browser, cookie, enter, member, set_up};
use crate::support::{TestServer, problem};
use reqwest::{Client, Method, Response, StatusCode};
use serde_json::{Value, json};
use totp_rs::{Builder, Secret};
use waypost_app::domain::staff::Role;
use waypost_server::store::people::{self, sessions};

const START: &str = "2026-11-24T08:30:00+08:00";

async fn send(http: &Client, server: &TestServer, method: Method, path: &str, body: Value) -> Response {
    http.request(method, server.url(path)).json(&body).send().await.expect("an answer")
}

/// What an authenticator shows at this moment.
fn shown(server: &TestServer, secret: &str) -> String {
    let secret = Secret::try_from_base32(secret).expect("base32");
    let seconds = server.running.state().clock.now_ms() / 1000;
    Builder::new().with_secret(secret).build().expect("a second factor").generate(seconds as u64).to_string()
}

async fn factor(http: &Client, server: &TestServer) -> String {
    let begun = send(http, server, Method::POST, "/api/v1/staff/second-factor", json!({})).await;
    assert_eq!(begun.status(), StatusCode::OK);
    let begun: Value = begun.json().await.expect("JSON");
    let (uri, secret) = (begun["uri"].as_str().expect("a URI"), begun["secret"].as_str().expect("a secret"));
    assert!(uri.starts_with("otpauth://totp/Waypost:") && uri.contains(secret), "{uri}");
    secret.to_owned()
}

/// The first admin with a second factor: their browser, its secret and the recovery codes.
async fn admin(server: &TestServer) -> (Client, String, Vec<String>) {
    assert_eq!(set_up(server, "王芳").await.status(), StatusCode::OK);
    let http = browser(server, &cookie(&enter(server, "王芳", PASSWORD).await));
    let secret = factor(&http, server).await;
    let code = json!({"code": shown(server, &secret)});
    let confirmed = send(&http, server, Method::PUT, "/api/v1/staff/second-factor", code).await;
    assert_eq!(confirmed.status(), StatusCode::OK);
    let renewed = browser(server, &cookie(&confirmed));
    let codes: Value = confirmed.json().await.expect("JSON");
    let codes = codes["recovery_codes"].as_array().expect("codes");
    let codes: Vec<String> = codes.iter().map(|code| code.as_str().expect("text").to_owned()).collect();
    (renewed, secret, codes)
}

async fn enter_with(server: &TestServer, code: &str) -> Response {
    let body = json!({"name": "王芳", "password": PASSWORD, "code": code});
    send(&server.http, server, Method::POST, "/api/v1/staff/session", body).await
}

async fn is_code_asked(response: Response) {
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    let body: Value = response.json().await.expect("JSON");
    assert_eq!(body["errors"][0]["field"], "code", "{body}");
}

async fn status(http: &Client, server: &TestServer, path: &str) -> StatusCode {
    http.get(server.url(path)).send().await.expect("an answer").status()
}

#[tokio::test]
async fn the_first_admin_sets_up_a_second_factor_and_may_then_do_everything() {
    let server = TestServer::start_at(START).await;
    assert_eq!(set_up(&server, "王芳").await.status(), StatusCode::OK);
    let http = browser(&server, &cookie(&enter(&server, "王芳", PASSWORD).await));
    assert_eq!(status(&http, &server, "/api/v1/staff/people").await, StatusCode::FORBIDDEN);
    let early = send(&http, &server, Method::PUT, "/api/v1/staff/second-factor", json!({"code": "123456"})).await;
    assert!(problem(early, 422).await.contains("begin with POST"));
    let secret = factor(&http, &server).await;
    let wrong = send(&http, &server, Method::PUT, "/api/v1/staff/second-factor", json!({"code": "12345"})).await;
    problem(wrong, 422).await;
    let code = json!({"code": shown(&server, &secret)});
    let confirmed = send(&http, &server, Method::PUT, "/api/v1/staff/second-factor", code).await;
    let renewed = browser(&server, &cookie(&confirmed));
    assert_eq!(
        status(&http, &server, "/api/v1/staff/session").await,
        StatusCode::UNAUTHORIZED,
        "the session was renewed"
    );
    assert_eq!(status(&renewed, &server, "/api/v1/staff/people").await, StatusCode::OK);
}

#[tokio::test]
async fn with_a_second_factor_the_password_alone_is_not_enough_and_a_code_works_once() {
    let server = TestServer::start_at(START).await;
    let (_, secret, _) = admin(&server).await;
    is_code_asked(enter(&server, "王芳", PASSWORD).await).await;
    is_code_asked(enter_with(&server, &shown(&server, &secret)).await).await;
    server.set_clock("2026-11-24T08:31:00+08:00");
    let code = shown(&server, &secret);
    assert_eq!(enter_with(&server, &code).await.status(), StatusCode::OK);
    is_code_asked(enter_with(&server, &code).await).await;
    server.set_clock("2026-11-24T08:35:00+08:00");
    is_code_asked(enter_with(&server, &code).await).await;
    let wrong = json!({"name": "王芳", "password": "kerb lamp tree 93 onioN", "code": shown(&server, &secret)});
    let wrong = send(&server.http, &server, Method::POST, "/api/v1/staff/session", wrong).await;
    assert!(!problem(wrong, 401).await.contains("code"), "the code says nothing without the password");
}

#[tokio::test]
async fn recovery_codes_stand_in_for_a_lost_phone_once_each() {
    let server = TestServer::start_at(START).await;
    let (_, _, codes) = admin(&server).await;
    assert_eq!(codes.len(), 10);
    let typed = codes[0].to_lowercase().replace('-', " ");
    assert_eq!(enter_with(&server, &typed).await.status(), StatusCode::OK);
    is_code_asked(enter_with(&server, &codes[0]).await).await;
    assert_eq!(enter_with(&server, &codes[1]).await.status(), StatusCode::OK);
    is_code_asked(enter_with(&server, &"0".repeat(24)).await).await;
}

#[tokio::test]
async fn a_second_factor_is_replaced_or_ended_only_by_whoever_still_has_it() {
    let server = TestServer::start_at(START).await;
    let (http, secret, codes) = admin(&server).await;
    let path = "/api/v1/staff/second-factor";
    for method in [Method::POST, Method::DELETE] {
        problem(send(&http, &server, method.clone(), path, json!({})).await, 422).await;
        problem(send(&http, &server, method, path, json!({"code": "000000"})).await, 422).await;
    }
    server.set_clock("2026-11-24T08:40:00+08:00");
    let begun = send(&http, &server, Method::POST, path, json!({"code": shown(&server, &secret)})).await;
    assert_eq!(begun.status(), StatusCode::OK);
    is_code_asked(enter(&server, "王芳", PASSWORD).await).await;
    let ended = send(&http, &server, Method::DELETE, path, json!({"code": codes[0]})).await;
    assert_eq!(ended.status(), StatusCode::NO_CONTENT);
    let renewed = browser(&server, &cookie(&ended));
    assert_eq!(status(&http, &server, "/api/v1/staff/session").await, StatusCode::UNAUTHORIZED);
    assert_eq!(
        status(&renewed, &server, "/api/v1/staff/people").await,
        StatusCode::FORBIDDEN,
        "another one comes first"
    );
    assert_eq!(enter(&server, "王芳", PASSWORD).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn another_password_needs_the_old_one_and_ends_all_other_sessions() {
    let server = TestServer::start_at(START).await;
    assert_eq!(set_up(&server, "王芳").await.status(), StatusCode::OK);
    let here = browser(&server, &cookie(&enter(&server, "王芳", PASSWORD).await));
    let elsewhere = browser(&server, &cookie(&enter(&server, "王芳", PASSWORD).await));
    let path = "/api/v1/staff/password";
    let other = "another lamp tree 93 onion";
    let wrong = send(&here, &server, Method::PUT, path, json!({"old": other, "new": other})).await;
    assert!(problem(wrong, 422).await.starts_with("old "));
    for (new, words) in
        [("short", "at least 12"), ("password1234", "first that anybody"), ("王芳 lamp tree 93 onion", "your name")]
    {
        let refused = send(&here, &server, Method::PUT, path, json!({"old": PASSWORD, "new": new})).await;
        let detail = problem(refused, 422).await;
        assert!(detail.starts_with("new ") && detail.contains(words), "{detail}");
    }
    let changed = send(&here, &server, Method::PUT, path, json!({"old": PASSWORD, "new": other})).await;
    assert_eq!(changed.status(), StatusCode::NO_CONTENT);
    for http in [&here, &elsewhere] {
        assert_eq!(status(http, &server, "/api/v1/staff/session").await, StatusCode::UNAUTHORIZED);
    }
    let renewed = browser(&server, &cookie(&changed));
    assert_eq!(status(&renewed, &server, "/api/v1/staff/session").await, StatusCode::OK);
    assert_eq!(enter(&server, "王芳", PASSWORD).await.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(enter(&server, "王芳", other).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_password_proved_before_an_admin_stepped_in_changes_nothing_after() {
    let server = TestServer::start().await;
    let state = server.running.state();
    let admin = member(&server, Role::Admin, None).await.http;
    for change in [json!({"reset": true}), json!({"disabled": true}), json!({"drop_second_factor": true})] {
        let worker = member(&server, Role::Worker, None).await;
        let mut conn = state.store.moment().await.expect("a connection");
        let now_ms = state.clock.now_ms();
        let alive = sessions::of_staff(&mut conn, worker.id, now_ms, 0).await.expect("sessions").remove(0);
        let seen = people::find(&mut conn, worker.id).await.expect("read").expect("somebody");
        drop(conn);
        let path = format!("/api/v1/staff/people/{}", worker.id);
        assert_eq!(send(&admin, &server, Method::PATCH, &path, change.clone()).await.status(), StatusCode::OK);
        let job = state.store.write(move |conn| {
            Box::pin(async move { people::replace_password(conn, &seen, alive.id, "another").await })
        });
        assert!(!job.await.expect("the store answers"), "{change}");
        let mut conn = state.store.moment().await.expect("a connection");
        let kept = people::find(&mut conn, worker.id).await.expect("read").expect("somebody");
        assert_eq!(kept.password, None, "{change}");
    }
}

#[tokio::test]
async fn whoever_is_disabled_or_changed_by_an_admin_is_out_at_once() {
    let server = TestServer::start().await;
    let admin = member(&server, Role::Admin, None).await.http;
    for change in [
        json!({"disabled": true}),
        json!({"role": "admin"}),
        json!({"reset": true}),
        json!({"drop_second_factor": true}),
    ] {
        let worker = member(&server, Role::Worker, None).await;
        assert_eq!(status(&worker.http, &server, "/api/v1/staff/session").await, StatusCode::OK);
        let path = format!("/api/v1/staff/people/{}", worker.id);
        assert_eq!(send(&admin, &server, Method::PATCH, &path, change.clone()).await.status(), StatusCode::OK);
        assert_eq!(status(&worker.http, &server, "/api/v1/staff/session").await, StatusCode::UNAUTHORIZED, "{change}");
    }
}

#[tokio::test]
async fn nobody_takes_away_what_they_prove_themselves_by_with_a_session_alone() {
    let server = TestServer::start_at(START).await;
    let (http, _, _) = admin(&server).await;
    let me: Value =
        http.get(server.url("/api/v1/staff/session")).send().await.expect("sent").json().await.expect("JSON");
    let path = format!("/api/v1/staff/people/{}", me["staff"]["id"].as_str().expect("an id"));
    for (change, named) in [
        (json!({"reset": true}), "reset "),
        (json!({"drop_second_factor": true}), "drop_second_factor "),
        (json!({"drop_second_factor": true, "reset": true}), "reset "),
    ] {
        let refused = send(&http, &server, Method::PATCH, &path, change).await;
        assert!(problem(refused, 422).await.starts_with(named));
        assert_eq!(status(&http, &server, "/api/v1/staff/people").await, StatusCode::OK, "nothing was changed");
    }
    is_code_asked(enter(&server, "王芳", PASSWORD).await).await;
}

#[tokio::test]
async fn guessing_the_first_code_of_a_second_factor_is_slowed_down() {
    let server = TestServer::start_at(START).await;
    assert_eq!(set_up(&server, "王芳").await.status(), StatusCode::OK);
    let http = browser(&server, &cookie(&enter(&server, "王芳", PASSWORD).await));
    let path = "/api/v1/staff/second-factor";
    let secret = factor(&http, &server).await;
    let right = shown(&server, &secret);
    let wrong = if right == "000000" { "000001" } else { "000000" };
    let mut refused = Vec::new();
    for _ in 0..6 {
        refused.push(send(&http, &server, Method::PUT, path, json!({"code": wrong})).await.status().as_u16());
    }
    assert_eq!(refused, [422, 422, 422, 422, 422, 429]);
    let early = send(&http, &server, Method::PUT, path, json!({"code": right})).await;
    assert_eq!(early.status(), StatusCode::TOO_MANY_REQUESTS, "nor is the right one looked at");
    server.set_clock("2026-11-24T08:31:00+08:00");
    let late = send(&http, &server, Method::PUT, path, json!({"code": shown(&server, &secret)})).await;
    assert_eq!(late.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_proposed_secret_is_too_old_after_ten_minutes() {
    let server = TestServer::start_at(START).await;
    assert_eq!(set_up(&server, "王芳").await.status(), StatusCode::OK);
    let http = browser(&server, &cookie(&enter(&server, "王芳", PASSWORD).await));
    let path = "/api/v1/staff/second-factor";
    let secret = factor(&http, &server).await;
    server.set_clock("2026-11-24T08:40:00+08:00");
    let late = send(&http, &server, Method::PUT, path, json!({"code": shown(&server, &secret)})).await;
    assert!(problem(late, 422).await.contains("begin with POST"));
    let secret = factor(&http, &server).await;
    server.set_clock("2026-11-24T08:49:59+08:00");
    let confirmed = send(&http, &server, Method::PUT, path, json!({"code": shown(&server, &secret)})).await;
    assert_eq!(confirmed.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_reset_link_is_no_way_around_the_second_factor() {
    let server = TestServer::start_at(START).await;
    let (http, secret, _) = admin(&server).await;
    let me: Value =
        http.get(server.url("/api/v1/staff/session")).send().await.expect("sent").json().await.expect("JSON");
    let path = format!("/api/v1/staff/people/{}", me["staff"]["id"].as_str().expect("an id"));
    let other = member(&server, Role::Admin, None).await.http;
    let reset = send(&other, &server, Method::PATCH, &path, json!({"reset": true})).await;
    assert_eq!(reset.status(), StatusCode::OK);
    let reset: Value = reset.json().await.expect("JSON");
    let token = reset["link"]["url"].as_str().expect("a link").split_once('#').expect("a token").1;
    let set_up = json!({"token": token, "password": PASSWORD});
    let set_up = send(&server.http, &server, Method::POST, "/api/v1/staff/setup", set_up).await;
    assert_eq!(set_up.status(), StatusCode::OK);
    assert!(!set_up.headers().contains_key("set-cookie"), "nobody is signed in by a link");
    is_code_asked(enter(&server, "王芳", PASSWORD).await).await;
    server.set_clock("2026-11-24T08:40:00+08:00");
    assert_eq!(enter_with(&server, &shown(&server, &secret)).await.status(), StatusCode::OK);
}

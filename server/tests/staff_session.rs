//! Signing in and out.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking, also in its helpers")]

use crate::support::staff::{PASSWORD, browser, cookie, enter, member, post, set_up, sign_in};
use crate::support::{TestServer, header, problem};
use reqwest::StatusCode;
use serde_json::{Value, json};
use waypost_app::domain::staff::Role;
use waypost_server::people::{LINK_MS, session};

async fn status(client: &reqwest::Client, server: &TestServer) -> StatusCode {
    client.get(server.url("/api/v1/staff/session")).send().await.expect("an answer").status()
}

#[tokio::test]
async fn the_first_admin_sets_up_a_password_signs_in_and_out() {
    let server = TestServer::start().await;
    assert_eq!(set_up(&server, "王芳").await.status(), StatusCode::OK);
    let entered = enter(&server, " 王芳 ", PASSWORD).await;
    assert_eq!(entered.status(), StatusCode::OK);
    assert_eq!(header(&entered, "cache-control"), "no-store");
    let token = cookie(&entered);
    let view: Value = entered.json().await.expect("JSON");
    assert_eq!(view["staff"]["name"], "王芳");
    assert_eq!(view["staff"]["role"], "admin");
    assert_eq!(view["staff"]["must_set_second_factor"], true);
    let http = browser(&server, &token);
    let seen: Value =
        http.get(server.url("/api/v1/staff/session")).send().await.expect("sent").json().await.expect("JSON");
    assert_eq!(seen, view);
    let out = http.delete(server.url("/api/v1/staff/session")).send().await.expect("sent");
    assert_eq!(out.status(), StatusCode::NO_CONTENT);
    assert!(header(&out, "set-cookie").starts_with("waypost_staff=; Path=/; Max-Age=0"));
    assert_eq!(status(&http, &server).await, StatusCode::UNAUTHORIZED, "also with the old cookie");
}

#[tokio::test]
async fn the_first_link_works_once_and_not_when_there_is_somebody() {
    let server = TestServer::start().await;
    assert_eq!(set_up(&server, "王芳").await.status(), StatusCode::OK);
    let detail = problem(set_up(&server, "李强").await, 422).await;
    assert!(detail.starts_with("token "), "{detail}");
    let server = server.restart_with(|_| {}).await;
    assert_eq!(server.running.first_link(), None);
}

#[tokio::test]
async fn every_start_without_staff_shows_a_link_and_a_link_is_too_old_after_a_day() {
    let server = TestServer::start_at("2026-11-24T08:30:00+08:00").await;
    let first = server.running.first_link().expect("a link").to_owned();
    let server = server.restart_with(|_| {}).await;
    assert_ne!(server.running.first_link(), Some(first.as_str()));
    let body = |link: &str| {
        let token = link.split_once('#').expect("a token").1.to_owned();
        json!({"token": token, "name": "王芳", "password": PASSWORD})
    };
    server.set_clock("2026-11-25T08:29:59+08:00");
    assert_eq!(
        post(&server, "/api/v1/staff/setup", &body(&first)).await.status(),
        StatusCode::OK,
        "another copy's, too"
    );
    let late = TestServer::start_at("2026-11-24T08:30:00+08:00").await;
    let link = late.running.first_link().expect("a link").to_owned();
    late.set_clock("2026-11-25T08:30:01+08:00");
    assert_eq!(LINK_MS, 24 * 60 * 60 * 1000);
    problem(post(&late, "/api/v1/staff/setup", &body(&link)).await, 422).await;
}

#[tokio::test]
async fn a_session_ends_after_twelve_hours_unused_and_after_a_week_in_use() {
    let server = TestServer::start_at("2026-11-02T08:00:00+08:00").await;
    let idle = sign_in(&server, Role::Worker).await;
    let used = sign_in(&server, Role::Worker).await;
    server.set_clock("2026-11-02T19:59:00+08:00");
    assert_eq!(status(&used, &server).await, StatusCode::OK);
    server.set_clock("2026-11-02T20:00:00+08:00");
    assert_eq!(status(&idle, &server).await, StatusCode::UNAUTHORIZED);
    assert_eq!(status(&used, &server).await, StatusCode::OK);
    for day in 3..9 {
        for hour in [2, 10, 18] {
            server.set_clock(&format!("2026-11-0{day}T{hour:02}:00:00+08:00"));
            assert_eq!(status(&used, &server).await, StatusCode::OK, "day {day}, {hour} o'clock");
        }
    }
    server.set_clock("2026-11-09T02:00:00+08:00");
    assert_eq!(status(&used, &server).await, StatusCode::OK);
    server.set_clock("2026-11-09T08:00:00+08:00");
    assert_eq!(status(&used, &server).await, StatusCode::UNAUTHORIZED, "a week after signing in");
    assert_eq!((session::IDLE_MS, session::LONGEST_MS), (12 * 3_600_000, 7 * 24 * 3_600_000));
}

#[tokio::test]
async fn devices_are_listed_and_each_can_be_ended_by_its_owner_only() {
    let server = TestServer::start().await;
    let (fang, qiang) = (member(&server, Role::Worker, None).await, member(&server, Role::Worker, None).await);
    let sessions = |http: reqwest::Client| {
        let request = http.get(server.url("/api/v1/staff/sessions")).send();
        async move { request.await.expect("sent").json::<Value>().await.expect("JSON")["sessions"].clone() }
    };
    let seen = sessions(fang.http.clone()).await;
    assert_eq!(seen.as_array().expect("a list").len(), 1);
    assert_eq!(seen[0]["current"], true);
    let path = format!("/api/v1/staff/sessions/{}", seen[0]["id"].as_str().expect("an id"));
    let end = |http: &reqwest::Client| http.delete(server.url(&path)).send();
    assert_eq!(end(&qiang.http).await.expect("sent").status(), StatusCode::NOT_FOUND);
    assert_eq!(status(&fang.http, &server).await, StatusCode::OK);
    assert_eq!(end(&fang.http).await.expect("sent").status(), StatusCode::NO_CONTENT);
    assert_eq!(status(&fang.http, &server).await, StatusCode::UNAUTHORIZED);
    assert_eq!(status(&qiang.http, &server).await, StatusCode::OK);
}

#[tokio::test]
async fn wrong_names_passwords_and_people_without_one_are_answered_alike() {
    let server = TestServer::start().await;
    assert_eq!(set_up(&server, "王芳").await.status(), StatusCode::OK);
    let without = member(&server, Role::Worker, None).await;
    let mut answers = Vec::new();
    for (name, password) in [("王芳", "kerb lamp tree 93 onioN"), ("nobody", PASSWORD), (&without.name, ""), ("", "")]
    {
        let response = enter(&server, name, password).await;
        assert!(!response.headers().contains_key("set-cookie"));
        answers.push(problem(response, 401).await);
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
}

#[tokio::test]
async fn a_password_counts_letter_for_letter_and_may_be_long() {
    let server = TestServer::start().await;
    let (long, name) = ("修鞋 Kerb 93 lamp \u{0}".repeat(12), "王芳");
    assert!(long.chars().count() > 128);
    let token = server.running.first_link().expect("there is nobody").split_once('#').expect("a token").1;
    let setup = json!({"token": token, "name": name, "password": long});
    assert_eq!(post(&server, "/api/v1/staff/setup", &setup).await.status(), StatusCode::OK);
    let beginning = long.chars().take(64).collect();
    for other in [long.trim_end_matches('\0').to_owned(), long.replace('\0', ""), long.to_lowercase(), beginning] {
        assert_eq!(enter(&server, name, &other).await.status(), StatusCode::UNAUTHORIZED, "{other:?}");
    }
    assert_eq!(enter(&server, name, &long).await.status(), StatusCode::OK);
}

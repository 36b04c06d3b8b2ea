//! Every route of the staff, asked as everybody: `docs/access.md` says what must come of it.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking, also in its helpers")]

use std::collections::BTreeSet;

use crate::support::TestServer;
use crate::support::phone::Phone;
use crate::support::staff::{browser, member};
use axum::body::Body;
use axum::extract::Request;
use axum::routing::get;
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use tower::ServiceExt;
use waypost_app::domain::staff::Role;
use waypost_server::people::Token;
use waypost_server::people::access::TABLE;
use waypost_server::store::people::{self, factors};

/// A route as it is written down: method and template.
type Route = (String, String);

/// What is written down: for each route whether nobody, an admin who is setting up, a unit, a worker and an admin may use it.
fn expected() -> Vec<(Route, [bool; 5])> {
    let page = include_str!("../../docs/access.md");
    let rows = page.lines().filter(|line| line.contains("/api/v1/staff/") && line.starts_with("| `"));
    rows.map(|line| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let (method, path) = cells[0].trim_matches('`').split_once(' ').expect("a method and a path");
        let may = cells[1..].iter().map(|cell| match *cell {
            "yes" => true,
            "–" => false,
            other => panic!("{other} in {line}"),
        });
        let may: Vec<bool> = may.collect();
        ((method.to_owned(), path.to_owned()), may.try_into().expect("five kinds of callers"))
    })
    .collect()
}

/// Everything that the router has under `/api/v1/staff`, asked of the router itself.
async fn routed(server: &TestServer) -> BTreeSet<Route> {
    let router = waypost_server::api::routes().with_state(server.running.state().clone());
    // Its own words name its templates; each is then asked which methods it takes.
    let words = format!("{router:?}");
    let templates: BTreeSet<&str> = words.split('"').filter(|text| text.starts_with("/api/v1/staff")).collect();
    assert!(templates.len() > 5, "the router no longer says what it has: {words:.300}");
    let mut found = BTreeSet::new();
    for template in templates {
        let request = Request::builder().method("LOOK").uri(filled(template)).body(Body::empty()).expect("a request");
        let answer = router.clone().oneshot(request).await.expect("an answer");
        assert_eq!(answer.status(), StatusCode::METHOD_NOT_ALLOWED, "{template}");
        let allowed = answer.headers().get("allow").expect("methods").to_str().expect("text").to_owned();
        let methods = allowed.split(',').filter(|method| *method != "HEAD");
        found.extend(methods.map(|method| (method.to_owned(), template.to_owned())));
    }
    found
}

/// An address of a template: of nothing that there is.
fn filled(template: &str) -> String {
    let part = |part: &str| match part.strip_prefix('{') {
        None => part.to_owned(),
        Some(name) if name.starts_with("sha256") => "0".repeat(64),
        Some(_) => "0193a2b0-0000-7000-8000-000000000001".to_owned(),
    };
    template.split('/').map(part).collect::<Vec<_>>().join("/")
}

#[tokio::test]
async fn router_table_and_page_name_the_same_routes() {
    let server = TestServer::start().await;
    let table: Vec<Route> = TABLE.iter().map(|(method, path, _)| (method.to_string(), (*path).to_owned())).collect();
    let page: Vec<Route> = expected().into_iter().map(|(route, _)| route).collect();
    let (in_table, on_page) = (BTreeSet::from_iter(table.clone()), BTreeSet::from_iter(page.clone()));
    assert_eq!((in_table.len(), on_page.len()), (table.len(), page.len()), "each route stands there once");
    assert_eq!(routed(&server).await, in_table, "left: the router; right: people/access.rs");
    assert_eq!(in_table, on_page, "left: people/access.rs; right: docs/access.md");
}

/// A kind of caller. Somebody new for each request: some routes end the session that asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Caller {
    Stranger,
    Courier,
    MadeUp,
    SignedOut,
    Expired,
    Disabled,
    SettingUp,
    Unit,
    Worker,
    Admin,
}

impl Caller {
    const ALL: [Self; 10] = [
        Self::Stranger,
        Self::Courier,
        Self::MadeUp,
        Self::SignedOut,
        Self::Expired,
        Self::Disabled,
        Self::SettingUp,
        Self::Unit,
        Self::Worker,
        Self::Admin,
    ];

    /// The column of the page.
    fn column(self) -> usize {
        match self {
            Self::SettingUp => 1,
            Self::Unit => 2,
            Self::Worker => 3,
            Self::Admin => 4,
            _ => 0,
        }
    }

    async fn browser(self, server: &TestServer) -> Client {
        let state = server.running.state();
        match self {
            Self::Stranger | Self::Courier => server.http.clone(),
            Self::MadeUp => browser(server, &Token::new()),
            Self::Unit => member(server, Role::Unit, None).await.http,
            Self::Worker => member(server, Role::Worker, None).await.http,
            Self::Admin => member(server, Role::Admin, None).await.http,
            Self::SignedOut => {
                let admin = member(server, Role::Admin, None).await;
                let out = admin.http.delete(server.url("/api/v1/staff/session")).send().await.expect("an answer");
                assert_eq!(out.status(), StatusCode::NO_CONTENT);
                admin.http
            }
            Self::Expired => {
                let admin = member(server, Role::Admin, None).await;
                let sql = "UPDATE staff_sessions SET expires_at_ms = created_at_ms WHERE staff = $1";
                let job = state.store.write(move |conn| {
                    Box::pin(async move {
                        sqlx::query(sql).bind(admin.id.to_string()).execute(conn).await?;
                        Ok(())
                    })
                });
                job.await.expect("stored");
                admin.http
            }
            Self::Disabled => {
                let admin = member(server, Role::Admin, None).await;
                // The session stays, so that what is tested is that it counts for nothing.
                let job = state.store.write(move |conn| {
                    Box::pin(async move { people::set_rights(conn, admin.id, Role::Admin, None, true).await })
                });
                job.await.expect("stored");
                admin.http
            }
            Self::SettingUp => {
                let admin = member(server, Role::Admin, None).await;
                let job =
                    state.store.write(move |conn| Box::pin(async move { factors::drop_all(conn, admin.id).await }));
                job.await.expect("stored");
                admin.http
            }
        }
    }
}

async fn ask(server: &TestServer, caller: Caller, method: &str, template: &str) -> (StatusCode, String) {
    let http = caller.browser(server).await;
    let method = Method::from_bytes(method.as_bytes()).expect("a method");
    let mut request = http.request(method, server.url(&filled(template))).json(&json!({}));
    if caller == Caller::Courier {
        request = request.bearer_auth(Phone::new(1).token);
    }
    let response = request.send().await.expect("an answer");
    assert_eq!(response.headers()["cache-control"], "no-store", "{template}");
    let status = response.status();
    // An answer that never ends is one that was let in.
    let said = if status.is_success() { String::new() } else { response.text().await.expect("a body") };
    (status, said)
}

#[tokio::test]
async fn every_route_is_open_to_those_it_is_for_and_to_nobody_else() {
    let server = TestServer::start().await;
    let (mut holes, mut walked) = (Vec::new(), 0);
    for ((method, path), may) in expected() {
        for caller in Caller::ALL {
            let (status, said) = ask(&server, caller, &method, &path).await;
            let right = match (may[caller.column()], caller.column()) {
                // Let in: what it then says of a body that says nothing is its own matter.
                (true, _) => {
                    !matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) && !status.is_server_error()
                }
                (false, 0) => status == StatusCode::UNAUTHORIZED,
                (false, _) => status == StatusCode::FORBIDDEN,
            };
            if !right {
                holes.push(format!("{method} {path} as {caller:?}: {status} {said}"));
            }
            walked += 1;
        }
    }
    assert!(holes.is_empty(), "{}", holes.join("\n"));
    assert_eq!(walked, TABLE.len() * Caller::ALL.len());
}

#[tokio::test]
async fn a_method_or_a_route_that_is_not_in_the_table_is_closed_to_admins_too() {
    let server = TestServer::start().await;
    let admin = member(&server, Role::Admin, None).await.http;
    let put = admin.put(server.url("/api/v1/staff/session")).send().await.expect("an answer");
    assert_eq!(put.status(), StatusCode::METHOD_NOT_ALLOWED);
    for path in ["/api/v1/staff/nothing", "/api/v1/staff/", "/api/v1/staff"] {
        assert_eq!(
            admin.get(server.url(path)).send().await.expect("an answer").status(),
            StatusCode::NOT_FOUND,
            "{path}"
        );
    }
    let head = admin.head(server.url("/api/v1/staff/session")).send().await.expect("an answer");
    assert_eq!(head.status(), StatusCode::OK);
    let stranger = server.http.head(server.url("/api/v1/staff/session")).send().await.expect("an answer");
    assert_eq!(stranger.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_route_that_somebody_forgot_to_list_answers_nobody() {
    let server = TestServer::start().await;
    let state = server.running.state().clone();
    let forgotten = waypost_server::api::routes().route("/api/v1/staff/forgotten", get(async || "secret"));
    let router = waypost_server::people::access::keep(forgotten, &state).with_state(state);
    let admin = member(&server, Role::Admin, None).await;
    let cookie = format!("waypost_staff={}", admin.token.as_str());
    for (path, expected) in
        [("/api/v1/staff/forgotten", StatusCode::NOT_FOUND), ("/api/v1/staff/people", StatusCode::OK)]
    {
        let request = Request::builder().uri(path).header("cookie", &cookie).body(Body::empty()).expect("a request");
        assert_eq!(router.clone().oneshot(request).await.expect("an answer").status(), expected, "{path}");
    }
}

#[tokio::test]
async fn an_admin_without_a_second_factor_is_told_what_to_set_up() {
    let server = TestServer::start().await;
    let (status, said) = ask(&server, Caller::SettingUp, "GET", "/api/v1/staff/people").await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    let problem: Value = serde_json::from_str(&said).expect("JSON");
    assert_eq!(problem["errors"][0]["field"], "second_factor");
}

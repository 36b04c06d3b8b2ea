//! Staff of a running server: signed in, and what they change in the district.

use std::sync::atomic::{AtomicU32, Ordering};

use futures::future::BoxFuture;
use reqwest::Response;
use reqwest::header::{COOKIE, HeaderMap};
use serde_json::{Value, json};
use waypost_app::domain::ids::{StaffId, UnitId};
use waypost_app::domain::staff::Role;
use waypost_server::config::PublicUrl;
use waypost_server::people::{Token, new_secret, session};
use waypost_server::schedule::exceptions::{Days, Exception, Times};
use waypost_server::store::district::Change;
use waypost_server::store::people::{self, factors};
use waypost_server::store::{Connection, StoreError, exceptions};

use super::days::day;
use super::{TestServer, header};

/// Changes anything.
pub async fn change<F>(server: &TestServer, act: F)
where
    F: for<'c> FnOnce(Change<'c>) -> BoxFuture<'c, Result<(), StoreError>> + Send + 'static,
{
    let state = server.running.state();
    let job =
        state.store.write(move |conn: &mut Connection| Box::pin(async move { act(Change::begin(conn).await?).await }));
    job.await.expect("stored");
    state.snapshots.changed();
}

/// An exception from one date to another; without times, a closure.
pub fn exception(id: &str, target: &str, days: (&str, &str), times: &str, reason: &str) -> Exception {
    Exception {
        id: id.to_owned(),
        target: target.to_owned(),
        days: Days::new(day(days.0), day(days.1)).expect("days"),
        times: Times::parse(times).expect("times"),
        reason: reason.to_owned(),
        reason_en: String::new(),
    }
}

pub async fn put(server: &TestServer, exception: Exception) {
    change(server, |mut change| Box::pin(async move { exceptions::put(&mut change, &exception).await })).await;
}

pub async fn remove(server: &TestServer, id: &'static str) {
    change(server, move |mut change| {
        Box::pin(async move {
            assert!(exceptions::remove(&mut change, id).await?);
            Ok(())
        })
    })
    .await;
}

/// Somebody on the staff, as their browser: with the cookie of a session.
#[derive(Clone, Debug)]
pub struct Member {
    pub id: StaffId,
    pub name: String,
    pub role: Role,
    pub unit: Option<UnitId>,
    /// What the cookie holds.
    pub token: Token,
    /// Sends the cookie with everything.
    pub http: reqwest::Client,
}

/// Somebody new with a role, signed in, with everything set up that the role asks for.
pub async fn sign_in(server: &TestServer, role: Role) -> reqwest::Client {
    member(server, role, None).await.http
}

/// The same of a unit.
pub async fn sign_in_unit(server: &TestServer, unit: UnitId) -> reqwest::Client {
    member(server, Role::Unit, Some(unit)).await.http
}

/// The same, with what is known of them. They have no password: those who need one set it up as people do.
pub async fn member(server: &TestServer, role: Role, unit: Option<UnitId>) -> Member {
    static COUNT: AtomicU32 = AtomicU32::new(1);
    let name = format!("{} {}", role.code(), COUNT.fetch_add(1, Ordering::Relaxed));
    let (state, token) = (server.running.state(), Token::new());
    let now_ms = state.clock.now_ms();
    let job = state.store.write({
        let (name, token) = (name.clone(), token.clone());
        move |conn| {
            Box::pin(async move {
                let id = people::add(conn, &name, role, unit, now_ms).await?.expect("a new name");
                if role.needs_second_factor() {
                    let secret = new_secret();
                    factors::propose(conn, id, &secret, now_ms).await?;
                    assert!(factors::confirm(conn, id, &secret, 0, &[]).await?);
                }
                session::begin(conn, id, &token, "", now_ms).await?;
                Ok(id)
            })
        }
    });
    let id = job.await.expect("stored");
    Member { id, name, role, unit, http: browser(server, &token), token }
}

/// A browser with the cookie of a session.
pub fn browser(server: &TestServer, token: &Token) -> reqwest::Client {
    let https = server.running.state().config.public_url.as_ref().is_some_and(PublicUrl::is_https);
    let name = if https { "__Host-waypost_staff" } else { "waypost_staff" };
    let cookie = format!("{name}={}", token.as_str()).parse().expect("a cookie");
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .default_headers(HeaderMap::from_iter([(COOKIE, cookie)]))
        .build()
        .expect("a client")
}

/// One that is taken.
pub const PASSWORD: &str = "kerb lamp tree 93 onion";

/// The first admin of a new server, with a password and without a second factor.
pub async fn set_up(server: &TestServer, name: &str) -> Response {
    let token = server.running.first_link().expect("there is nobody").split_once('#').expect("a token").1;
    post(server, "/api/v1/staff/setup", &json!({"token": token, "name": name, "password": PASSWORD})).await
}

pub async fn post(server: &TestServer, path: &str, body: &Value) -> Response {
    server.http.post(server.url(path)).json(body).send().await.expect("an answer")
}

/// Signs in by name and password.
pub async fn enter(server: &TestServer, name: &str, password: &str) -> Response {
    post(server, "/api/v1/staff/session", &json!({"name": name, "password": password})).await
}

/// The session that an answer has given.
pub fn cookie(response: &Response) -> Token {
    let set = header(response, "set-cookie");
    let value = set.split_once('=').expect("a cookie").1.split(';').next().expect("a value");
    Token::parse(value).expect("a token")
}

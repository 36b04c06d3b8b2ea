//! Who is on the staff, and couriers whom they invite.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking, also in its helpers")]

use crate::support::cases::unit;
use crate::support::phone::Phone;
use crate::support::staff::{PASSWORD, enter, member, post, sign_in};
use crate::support::{TestServer, problem};
use reqwest::{Client, Method, Response, StatusCode};
use serde_json::{Value, json};
use waypost_app::domain::staff::Role;
use waypost_server::store::people;

/// Nobody's.
const UNIT: &str = "0193a2b0-0000-7000-8000-0000000000aa";

async fn send(http: &Client, server: &TestServer, method: Method, path: &str, body: &Value) -> Response {
    http.request(method, server.url(path)).json(body).send().await.expect("an answer")
}

async fn json_of(response: Response, status: StatusCode) -> Value {
    let (is, text) = (response.status(), response.text().await.expect("a body"));
    assert_eq!(is, status, "{text}");
    serde_json::from_str(&text).expect("JSON")
}

async fn join(server: &TestServer, phone: &Phone, body: &Value) -> Response {
    let request = server.http.put(server.url("/api/v1/device/membership")).bearer_auth(&phone.token);
    request.json(body).send().await.expect("an answer")
}

async fn invite(server: &TestServer, body: &Value) -> Value {
    let worker = sign_in(server, Role::Worker).await;
    json_of(send(&worker, server, Method::POST, "/api/v1/staff/invitations", body).await, StatusCode::CREATED).await
}

#[tokio::test]
async fn somebody_whom_an_admin_adds_comes_in_by_their_link() {
    let server = TestServer::start().await;
    let admin = sign_in(&server, Role::Admin).await;
    let roads = json!(unit(&server, &admin, "市政").await);
    let new = json!({"name": "李强", "role": "unit", "unit": roads});
    let added = send(&admin, &server, Method::POST, "/api/v1/staff/people", &new).await;
    let added = json_of(added, StatusCode::CREATED).await;
    assert_eq!((&added["person"]["unit"], &added["person"]["joined"]), (&roads, &json!(false)));
    let token = added["link"]["url"].as_str().expect("a link").split_once("/staff/setup#").expect("a token").1;
    let named = json!({"token": token, "name": "somebody else", "password": PASSWORD});
    assert!(problem(post(&server, "/api/v1/staff/setup", &named).await, 422).await.starts_with("name "));
    let weak = json!({"token": token, "password": "123456789012"});
    assert!(problem(post(&server, "/api/v1/staff/setup", &weak).await, 422).await.starts_with("password "));
    let right = json!({"token": token, "password": PASSWORD});
    assert_eq!(post(&server, "/api/v1/staff/setup", &right).await.status(), StatusCode::OK);
    let view = json_of(enter(&server, "李强", PASSWORD).await, StatusCode::OK).await;
    assert_eq!((&view["staff"]["role"], &view["staff"]["unit"]), (&json!("unit"), &roads));
    let all = json_of(admin.get(server.url("/api/v1/staff/people")).send().await.expect("sent"), StatusCode::OK).await;
    let listed: Vec<&Value> = all["people"].as_array().expect("a list").iter().map(|person| &person["name"]).collect();
    assert!(listed.contains(&&json!("李强")), "{all}");
    assert!(!all.to_string().contains("argon2"), "what they prove themselves by is shown to nobody");
}

#[tokio::test]
async fn what_cannot_be_is_refused_by_the_name_of_its_field() {
    let server = TestServer::start().await;
    let admin = sign_in(&server, Role::Admin).await;
    for (body, field) in [
        (json!({"role": "worker"}), "name"),
        (json!({"name": "李强"}), "role"),
        (json!({"name": "李强", "role": "boss"}), "role"),
        (json!({"name": 7, "role": "worker"}), "name"),
        (json!({"name": "", "role": "worker"}), "name"),
        (json!({"name": "李强", "role": "worker", "unit": UNIT}), "unit"),
        (json!({"name": "李强", "role": "unit", "unit": "x"}), "unit"),
        (json!({"name": "李强", "role": "unit", "unit": UNIT}), "unit"),
    ] {
        let refused = send(&admin, &server, Method::POST, "/api/v1/staff/people", &body).await;
        let detail = problem(refused, 422).await;
        assert!(detail.starts_with(field), "{body}: {detail}");
    }
    let worker = member(&server, Role::Worker, None).await;
    let (path, to_unit) = (format!("/api/v1/staff/people/{}", worker.id), json!({"role": "unit", "unit": UNIT}));
    let refused = send(&admin, &server, Method::PATCH, &path, &to_unit).await;
    assert!(problem(refused, 422).await.starts_with("unit "));
    let still = worker.http.get(server.url("/api/v1/staff/session")).send().await.expect("sent");
    assert_eq!(still.status(), StatusCode::OK, "nothing was changed");
    let unknown = format!("/api/v1/staff/people/{UNIT}");
    problem(send(&admin, &server, Method::PATCH, &unknown, &json!({"disabled": true})).await, 404).await;
    problem(send(&admin, &server, Method::PATCH, "/api/v1/staff/people/x", &json!({})).await, 400).await;
}

#[tokio::test]
async fn the_last_admin_who_can_sign_in_stays_one() {
    let server = TestServer::start().await;
    let admin = member(&server, Role::Admin, None).await;
    let (state, id) = (server.running.state(), admin.id);
    let has_one =
        state.store.write(move |conn| Box::pin(async move { people::set_password(conn, id, "not looked at").await }));
    has_one.await.expect("stored");
    let path = format!("/api/v1/staff/people/{id}");
    for (change, field) in [(json!({"disabled": true}), "disabled"), (json!({"role": "worker"}), "role")] {
        let refused = send(&admin.http, &server, Method::PATCH, &path, &change).await;
        assert!(problem(refused, 422).await.starts_with(field));
    }
    // Another who could not sign in does not help.
    let other = member(&server, Role::Admin, None).await;
    problem(send(&other.http, &server, Method::PATCH, &path, &json!({"disabled": true})).await, 422).await;
    let other_id = other.id;
    let has_one =
        state.store.write(move |conn| Box::pin(async move { people::set_password(conn, other_id, "either").await }));
    has_one.await.expect("stored");
    let done = send(&other.http, &server, Method::PATCH, &path, &json!({"disabled": true})).await;
    assert_eq!(done.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_disabled_person_cannot_come_in_by_password_or_link() {
    let server = TestServer::start().await;
    let admin = sign_in(&server, Role::Admin).await;
    let new = json!({"name": "李强", "role": "worker"});
    let added = send(&admin, &server, Method::POST, "/api/v1/staff/people", &new).await;
    let added = json_of(added, StatusCode::CREATED).await;
    let token = added["link"]["url"].as_str().expect("a link").split_once('#').expect("a token").1;
    let path = format!("/api/v1/staff/people/{}", added["person"]["id"].as_str().expect("an id"));
    let disable = async |is: bool| {
        let done = send(&admin, &server, Method::PATCH, &path, &json!({"disabled": is})).await;
        assert_eq!(done.status(), StatusCode::OK);
    };
    let set_up = json!({"token": token, "password": PASSWORD});
    disable(true).await;
    problem(post(&server, "/api/v1/staff/setup", &set_up).await, 422).await;
    disable(false).await;
    assert_eq!(post(&server, "/api/v1/staff/setup", &set_up).await.status(), StatusCode::OK);
    disable(true).await;
    assert_eq!(problem(enter(&server, "李强", PASSWORD).await, 401).await, "Name or password is not right.");
    disable(false).await;
    assert_eq!(enter(&server, "李强", PASSWORD).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_courier_joins_with_a_code_and_their_number_is_whole_for_admins_only() {
    let server = TestServer::start().await;
    let invitation = invite(&server, &json!({})).await;
    assert_eq!(invitation["uses"], 1);
    let code = invitation["code"].as_str().expect("a code");
    assert!(invitation["url"].as_str().expect("a URL").ends_with(&format!("/join?code={code}")));
    let (phone, other) = (Phone::new(1), Phone::new(2));
    let typed = code.to_lowercase().replace('-', " ");
    let body = json!({"code": typed, "name": "赵敏", "phone": "138 0013 8000"});
    let joined = json_of(join(&server, &phone, &body).await, StatusCode::CREATED).await;
    assert_eq!((&joined["name"], &joined["phone"]), (&json!("赵敏"), &json!("138****8000")));
    problem(join(&server, &other, &body).await, 422).await;
    let again = json!({"name": "赵敏敏"});
    assert_eq!(join(&server, &phone, &again).await.status(), StatusCode::OK, "who has joined may change it");
    assert_eq!(join(&server, &phone, &body).await.status(), StatusCode::OK);
    let known = json_of(phone.get(&server, "/api/v1/device").await, StatusCode::OK).await;
    assert_eq!(known["membership"]["phone"], "138****8000");
    let strange = json_of(other.get(&server, "/api/v1/device").await, StatusCode::OK).await;
    assert_eq!(strange["membership"], Value::Null);
    for (role, number) in [(Role::Admin, "13800138000"), (Role::Worker, "138****8000")] {
        let http = sign_in(&server, role).await;
        let members = http.get(server.url("/api/v1/staff/members")).send().await.expect("sent");
        let members = json_of(members, StatusCode::OK).await;
        assert_eq!(members["members"][0]["phone"], number, "{role:?}");
    }
}

#[tokio::test]
async fn an_invitation_is_good_for_so_many_and_so_long() {
    let server = TestServer::start_at("2026-11-24T08:30:00+08:00").await;
    let invitation = invite(&server, &json!({"uses": 2, "days": 3})).await;
    let body = json!({"code": invitation["code"], "name": "赵敏"});
    for (number, status) in [(1, StatusCode::CREATED), (2, StatusCode::CREATED), (3, StatusCode::UNPROCESSABLE_ENTITY)]
    {
        assert_eq!(join(&server, &Phone::new(number), &body).await.status(), status, "{number}");
    }
    let late = invite(&server, &json!({"uses": 2, "days": 3})).await;
    server.set_clock("2026-11-27T08:30:00+08:00");
    let late = json!({"code": late["code"], "name": "赵敏"});
    assert!(problem(join(&server, &Phone::new(4), &late).await, 422).await.starts_with("code "));
    let worker = sign_in(&server, Role::Worker).await;
    for body in [json!({"uses": 0}), json!({"uses": 201}), json!({"days": 31}), json!({"days": -1})] {
        problem(send(&worker, &server, Method::POST, "/api/v1/staff/invitations", &body).await, 422).await;
    }
}

#[tokio::test]
async fn bad_memberships_name_their_field_and_nobody_joins_without_a_token() {
    let server = TestServer::start().await;
    let code = invite(&server, &json!({"uses": 9})).await["code"].clone();
    for (body, field) in [
        (json!({"code": code}), "name"),
        (json!({"code": code, "name": "a\nb"}), "name"),
        (json!({"code": code, "name": "赵敏", "phone": "0571-88888888"}), "phone"),
        (json!({"code": code, "name": "赵敏", "phone": 13_800_138_000_i64}), "phone"),
        (json!({"code": "驿", "name": "赵敏"}), "code"),
        (json!({"name": "赵敏"}), "code"),
    ] {
        let detail = problem(join(&server, &Phone::new(1), &body).await, 422).await;
        assert!(detail.starts_with(field), "{body}: {detail}");
    }
    let request = server.http.put(server.url("/api/v1/device/membership")).json(&json!({"code": code, "name": "赵敏"}));
    problem(request.send().await.expect("sent"), 401).await;
}

#[tokio::test]
async fn name_and_number_go_when_the_courier_leaves_or_the_phone_is_erased() {
    let server = TestServer::start().await;
    let code = invite(&server, &json!({"uses": 9})).await["code"].clone();
    let body = json!({"code": code, "name": "赵敏", "phone": "13800138000"});
    let admin = sign_in(&server, Role::Admin).await;
    for (number, path) in [(1, "/api/v1/device/membership"), (2, "/api/v1/device")] {
        let phone = Phone::new(number);
        assert_eq!(join(&server, &phone, &body).await.status(), StatusCode::CREATED);
        let request = server.http.delete(server.url(path)).bearer_auth(&phone.token);
        assert_eq!(request.send().await.expect("sent").status(), StatusCode::NO_CONTENT, "{path}");
        let members = admin.get(server.url("/api/v1/staff/members")).send().await.expect("sent");
        assert_eq!(json_of(members, StatusCode::OK).await["members"], json!([]), "{path}");
        let known = json_of(phone.get(&server, "/api/v1/device").await, StatusCode::OK).await;
        assert_eq!(known["membership"], Value::Null);
    }
}

//! Which unit a case is suggested for.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking, also in its helpers")]

use crate::support::cases::{read, take, unit};
use crate::support::phone::{Phone, report_with};
use crate::support::staff::sign_in;
use crate::support::{TestServer, problem};
use reqwest::{Client, Response, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;
use waypost_app::domain::staff::Role;

const NOW: &str = "2026-11-24T09:00:30+08:00";
const ROUTES: &str = "/api/v1/staff/routes";

async fn put(client: &Client, server: &TestServer, body: &Value) -> Response {
    client.put(server.url(ROUTES)).json(body).send().await.expect("an answer")
}

async fn written(client: &Client, server: &TestServer, version: i64, routes: Value) -> Value {
    let answer = put(client, server, &json!({"version": version, "routes": routes})).await;
    assert_eq!(answer.status(), StatusCode::OK);
    answer.json().await.expect("JSON")
}

async fn of_category(server: &TestServer, phone: &Phone, category: &str, lat: f64) -> Uuid {
    let id = Uuid::now_v7();
    let mut body = report_with("category", Some(json!(category)));
    body["lat"] = json!(lat);
    assert_eq!(phone.send_report(server, id, &body).await.status(), StatusCode::CREATED);
    id
}

async fn suggested(client: &Client, server: &TestServer, id: Uuid) -> Value {
    read(client, server, &format!("/api/v1/staff/cases/{id}")).await["suggested_unit"].clone()
}

#[tokio::test]
async fn the_first_route_that_fits_by_category_and_place_names_the_unit() {
    let server = TestServer::start_at(NOW).await;
    let (admin, phone) = (sign_in(&server, Role::Admin).await, Phone::new(1));
    let lake = unit(&server, &admin, "湖滨养护").await;
    let roads = unit(&server, &admin, "市政养护").await;
    let all = unit(&server, &admin, "综合").await;
    let near = of_category(&server, &phone, "road", 30.31).await;
    // A degree of latitude is 111,195 m.
    let just_in = of_category(&server, &phone, "road", 30.31 + 990.0 / 111_195.0).await;
    let just_out = of_category(&server, &phone, "road", 30.31 + 1_010.0 / 111_195.0).await;
    let tree = of_category(&server, &phone, "tree", 30.31).await;
    assert_eq!(suggested(&admin, &server, near).await, Value::Null, "without routes nobody is suggested");

    let area = json!({"name": "湖边", "lat": 30.31, "lng": 120.138_678, "radius_m": 1000});
    let routes = json!([
        {"category": "road", "area": area, "unit": lake},
        {"category": "road", "unit": roads},
        {"unit": all},
    ]);
    let list = written(&admin, &server, 0, routes.clone()).await;
    assert_eq!(list, json!({"version": 1, "routes": routes}));
    assert_eq!(read(&admin, &server, ROUTES).await, list);
    for (id, expected) in [(near, lake), (just_in, lake), (just_out, roads), (tree, all)] {
        assert_eq!(suggested(&admin, &server, id).await, json!(expected));
    }
    // What is suggested can be given as it is.
    take(&admin, &server, near, 0, "accept", json!({})).await;
    let case = take(&admin, &server, near, 1, "assign", json!({"unit": suggested(&admin, &server, near).await})).await;
    assert_eq!(case["unit"], json!(lake));

    // A unit that gets no new cases is passed over.
    let url = server.url(&format!("/api/v1/staff/units/{lake}"));
    let closed = admin.patch(url).json(&json!({"closed": true})).send().await.expect("an answer");
    assert_eq!(closed.status(), StatusCode::OK);
    assert_eq!(suggested(&admin, &server, just_in).await, json!(roads));

    // The order decides, and an empty list is one.
    written(&admin, &server, 1, json!([{"unit": all}, {"category": "road", "unit": roads}])).await;
    assert_eq!(suggested(&admin, &server, just_in).await, json!(all));
    written(&admin, &server, 2, json!([])).await;
    assert_eq!(suggested(&admin, &server, just_in).await, Value::Null);
}

#[tokio::test]
async fn whoever_writes_over_a_list_they_have_not_seen_gets_the_other_one() {
    let server = TestServer::start_at(NOW).await;
    let admin = sign_in(&server, Role::Admin).await;
    let roads = unit(&server, &admin, "市政养护").await;
    let body = json!({"version": 0, "routes": [{"unit": roads}]});
    let writes = futures::future::join_all([(); 4].map(|()| put(&admin, &server, &body))).await;
    let done = writes.iter().filter(|answer| answer.status() == StatusCode::OK).count();
    assert_eq!(done, 1, "of several at once one is first");
    let refused = put(&admin, &server, &json!({"version": 0, "routes": []})).await;
    assert_eq!(refused.status(), StatusCode::CONFLICT);
    let refused: Value = refused.json().await.expect("JSON");
    assert_eq!((&refused["errors"][0]["field"], &refused["changed"]["version"]), (&json!("version"), &json!(1)));
    assert_eq!(refused["changed"]["routes"], json!([{"unit": roads}]));
    assert_eq!(read(&admin, &server, ROUTES).await["version"], 1);
}

#[tokio::test]
async fn a_list_with_a_fault_is_refused_by_the_fields_place_and_changes_nothing() {
    let server = TestServer::start_at(NOW).await;
    let (admin, worker) = (sign_in(&server, Role::Admin).await, sign_in(&server, Role::Worker).await);
    let roads = unit(&server, &admin, "市政养护").await;
    let good = json!({"unit": roads});
    let area = |field: &str, value: Value| {
        let mut area = json!({"name": "湖边", "lat": 30.31, "lng": 120.1, "radius_m": 1000});
        area[field] = value;
        json!({"unit": roads, "area": area})
    };
    for (route, named) in [
        (json!("x"), "routes[1]"),
        (json!({}), "routes[1].unit"),
        (json!({"unit": "nobody"}), "routes[1].unit"),
        (json!({"unit": Uuid::now_v7()}), "routes[1].unit"),
        (json!({"unit": roads, "category": "volcano"}), "routes[1].category"),
        (json!({"unit": roads, "category": 7}), "routes[1].category"),
        (json!({"unit": roads, "area": "湖边"}), "routes[1].area"),
        (area("name", json!(" ")), "routes[1].area.name"),
        (area("name", json!("长".repeat(101))), "routes[1].area.name"),
        (area("lat", json!(91)), "routes[1].area.lat"),
        (area("lng", Value::Null), "routes[1].area.lng"),
        (area("lng", json!(-181)), "routes[1].area.lng"),
        (area("radius_m", json!(9)), "routes[1].area.radius_m"),
        (area("radius_m", json!(50_001)), "routes[1].area.radius_m"),
        (area("radius_m", json!(-1)), "routes[1].area.radius_m"),
    ] {
        let body = json!({"version": 0, "routes": [good, route]});
        let detail = problem(put(&admin, &server, &body).await, 422).await;
        assert!(detail.contains(named), "{route}: {detail}");
    }
    for (body, named) in [
        (json!({"routes": []}), "version"),
        (json!({"version": 0}), "routes"),
        (json!({"version": 0, "routes": vec![&good; 501]}), "routes"),
    ] {
        assert!(problem(put(&admin, &server, &body).await, 422).await.contains(named));
    }
    problem(put(&worker, &server, &json!({"version": 0, "routes": []})).await, 403).await;
    assert_eq!(read(&worker, &server, ROUTES).await, json!({"version": 0, "routes": []}));
}

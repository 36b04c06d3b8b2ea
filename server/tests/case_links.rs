//! The page of one case for a unit without an account.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking, also in its helpers")]

use crate::support::cases::{read, take, unit};
use crate::support::phone::{Phone, report_with, sha256};
use crate::support::pictures::jpeg;
use crate::support::staff::sign_in;
use crate::support::{TestServer, header, problem};
use reqwest::multipart::{Form, Part};
use reqwest::{Client, Response, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;
use waypost_app::domain::ids::UnitId;
use waypost_app::domain::staff::Role;
use waypost_server::retention::sweep;

const NOW: &str = "2026-11-24T09:00:30+08:00";

/// A case that a unit has, with a photo.
struct Given {
    server: TestServer,
    admin: Client,
    phone: Phone,
    unit: UnitId,
    case: Uuid,
    photo: String,
}

impl Given {
    async fn new() -> Self {
        let server = TestServer::start_at(NOW).await;
        let (admin, phone) = (sign_in(&server, Role::Admin).await, Phone::new(1));
        let unit = unit(&server, &admin, "市政养护").await;
        let (_, photo) = phone.send_photo(&server, &jpeg(8, 8)).await;
        let case = Uuid::now_v7();
        phone.send_report(&server, case, &report_with("photos", Some(json!([photo])))).await;
        take(&admin, &server, case, 0, "accept", json!({"note_internal": "先别告诉他们"})).await;
        let note = json!({"unit": unit, "note_internal": "请带锥桶 <b>", "note_public": "已安排"});
        take(&admin, &server, case, 1, "assign", note).await;
        Self { server, admin, phone, unit, case, photo }
    }

    fn path(&self) -> String {
        format!("/api/v1/staff/cases/{}/link", self.case)
    }

    async fn ask(&self, body: &Value) -> Response {
        self.admin.post(self.server.url(&self.path())).json(body).send().await.expect("an answer")
    }

    /// The path of a new link.
    async fn link(&self, days: u32) -> String {
        let answer = self.ask(&json!({"days": days})).await;
        assert_eq!(answer.status(), StatusCode::CREATED);
        let link: Value = answer.json().await.expect("JSON");
        let url = link["url"].as_str().expect("an address");
        url.strip_prefix(&self.server.url("")).expect("an address of this server").to_owned()
    }

    async fn case(&self) -> Value {
        read(&self.admin, &self.server, &format!("/api/v1/staff/cases/{}", self.case)).await
    }

    async fn send(&self, link: &str, fields: &[(&'static str, &str)], photos: &[Vec<u8>]) -> Response {
        let form = fields.iter().fold(Form::new(), |form, (name, value)| form.text(*name, (*value).to_owned()));
        let form = photos.iter().fold(form, |form, bytes| {
            form.part(
                "photo",
                Part::bytes(bytes.clone()).file_name("after.jpg").mime_str("image/jpeg").expect("a type"),
            )
        });
        self.server.http.post(self.server.url(link)).multipart(form).send().await.expect("an answer")
    }
}

#[tokio::test]
async fn a_unit_without_an_account_sees_its_case_begins_and_shows_the_repair() {
    let given = Given::new().await;
    let link = given.link(7).await;
    let answer = given.server.get(&link).await;
    assert_eq!(answer.status(), StatusCode::OK);
    for (name, value) in
        [("cache-control", "no-store"), ("referrer-policy", "no-referrer"), ("x-robots-tag", "noindex, nofollow")]
    {
        assert_eq!(header(&answer, name), value);
    }
    assert!(!answer.headers().contains_key("set-cookie"));
    let page = answer.text().await.expect("a page");
    for shown in [
        "路面破损",
        "The kerb is broken",
        "north gate",
        "30.317234, 120.138678",
        "https://uri.amap.com/",
        "2026-12-01 18:00",
        "已安排",
        "请带锥桶 &lt;b&gt;",
        "已开工",
        "已修好",
    ] {
        assert!(page.contains(shown), "{shown}: {page}");
    }
    assert!(!page.contains("先别告诉他们"), "what was said before the unit had it is not for it: {page}");
    let thumb = format!("{link}/photos/{}?size=thumb", given.photo);
    assert!(page.contains(&thumb), "{page}");
    for picture in [thumb, format!("{link}/photos/{}", given.photo)] {
        let answer = given.server.get(&picture).await;
        assert_eq!((answer.status(), header(&answer, "content-type")), (StatusCode::OK, "image/jpeg"));
        assert_eq!(header(&answer, "cache-control"), "no-store");
    }
    let english = given.server.http.get(given.server.url(&link)).header("accept-language", "en").send();
    let english = english.await.expect("an answer").text().await.expect("a page");
    assert!(english.contains("It is repaired") && english.contains("Landmark"), "{english}");
    let kept = json!({"unit": given.unit, "created_at": NOW, "expires_at": "2026-12-01T09:00:30+08:00"});
    assert_eq!(given.case().await["link"], kept);

    let begun = given.send(&link, &[("step", "start"), ("note", " ")], &[]).await;
    assert_eq!((begun.status(), header(&begun, "location")), (StatusCode::SEE_OTHER, link.as_str()));
    let case = given.case().await;
    let by = json!({"kind": "link", "unit": given.unit});
    assert_eq!(
        (&case["state"], &case["version"], &case["unit"]),
        (&json!("in_progress"), &json!(3), &json!(given.unit))
    );
    assert_eq!((&case["events"][3]["by"], &case["events"][3]["unit"]), (&by, &Value::Null));

    // Twice because of a bad line.
    let (id, after) = (Uuid::now_v7().to_string(), jpeg(16, 16));
    for _ in 0..2 {
        let fields = [("event_id", id.as_str()), ("step", "fix"), ("note", "换了新的路缘石")];
        assert_eq!(given.send(&link, &fields, std::slice::from_ref(&after)).await.status(), StatusCode::SEE_OTHER);
    }
    let case = given.case().await;
    assert_eq!((&case["state"], &case["version"]), (&json!("fixed"), &json!(4)));
    let name = sha256(&after);
    assert_eq!((&case["events"][4]["by"], &case["events"][4]["photos"]), (&by, &json!([name])));
    let report = given.phone.get(&given.server, &format!("/api/v1/reports/{}", given.case)).await;
    let report: Value = report.json().await.expect("JSON");
    let last = report["timeline"].as_array().expect("a list").last().expect("an entry").clone();
    assert_eq!((&last["note"], &last["photos"]), (&json!("换了新的路缘石"), &json!([name])));
    assert_eq!(given.server.get_status(format!("/api/v1/photos/{name}")).await, StatusCode::OK, "everybody sees it");
    assert_eq!(given.server.get_status(format!("{link}/photos/{name}")).await, StatusCode::OK);
    // What the unit has sent stays as long as the report.
    given.server.set_clock("2026-12-05T09:00:00+08:00");
    sweep(given.server.running.state()).await.expect("swept");
    assert_eq!(given.server.get_status(format!("/api/v1/photos/{name}")).await, StatusCode::OK);
    let links: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM case_links")
        .fetch_one(given.server.running.state().store.pool())
        .await
        .expect("a count");
    assert_eq!(links, 0, "a link that is too old is forgotten");
}

/// Status and bytes of every way in.
async fn ways_in(given: &Given, link: &str) -> Vec<(StatusCode, String)> {
    let answers = [
        given.server.get(link).await,
        given.server.get(&format!("{link}/photos/{}", given.photo)).await,
        given.send(link, &[("step", "fix"), ("note", "x")], &[]).await,
    ];
    let mut seen = Vec::new();
    for answer in answers {
        seen.push((answer.status(), answer.text().await.expect("text")));
    }
    seen
}

#[tokio::test]
async fn every_address_that_is_no_link_that_works_is_answered_alike() {
    let mut given = Given::new().await;
    let unknown = ways_in(&given, &format!("/cases/{}", "A".repeat(43))).await;
    assert!(unknown.iter().all(|(status, page)| *status == StatusCode::NOT_FOUND && *page == unknown[0].1));
    let alike = async |given: &Given, link: &str, why: &str| {
        assert_eq!(ways_in(given, link).await, unknown, "{why}");
    };
    alike(&given, "/cases/short", "it cannot be one").await;
    alike(&given, "/cases/%FF", "it is no text").await;

    let first = given.link(30).await;
    let second = given.link(1).await;
    alike(&given, &first, "another was made").await;
    assert_eq!(given.server.get_status(second.clone()).await, StatusCode::OK);
    let other = format!("{second}/photos/{}", "0".repeat(64));
    assert_eq!(given.server.get(&other).await.text().await.expect("text"), unknown[0].1, "another's photo");
    given.server.set_clock("2026-11-25T09:00:29+08:00");
    assert_eq!(given.server.get_status(second.clone()).await, StatusCode::OK);
    given.server.set_clock("2026-11-25T09:00:30+08:00");
    alike(&given, &second, "it is too old").await;
    // Sessions do not outlive a night.
    given.admin = sign_in(&given.server, Role::Admin).await;
    assert_eq!(given.case().await["link"], Value::Null);

    let third = given.link(1).await;
    for _ in 0..2 {
        let ended = given.admin.delete(given.server.url(&given.path())).send().await.expect("an answer");
        assert_eq!(ended.status(), StatusCode::NO_CONTENT);
    }
    alike(&given, &third, "it was ended").await;

    let fourth = given.link(1).await;
    let lamps = unit(&given.server, &given.admin, "路灯").await;
    take(&given.admin, &given.server, given.case, 2, "hand_over", json!({"unit": lamps})).await;
    alike(&given, &fourth, "the case was handed over").await;
    take(&given.admin, &given.server, given.case, 3, "hand_over", json!({"unit": given.unit})).await;
    alike(&given, &fourth, "also when it is given back").await;

    let fifth = given.link(1).await;
    let declined = json!({"reason": "no_fault", "note_public": "没有发现"});
    take(&given.admin, &given.server, given.case, 4, "decline", declined).await;
    alike(&given, &fifth, "it was declined").await;
    assert_eq!(given.case().await["version"], 5, "nothing was done through any of them");
}

#[tokio::test]
async fn a_link_is_for_a_case_that_a_unit_has_and_for_one_to_thirty_days() {
    let given = Given::new().await;
    for days in [json!(0), json!(31), json!(-1), json!("7"), json!(1.5), Value::Null] {
        assert!(problem(given.ask(&json!({"days": days})).await, 422).await.contains("days"), "{days}");
    }
    let alone = Uuid::now_v7();
    given.phone.send_report(&given.server, alone, &report_with("lat", Some(json!(30.4)))).await;
    for (case, status) in [(alone, 422), (Uuid::now_v7(), 404)] {
        let url = given.server.url(&format!("/api/v1/staff/cases/{case}/link"));
        problem(given.admin.post(url).json(&json!({"days": 1})).send().await.expect("an answer"), status).await;
    }
}

#[tokio::test]
async fn what_a_form_lacks_is_said_on_a_page_and_nothing_is_stored() {
    let given = Given::new().await;
    let link = given.link(1).await;
    let long = "长".repeat(1001);
    let picture = jpeg(16, 16);
    let cut = picture[..picture.len() / 2].to_vec();
    for (fields, photos, said) in [
        (vec![("step", "fix"), ("note", " ")], vec![], "照片"),
        (vec![("step", "fix"), ("note", long.as_str())], vec![], "1000"),
        (vec![("step", "accept"), ("note", "x")], vec![], "已开工"),
        (vec![("note", "x")], vec![], "已开工"),
        (vec![("step", "fix"), ("note", "x")], vec![b"no picture".to_vec()], "JPEG"),
        (vec![("step", "fix"), ("note", "x")], vec![cut], "第 1 张"),
    ] {
        let answer = given.send(&link, &fields, &photos).await;
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY, "{said}");
        assert_eq!(header(&answer, "cache-control"), "no-store");
        let page = answer.text().await.expect("a page");
        assert!(page.contains(said) && page.contains(&format!("href=\"{link}\"")), "{page}");
    }
    let no_form = given.server.http.post(given.server.url(&link)).json(&json!({"step": "fix"})).send();
    assert_eq!(no_form.await.expect("an answer").status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert_eq!(given.case().await["version"], 2);

    // What is done already is not done again.
    assert_eq!(given.send(&link, &[("step", "start")], &[]).await.status(), StatusCode::SEE_OTHER);
    let again = given.send(&link, &[("step", "start")], &[picture]).await;
    assert_eq!(again.status(), StatusCode::CONFLICT);
    assert_eq!(given.case().await["version"], 3);
    let photos: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM photos")
        .fetch_one(given.server.running.state().store.pool())
        .await
        .expect("a count");
    assert_eq!(photos, 1, "only the reporter's");
}

#[tokio::test]
async fn an_old_browser_that_tells_no_origin_can_send_the_form() {
    let given = Given::new().await;
    let link = given.link(1).await;
    let form = Form::new().text("step", "start");
    let request = given.server.http.post(given.server.url(&link)).header("origin", "null").multipart(form);
    assert_eq!(request.send().await.expect("an answer").status(), StatusCode::SEE_OTHER);
}

//! The report form as a browser without WASM sends it.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking, also in its helpers")]

use crate::support::files::{photo_files, read_file};
use crate::support::phone::{Phone, assert_nothing_stored, report, rows, sha256};
use crate::support::pictures::{self, encoded, jpeg, red_blue};
use crate::support::{TestServer, header, problem};
use image::ImageFormat;
use reqwest::multipart::{Form, Part};
use reqwest::{Response, StatusCode};
use serde_json::json;
use sqlx::Row;
use uuid::Uuid;

/// The fields of a form with nothing wrong, by a landmark of the sample district.
fn fields() -> Vec<(&'static str, String)> {
    vec![
        ("id", Uuid::now_v7().to_string()),
        ("category", "road".to_owned()),
        ("description", "The kerb is broken".to_owned()),
        ("landmark", "north gate".to_owned()),
        ("near", "lm-wantong".to_owned()),
        ("lat", String::new()),
        ("lng", String::new()),
    ]
}

/// The same with one field changed.
fn fields_with(name: &str, value: &str) -> Vec<(&'static str, String)> {
    let mut fields = fields();
    for field in &mut fields {
        if field.0 == name {
            value.clone_into(&mut field.1);
        }
    }
    fields
}

fn form(fields: &[(&'static str, String)], photos: &[Vec<u8>]) -> Form {
    let form = fields.iter().fold(Form::new(), |form, (name, value)| form.text(*name, value.clone()));
    photos.iter().fold(form, |form, bytes| {
        form.part("photo", Part::bytes(bytes.clone()).file_name("kerb.jpg").mime_str("image/jpeg").expect("a type"))
    })
}

async fn submit(server: &TestServer, form: Form) -> Response {
    server.http.post(server.url("/report")).multipart(form).send().await.expect("an answer")
}

/// The code in the address a stored form is sent on to.
fn code(response: &Response) -> String {
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    let code = header(response, "location").strip_prefix("/report/received?code=").expect("the receipt's page");
    code.to_owned()
}

/// Asserts that the form came back with faults, and gives the page.
async fn faults(response: Response) -> String {
    assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(header(&response, "content-type"), "text/html; charset=utf-8");
    let page = response.text().await.expect("a page");
    assert!(page.contains("href=\"/report\""), "{page}");
    page
}

#[tokio::test]
async fn a_form_with_a_photo_and_a_landmark_is_stored_and_answered_with_its_code() {
    let server = TestServer::start_at("2026-11-24T09:00:30+08:00").await;
    let fields = fields();
    let picture = pictures::with_exif(&jpeg(64, 32), 6, b"GPS 30.317 120.138");
    let code = code(&submit(&server, form(&fields, &[picture])).await);
    assert_eq!(rows(&server).await, [1, 1, 1, 1, 1, 1]);

    let row = sqlx::query("SELECT * FROM reports").fetch_one(server.running.state().store.pool()).await.expect("a row");
    let text = |column: &str| row.get::<String, _>(column);
    assert_eq!((text("id"), text("code")), (fields[0].1.clone(), code));
    assert_eq!((text("category"), text("description")), ("road".to_owned(), "The kerb is broken".to_owned()));
    assert_eq!(text("captured_at"), "2026-11-24T09:00:30+08:00");
    assert_eq!((row.get::<f64, _>("lat"), row.get::<f64, _>("lng")), (30.3155, 120.1409));
    assert_eq!(row.get::<Option<f64>, _>("accuracy_m"), Some(300.0));
    for file in photo_files(&server).await {
        let bytes = read_file(&server, &file).await;
        assert!(!bytes.windows(3).any(|window| window == b"GPS"));
    }
}

#[tokio::test]
async fn the_same_form_sent_again_later_is_the_same_report() {
    let server = TestServer::start_at("2026-11-24T09:00:00+08:00").await;
    let fields = fields();
    let first = code(&submit(&server, form(&fields, &[jpeg(8, 8)])).await);
    server.set_clock("2026-11-24T09:05:00+08:00");
    assert_eq!(code(&submit(&server, form(&fields, &[jpeg(8, 8)])).await), first);
    assert_eq!(rows(&server).await, [1, 1, 1, 1, 1, 1]);
    assert_eq!(photo_files(&server).await.len(), 2);
}

#[tokio::test]
async fn the_same_form_sent_twice_at_once_is_one_report() {
    let server = TestServer::start().await;
    let fields = fields();
    let sent = (0..8).map(|_| submit(&server, form(&fields, &[jpeg(8, 8)])));
    let codes: Vec<_> = futures::future::join_all(sent).await.iter().map(code).collect();
    assert!(codes.iter().all(|code| *code == codes[0]), "{codes:?}");
    assert_eq!(rows(&server).await, [1, 1, 1, 1, 1, 1]);
}

#[tokio::test]
async fn the_same_form_with_other_words_or_of_another_phone_is_409_and_changes_nothing() {
    let server = TestServer::start().await;
    let mut fields = fields();
    code(&submit(&server, form(&fields, &[])).await);
    "Something else".clone_into(&mut fields[2].1);
    let answer = submit(&server, form(&fields, &[jpeg(8, 8)])).await;
    assert_eq!(answer.status(), StatusCode::CONFLICT);
    assert_eq!(rows(&server).await, [1, 0, 0, 1, 0, 1]);
    assert!(photo_files(&server).await.is_empty());

    let id = Uuid::now_v7();
    Phone::new(1).send_report(&server, id, &report()).await;
    let answer = submit(&server, form(&fields_with("id", &id.to_string()), &[])).await;
    assert_eq!(answer.status(), StatusCode::CONFLICT);
}

#[tokio::test]
async fn a_form_without_an_id_gets_one() {
    let server = TestServer::start().await;
    for id in ["", "not an id", "00000000-0000-0000-0000-000000000000"] {
        code(&submit(&server, form(&fields_with("id", id), &[])).await);
    }
    let ids: Vec<String> =
        sqlx::query_scalar("SELECT id FROM reports").fetch_all(server.running.state().store.pool()).await.expect("ids");
    assert_eq!(ids.len(), 3);
    for id in ids {
        assert_eq!(Uuid::parse_str(&id).expect("a UUID").get_version_num(), 7);
    }
}

#[tokio::test]
async fn coordinates_win_over_a_named_place_and_a_station_is_a_place_too() {
    let server = TestServer::start().await;
    let mut fields = fields();
    fields[5].1 = "30.31".to_owned();
    fields[6].1 = " 120.14 ".to_owned();
    code(&submit(&server, form(&fields, &[])).await);
    let station = server.json("/api/v1/snapshot").await["stations"][0].clone();
    code(&submit(&server, form(&fields_with("near", station["id"].as_str().expect("an id")), &[])).await);

    let places: Vec<(f64, f64, Option<f64>)> = sqlx::query_as("SELECT lat, lng, accuracy_m FROM reports ORDER BY id")
        .fetch_all(server.running.state().store.pool())
        .await
        .expect("places");
    let (lat, lng) = (station["lat"].as_f64().expect("lat"), station["lng"].as_f64().expect("lng"));
    assert_eq!(places, [(30.31, 120.14, None), (lat, lng, Some(300.0))]);
}

#[tokio::test]
async fn file_fields_left_alone_are_ignored_and_a_photo_chosen_twice_counts_once() {
    let server = TestServer::start().await;
    let photos = [Vec::new(), jpeg(8, 8), Vec::new(), jpeg(8, 8), encoded(&red_blue(8, 8), ImageFormat::Png)];
    code(&submit(&server, form(&fields(), &photos)).await);
    assert_eq!(rows(&server).await, [1, 2, 2, 1, 2, 1]);
    code(&submit(&server, form(&fields(), &[Vec::new()])).await);
    assert_eq!(rows(&server).await[3], 2);
}

#[tokio::test]
async fn every_fault_is_said_in_the_visitors_language_and_nothing_is_stored() {
    let server = TestServer::start().await;
    for (name, value, zh, en) in [
        ("category", "", "请填写类别", "The category is required"),
        ("category", "volcano", "类别不在可选范围内", "The category is not one of"),
        ("description", "", "请拍一张照片", "add a photo or a few words"),
        ("description", &"字".repeat(1001), "说明超过 1000 个字", "longer than 1000"),
        ("landmark", &"x".repeat(201), "地标超过 200 个字", "longer than 200"),
        ("near", "", "请选择附近的地标", "choose a landmark"),
        ("near", "nowhere", "请选择附近的地标", "choose a landmark"),
        ("lat", "30.3", "请填写经度", "The longitude is required"),
        ("lng", "east", "经度不是数字", "The longitude is not a number"),
    ] {
        let fields = fields_with(name, value);
        let page = faults(submit(&server, form(&fields, &[])).await).await;
        assert!(page.contains(zh) && page.contains("lang=\"zh-CN\""), "{name}={value}: {page}");
        let request = server.http.post(server.url("/report")).header("cookie", "theme=dark; lang=en");
        let page = faults(request.multipart(form(&fields, &[])).send().await.expect("an answer")).await;
        assert!(page.contains(en) && page.contains("lang=\"en\""), "{name}={value}: {page}");
    }
    let mut out_of_range = fields_with("lat", "91");
    out_of_range[6].1 = "NaN".to_owned();
    let page = faults(submit(&server, form(&out_of_range, &[])).await).await;
    assert!(page.contains("纬度超出范围") && page.contains("经度超出范围"), "{page}");

    let page = faults(submit(&server, form(&[("unknown", String::new())], &[])).await).await;
    assert_eq!(page.matches("<li>").count(), 3, "category, description and place: {page}");
    assert_nothing_stored(&server).await;
}

#[tokio::test]
async fn a_bad_photo_is_named_by_its_number_and_the_good_ones_are_not_half_stored() {
    let server = TestServer::start().await;
    let whole = jpeg(64, 32);
    for (bad, words) in [
        (b"just some text".to_vec(), "第 2 张照片不是 JPEG、PNG 或 WebP 图片"),
        (whole[..whole.len() / 2].to_vec(), "第 2 张照片已损坏"),
        (pictures::png_bomb(50_000, 50_000), "第 2 张照片超过 50 百万像素"),
        (vec![0xff; 12 * 1024 * 1024 + 1], "第 2 张照片超过 12 MB"),
    ] {
        let page = faults(submit(&server, form(&fields_with("description", ""), &[jpeg(8, 8), bad])).await).await;
        assert!(page.contains(words), "{page}");
        assert_eq!(page.matches("<li>").count(), 1, "{page}");
    }
    let six: Vec<_> = (0..6).map(|i| jpeg(8 + i, 8)).collect();
    let page = faults(submit(&server, form(&fields(), &six)).await).await;
    assert!(page.contains("照片最多 5 张"), "{page}");
    assert_nothing_stored(&server).await;
}

#[tokio::test]
async fn a_form_of_60_mb_is_refused_and_the_browser_hears_it() {
    let server = TestServer::start().await;
    let page = faults(submit(&server, form(&fields(), &[vec![0xff; 60 * 1024 * 1024]])).await).await;
    assert!(page.contains("超过 12 MB"), "{page}");
    let answer = submit(&server, form(&fields(), &[vec![0xff; 75 * 1024 * 1024]])).await;
    assert_eq!(answer.status(), StatusCode::PAYLOAD_TOO_LARGE);
    assert_nothing_stored(&server).await;
}

#[tokio::test]
async fn what_is_no_form_is_refused_with_a_page() {
    let server = TestServer::start().await;
    let post = || server.http.post(server.url("/report"));
    let urlencoded = post().header("content-type", "application/x-www-form-urlencoded").body("category=road");
    let json = post().json(&json!({"category": "road"}));
    for request in [post().body("category=road"), urlencoded, json] {
        let answer = request.send().await.expect("an answer");
        assert_eq!(answer.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
        assert_eq!(header(&answer, "content-type"), "text/html; charset=utf-8");
    }
    let cut = post()
        .header("content-type", "multipart/form-data; boundary=b")
        .body("--b\r\ncontent-disposition: form-data; name=\"category\"\r\n\r\nroad");
    assert_eq!(cut.send().await.expect("an answer").status(), StatusCode::BAD_REQUEST);
    assert_nothing_stored(&server).await;
}

#[tokio::test]
async fn a_form_from_another_site_is_refused() {
    let server = TestServer::start().await;
    let request = server.http.post(server.url("/report")).header("sec-fetch-site", "cross-site");
    problem(request.multipart(form(&fields(), &[])).send().await.expect("an answer"), 403).await;
    assert_nothing_stored(&server).await;
}

#[tokio::test]
async fn nobody_can_ask_for_the_report_of_a_form_as_its_reporter() {
    let server = TestServer::start().await;
    let fields = fields();
    code(&submit(&server, form(&fields, &[jpeg(8, 8)])).await);
    let path = format!("/api/v1/reports/{}", fields[0].1);
    problem(server.get(&path).await, 404).await;
    let device = sha256(format!("form:{}", fields[0].1).as_bytes());
    let holder = Phone { token: device };
    problem(holder.get(&server, &path).await, 404).await;
}

#[tokio::test]
async fn the_address_of_the_form_still_answers_other_methods() {
    let server = TestServer::start().await;
    assert_ne!(server.get("/report").await.status(), StatusCode::METHOD_NOT_ALLOWED);
    let put = server.http.put(server.url("/report")).send().await.expect("an answer");
    problem(put, 405).await;
}

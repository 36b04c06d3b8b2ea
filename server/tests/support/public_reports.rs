//! The pages of public reports, as people read them.

use std::collections::HashMap;

use reqwest::StatusCode;
use serde_json::Value;
use uuid::Uuid;
use waypost_app::domain::ids::ReportId;
use waypost_app::domain::report::ReportState::{self, Accepted};
use waypost_app::wire::report::Receipt;
use waypost_server::store::reports;

use super::phone::{Phone, report};
use super::{TestServer, at};

pub const NOW: &str = "2026-11-24T09:00:30+08:00";

/// A report with some fields other than those of [`report`], of a phone of its own.
pub async fn send(server: &TestServer, phone: u8, fields: Value) -> Receipt {
    let mut body = report();
    for (name, value) in fields.as_object().expect("an object") {
        body[name] = value.clone();
    }
    let answer = Phone::new(phone).send_report(server, Uuid::now_v7(), &body).await;
    assert_eq!(answer.status(), StatusCode::CREATED, "{body}");
    answer.json().await.expect("a receipt")
}

/// What staff do at a moment.
pub async fn move_on(server: &TestServer, receipt: &Receipt, next: ReportState, moment: &str, note: &'static str) {
    let (id, at_ms) = (receipt.id, at(moment).timestamp_millis());
    let store = &server.running.state().store;
    let moved = store.write(move |conn| Box::pin(async move { reports::advance(conn, id, next, at_ms, note).await }));
    assert!(moved.await.expect("the store answers"), "{next:?} is a possible next state");
}

pub async fn accept(server: &TestServer, receipt: &Receipt) {
    move_on(server, receipt, Accepted, NOW, "").await;
}

/// Many copies of a report, a few of them received at the same moment.
pub async fn copy(server: &TestServer, of: ReportId, count: usize) {
    let job = server.running.state().store.write(move |conn| {
        Box::pin(async move {
            for number in 0..count {
                sqlx::query(
                    "INSERT INTO reports (id, code, device, content_sha256, state, is_public, category, description, lat, lng,
                       public_lat, public_lng, captured_at, captured_at_ms, landmark, received_at_ms)
                     SELECT $1, $2, device, content_sha256, state, is_public, category, description, lat, lng,
                       public_lat, public_lng, captured_at, captured_at_ms, landmark, received_at_ms - $3
                     FROM reports WHERE id = $4",
                )
                .bind(Uuid::now_v7().to_string())
                .bind(format!("N{number}"))
                .bind((number / 7) as i64)
                .bind(of.to_string())
                .execute(&mut *conn)
                .await?;
            }
            Ok(())
        })
    });
    job.await.expect("stored");
}

pub async fn page(server: &TestServer, path: &str) -> String {
    let answer = server.get(path).await;
    let (status, html) = (answer.status(), answer.text().await.expect("text"));
    assert_eq!(status, StatusCode::OK, "{path}: {html}");
    html
}

pub async fn page_in(server: &TestServer, path: &str, lang: &str) -> String {
    let asked = server.http.get(server.url(path)).header("accept-language", lang).send();
    asked.await.expect("an answer").text().await.expect("text")
}

/// The codes that a list shows, as it shows them.
pub fn codes(html: &str) -> Vec<String> {
    let rows = html.split("<a class=\"row\" href=\"/reports/").skip(1);
    rows.map(|row| row.split('"').next().expect("an address").to_owned()).collect()
}

/// The numbers above the list.
pub fn numbers(html: &str) -> Vec<String> {
    let cells = html.split_once("numbers\"").expect("numbers").1.split_once("</dl>").expect("an end").0;
    cells.split("<dd>").skip(1).map(|cell| cell.split('<').next().expect("text").to_owned()).collect()
}

pub fn next(html: &str) -> Option<String> {
    let address = html.split_once("rel=\"next\" href=\"")?.1.split('"').next()?;
    Some(address.replace("&amp;", "&"))
}

pub async fn csv(server: &TestServer, path: &str) -> Vec<HashMap<String, String>> {
    let text = page(server, path).await;
    let text = text.strip_prefix('\u{feff}').expect("the mark");
    csv::Reader::from_reader(text.as_bytes()).deserialize().map(|row| row.expect("a row")).collect()
}

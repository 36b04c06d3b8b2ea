//! The market's calendar feed, as a calendar program reads it.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking, also in its helpers")]

mod support;

use reqwest::StatusCode;
use support::{TestServer, header};
use waypost_server::store::Connection;
use waypost_server::store::district::Change;

const NOON: &str = "2026-11-24T12:00:00+08:00";

/// The feed's lines with folding undone.
async fn lines(server: &TestServer, query: &str) -> Vec<String> {
    let response = server.get(&format!("/calendar/market.ics{query}")).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(header(&response, "content-type"), "text/calendar; charset=utf-8");
    let text = response.text().await.expect("text");
    assert!(text.ends_with("END:VCALENDAR\r\n"), "{text}");
    assert!(text.split("\r\n").all(|line| line.len() <= 75 && !line.contains('\n')), "{text}");
    text.replace("\r\n ", "").split("\r\n").map(str::to_owned).collect()
}

fn value<'a>(lines: &'a [String], start: &str) -> &'a str {
    lines.iter().find_map(|line| line.strip_prefix(start)).unwrap_or_else(|| panic!("no {start} in {lines:#?}"))
}

#[tokio::test]
async fn every_session_of_the_coming_weeks_is_an_event_in_shanghais_time() {
    let server = TestServer::start_at(NOON).await;
    let feed = lines(&server, "").await;
    assert_eq!(feed[0], "BEGIN:VCALENDAR");
    for line in ["VERSION:2.0", "BEGIN:VTIMEZONE", "TZID:Asia/Shanghai", "TZOFFSETTO:+0800", "END:VTIMEZONE"] {
        assert!(feed.iter().any(|found| found == line), "{line} in {feed:#?}");
    }
    assert_eq!(feed.iter().filter(|line| *line == "BEGIN:VEVENT").count(), 1, "one second Saturday in the horizon");
    assert_eq!(value(&feed, "DTSTART;TZID=Asia/Shanghai:"), "20261212T090000");
    assert_eq!(value(&feed, "DTEND;TZID=Asia/Shanghai:"), "20261212T110000");
    assert_eq!(value(&feed, "DTSTAMP:"), "20261124T040000Z");
    assert_eq!(value(&feed, "UID:"), "mk-gongyi-20261212@waypost");
    assert_eq!(value(&feed, "SUMMARY:"), "小哥公益市集");
    assert!(value(&feed, "DESCRIPTION:").contains("示例数据"));
    assert!(value(&feed, "DESCRIPTION:").contains("王师傅"));
    assert!(value(&feed, "SEQUENCE:").parse::<u32>().is_ok());
    let zone = feed.iter().position(|line| line == "END:VTIMEZONE").expect("a zone");
    assert!(!feed[..zone].iter().any(|line| line.starts_with("UID:") || line.starts_with("DTSTAMP:")));
}

#[tokio::test]
async fn the_feed_speaks_english_when_asked() {
    let server = TestServer::start_at(NOON).await;
    let feed = lines(&server, "?lang=en").await;
    assert_eq!(value(&feed, "SUMMARY:"), "Couriers’ Community Market");
    assert!(value(&feed, "DESCRIPTION:").contains("Sample data"));
}

#[tokio::test]
async fn a_changed_session_keeps_its_uid_and_counts_up() {
    let server = TestServer::start_at(NOON).await;
    let before = lines(&server, "").await;
    let mut market = server.running.state().snapshots.current().await.expect("a snapshot").markets[0].clone();
    let state = server.running.state();
    let job = state.store.write(move |conn: &mut Connection| {
        Box::pin(async move {
            let mut change = Change::begin(conn).await?;
            market.schedule = Some(change.rule("Sa[2] 10:00-12:00").await?);
            change.market(&market).await
        })
    });
    job.await.expect("stored");
    state.snapshots.changed();
    let after = lines(&server, "").await;
    assert_eq!(value(&after, "DTSTART;TZID=Asia/Shanghai:"), "20261212T100000");
    assert_eq!(value(&after, "UID:"), value(&before, "UID:"));
    let sequence = |feed: &[String]| value(feed, "SEQUENCE:").parse::<u32>().expect("a number");
    assert!(sequence(&after) > sequence(&before));
}

#[tokio::test]
async fn the_sequence_stays_while_nothing_changes() {
    let server = TestServer::start_at(NOON).await;
    let before = lines(&server, "").await;
    server.set_clock("2026-11-25T12:00:00+08:00");
    let after = lines(&server, "").await;
    assert_eq!(value(&after, "SEQUENCE:"), value(&before, "SEQUENCE:"), "a new day is no change of the session");
}

#[tokio::test]
async fn a_district_without_markets_has_an_empty_calendar() {
    let server = TestServer::start_with(|config| config.sample = false).await;
    let feed = lines(&server, "").await;
    assert!(!feed.iter().any(|line| line == "BEGIN:VEVENT"));
}

#[tokio::test]
async fn the_event_links_to_the_page_where_the_public_address_is_known() {
    let server =
        TestServer::start_with(|config| config.public_url = Some("https://waypost.example".parse().expect("a URL")))
            .await;
    assert_eq!(value(&lines(&server, "").await, "URL:"), "https://waypost.example/market");
}

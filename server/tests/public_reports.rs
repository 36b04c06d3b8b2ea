//! `/reports`, `/reports/{code}` and `/reports.csv`: what everybody may see of the reports, and nothing else.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking, also in its helpers")]

use std::collections::HashMap;

use crate::support::phone::Phone;
use crate::support::pictures::jpeg;
use crate::support::public_reports::{NOW, accept, codes, copy, csv, move_on, next, numbers, page, page_in, send};
use crate::support::staff::sign_in;
use crate::support::{TestServer, header, problem};
use reqwest::{Response, StatusCode};
use serde_json::json;
use uuid::Uuid;
use waypost_app::domain::report::ReportState::{Accepted, Assigned, Declined, Fixed, InProgress, Reopened};
use waypost_app::domain::staff::Role;

#[tokio::test]
async fn nothing_of_a_report_that_is_not_public_is_anywhere_and_of_no_report_the_exact_place() {
    let server = TestServer::start_at(NOW).await;
    let landmark = "the blue door";
    let said = |words: &str, kind: &str| json!({"description": words, "category": kind, "landmark": landmark, "accuracy_m": 417.25});
    let waiting = send(&server, 1, said("waiting words", "road")).await;
    let shown = send(&server, 2, said("shown words", "tree")).await;
    let declined = send(&server, 3, said("declined words", "sign")).await;
    let never = send(&server, 4, said("never words", "rubbish")).await;
    accept(&server, &shown).await;
    accept(&server, &declined).await;
    move_on(&server, &declined, Declined, NOW, "a note for its reporter").await;
    move_on(&server, &never, Declined, NOW, "").await;
    let mut same = said("merged words", "tree");
    same["same_as"] = json!(shown.id);
    let merged = send(&server, 5, same).await;

    let hidden = [&waiting, &declined, &never, &merged];
    let mut pages = Vec::new();
    for lang in ["zh", "en"] {
        for path in ["/reports", "/reports?view=plot&period=all", "/reports?state=open&category=tree", "/reports.csv"] {
            let html = page_in(&server, path, lang).await;
            assert!(html.contains(&shown.code), "{path}: {html}");
            for report in hidden {
                assert!(!html.contains(&report.code), "{path} names {}: {html}", report.code);
            }
            pages.push(html);
        }
        for report in hidden.into_iter().chain([&shown]) {
            pages.push(page_in(&server, &format!("/reports/{}", report.code), lang).await);
        }
    }
    for secret in [
        "waiting words",
        "declined words",
        "never words",
        "merged words",
        "a note for",
        landmark,
        "30.3172",
        "120.1386",
        "417.25",
        "08:10",
    ] {
        for html in &pages {
            assert!(!html.contains(secret), "{secret:?} in {html}");
        }
    }
    let (phones, ids) =
        ([1, 2, 3, 4, 5].map(|phone| Phone::new(phone).token), hidden.map(|report| report.id.to_string()));
    assert!(pages.iter().all(|html| !phones.iter().chain(&ids).any(|secret| html.contains(secret))));
    assert!(page(&server, &format!("/reports/{}", shown.code)).await.contains("30.317, 120.139"));
}

#[tokio::test]
async fn what_is_not_public_or_no_longer_is_told_in_plain_words_and_found_by_no_search_engine() {
    let server = TestServer::start_at(NOW).await;
    let waiting = send(&server, 1, json!({"category": "road"})).await;
    let declined = send(&server, 2, json!({"category": "tree"})).await;
    let shown = send(&server, 3, json!({"category": "sign"})).await;
    accept(&server, &declined).await;
    move_on(&server, &declined, Declined, NOW, "").await;
    accept(&server, &shown).await;
    let merged = send(&server, 4, json!({"category": "sign", "same_as": shown.id})).await;
    let long = "7".repeat(5_000);
    for (code, status, words) in [
        (waiting.code.as_str(), 404, "没有这条公开的上报"),
        ("0000", 404, "没有这条公开的上报"),
        ("%00", 404, "没有这条公开的上报"),
        ("%ff", 404, "没有这条公开的上报"),
        ("'%20OR%201=1", 404, "没有这条公开的上报"),
        (&long, 404, "没有这条公开的上报"),
        (&declined.code, 410, "不再公开"),
        (&merged.code, 200, "是同一个问题"),
        (&shown.code, 200, "标志标线"),
    ] {
        let answer = server.get(&format!("/reports/{code}")).await;
        assert_eq!(answer.status().as_u16(), status, "{code}");
        assert_eq!(header(&answer, "content-type"), "text/html; charset=utf-8");
        let public = code == shown.code;
        assert_eq!(header(&answer, "cache-control"), if public { "private, max-age=30" } else { "no-store" });
        let html = answer.text().await.expect("text");
        assert!(html.contains(words), "{code}: {html}");
        assert_eq!(html.contains("content=\"noindex\""), !public, "{code}");
        assert_eq!(html.contains("<meta property=\"og:title\""), public, "{code}");
    }
    // Nobody can tell a report that waits from one that there never was.
    let [asked, none] = [&waiting.code, "0000"].map(|code| format!("/reports/{code}"));
    assert_eq!(page_in(&server, &asked, "zh").await, page_in(&server, &none, "zh").await);
    let merged = page(&server, &format!("/reports/{}", merged.code)).await;
    assert!(merged.contains(&format!("href=\"/reports/{}\"", shown.code)), "{merged}");
    let shown = page(&server, &format!("/reports/{}", shown.code.to_lowercase())).await;
    assert!(shown.contains("另有 1 条上报说的是同一处"), "{shown}");
}

#[tokio::test]
async fn the_filters_leave_out_what_is_not_asked_for_and_name_what_they_do_not_know() {
    let server = TestServer::start_at("2026-06-01T09:00:00+08:00").await;
    let old = send(&server, 1, json!({"category": "tree"})).await;
    server.set_clock("2025-10-01T09:00:00+08:00");
    let ancient = send(&server, 2, json!({"category": "road"})).await;
    server.set_clock(NOW);
    let road = send(&server, 3, json!({"category": "road"})).await;
    let lamp = send(&server, 4, json!({"category": "lighting"})).await;
    for report in [&old, &ancient, &road, &lamp] {
        accept(&server, report).await;
    }
    for next in [Assigned, InProgress, Fixed] {
        move_on(&server, &lamp, next, NOW, "").await;
    }
    let (old, ancient) = (old.code.as_str(), ancient.code.as_str());
    let (road, lamp) = (road.code.as_str(), lamp.code.as_str());
    for (query, mut expected, counted) in [
        ("", vec![road, lamp, old], ["3", "1"]),
        ("?period=all", vec![road, lamp, old, ancient], ["4", "1"]),
        ("?period=30d", vec![road, lamp], ["2", "1"]),
        ("?state=open", vec![road, old], ["3", "1"]),
        ("?state=fixed", vec![lamp], ["3", "1"]),
        ("?category=road&period=all", vec![road, ancient], ["2", "0"]),
        ("?category=tree&period=90d", vec![], ["0", "0"]),
        ("?state=&category=&from=elsewhere", vec![road, lamp, old], ["3", "1"]),
    ] {
        let html = page(&server, &format!("/reports{query}")).await;
        let mut found = codes(&html);
        found.sort_unstable();
        expected.sort_unstable();
        assert_eq!(found, expected, "{query}");
        assert_eq!(numbers(&html)[..2], counted, "{query}");
        let mut rows: Vec<_> =
            csv(&server, &format!("/reports.csv{query}")).await.iter().map(|row| row["code"].clone()).collect();
        rows.sort_unstable();
        assert_eq!(rows, expected, "{query}");
    }
    assert!(page(&server, "/reports?category=manhole").await.contains("没有符合条件的上报"));
    for (query, field) in [
        ("state=received", "state"),
        ("category=x", "category"),
        ("period=1h", "period"),
        ("after=9", "after"),
        ("view=3d", "view"),
    ] {
        let answer = server.get(&format!("/reports?{query}")).await;
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY, "{query}");
        assert!(answer.text().await.expect("text").contains(&format!("“{field}”")), "{query}");
        let detail = problem(server.get(&format!("/reports.csv?{query}")).await, 422).await;
        assert!(detail.contains(field), "{detail}");
    }
}

#[tokio::test]
async fn page_after_page_shows_each_report_once_also_while_others_come() {
    let server = TestServer::start_at(NOW).await;
    let first = send(&server, 1, json!({})).await;
    accept(&server, &first).await;
    copy(&server, first.id, 64).await;
    let (mut seen, mut path, mut pages) = (Vec::new(), "/reports?state=open".to_owned(), 0);
    loop {
        let html = page(&server, &path).await;
        let codes = codes(&html);
        assert!(!codes.is_empty() && codes.len() <= 20, "{path}");
        seen.extend(codes);
        pages += 1;
        if pages == 2 {
            server.set_clock("2026-11-24T10:00:00+08:00");
            let new = send(&server, 2, json!({"category": "tree"})).await;
            accept(&server, &new).await;
        }
        let Some(older) = next(&html) else { break };
        path = older;
    }
    assert_eq!((seen.len(), pages), (65, 4));
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), 65);
    // The last page of all is not an error, and leads back.
    let end = "/reports?after=0.00000000-0000-7000-8000-000000000000";
    let html = page(&server, end).await;
    assert!(html.contains("没有更早的了") && html.contains("href=\"/reports\">回到最新的"), "{html}");
}

#[tokio::test]
async fn a_long_file_has_each_report_once_and_only_public_columns() {
    let server = TestServer::start_at(NOW).await;
    let first = send(&server, 1, json!({"description": "=HYPERLINK(\"x\"), \"quoted\"\nsecond line"})).await;
    accept(&server, &first).await;
    copy(&server, first.id, 1_100).await;
    let answer = server.get("/reports.csv").await;
    assert_eq!(header(&answer, "content-type"), "text/csv; charset=utf-8");
    assert_eq!(header(&answer, "content-disposition"), "attachment; filename=\"reports.csv\"");
    let text = answer.text().await.expect("text");
    let columns =
        "code,category,category_name,state,state_name,received_at,fixed_at,working_days,lat,lng,description\n";
    assert!(text.strip_prefix('\u{feff}').is_some_and(|text| text.starts_with(columns)), "{}", &text[..200]);
    assert_eq!(text.matches(columns).count(), 1);
    let rows = csv(&server, "/reports.csv").await;
    let mut codes: Vec<_> = rows.iter().map(|row| row["code"].clone()).collect();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!((rows.len(), codes.len()), (1_101, 1_101));
    let row = &rows[0];
    assert_eq!((row["category_name"].as_str(), row["state_name"].as_str()), ("路面破损", "已受理"));
    assert_eq!((row["lat"].as_str(), row["lng"].as_str()), ("30.317", "120.139"));
    assert_eq!(row["received_at"], NOW);
    assert_eq!((row["fixed_at"].as_str(), row["working_days"].as_str()), ("", ""));
    assert_eq!(row["description"], "'=HYPERLINK(\"x\"), \"quoted\"\nsecond line");
}

#[tokio::test]
async fn repairs_are_counted_in_working_days_over_the_national_day() {
    let server = TestServer::start_at("2026-09-30T12:00:00+08:00").await;
    assert!(page(&server, "/reports").await.contains("还没有公开的上报"));
    // Received, repaired, and the working days from one to the other as counted by hand: 1–7 October are off, Saturday the
    // 10th is worked for them.
    let cases = [
        ("road", "2026-09-30T12:00:00+08:00", "2026-10-08T08:00:00+08:00", 1),
        ("tree", "2026-10-03T12:00:00+08:00", "2026-10-12T17:00:00+08:00", 4),
        ("sign", "2026-10-09T12:00:00+08:00", "2026-10-10T09:00:00+08:00", 1),
        ("lighting", "2026-10-02T12:00:00+08:00", "2026-10-06T09:00:00+08:00", 0),
    ];
    let mut reported = Vec::new();
    for (number, (kind, received, fixed, _)) in cases.into_iter().enumerate() {
        server.set_clock(received);
        let report = send(&server, number as u8, json!({"category": kind})).await;
        for next in [Accepted, Assigned, InProgress] {
            move_on(&server, &report, next, received, "").await;
        }
        move_on(&server, &report, Fixed, fixed, "").await;
        reported.push(report);
    }
    server.set_clock("2026-10-14T12:00:00+08:00");
    let open = send(&server, 9, json!({"category": "rubbish"})).await;
    accept(&server, &open).await;
    // 0, 1, 1, 4.
    assert_eq!(numbers(&page(&server, "/reports").await), ["5", "4", "1 个工作日"]);
    assert_eq!(numbers(&page(&server, "/reports?category=tree").await), ["1", "1", "4 个工作日"]);
    assert_eq!(numbers(&page(&server, "/reports?category=lighting").await), ["1", "1", "当天"]);
    assert_eq!(numbers(&page(&server, "/reports?category=rubbish").await), ["1", "0", "还没有"]);
    let days: HashMap<_, _> = csv(&server, "/reports.csv")
        .await
        .into_iter()
        .map(|row| (row["category"].clone(), row["working_days"].clone()))
        .collect();
    for (kind, _, _, expected) in cases {
        assert_eq!(days[kind], expected.to_string(), "{kind}");
    }
    // It did not hold: the second repair counts, on the fifth working day (8, 9, 10, 12, 13).
    let road = &reported[0];
    move_on(&server, road, Reopened, "2026-10-09T12:00:00+08:00", "").await;
    server.set_clock("2026-10-14T12:01:00+08:00");
    assert_eq!(numbers(&page(&server, "/reports").await), ["5", "3", "1 个工作日"], "0, 1, 4");
    assert_eq!(numbers(&page(&server, "/reports?category=road").await), ["1", "0", "还没有"]);
    for next in [Assigned, InProgress, Fixed] {
        move_on(&server, road, next, "2026-10-13T12:00:00+08:00", "").await;
    }
    server.set_clock("2026-10-14T12:02:00+08:00");
    assert_eq!(numbers(&page(&server, "/reports").await), ["5", "4", "2.5 个工作日"], "0, 1, 4, 5");
    // What is noted later repairs nothing.
    let worker = sign_in(&server, Role::Worker).await;
    let note = json!({"event_id": Uuid::now_v7(), "version": 8, "step": "note", "note_public": "复查过"});
    let noted = worker.post(server.url(&format!("/api/v1/staff/cases/{}/events", road.id))).json(&note).send();
    assert_eq!(noted.await.expect("an answer").status(), StatusCode::OK);
    server.set_clock("2026-10-14T12:03:00+08:00");
    assert_eq!(numbers(&page(&server, "/reports").await), ["5", "4", "2.5 个工作日"]);
    let html = page(&server, &format!("/reports/{}", road.code)).await;
    assert!(html.contains("<dt>修复用时</dt><dd>5 个工作日</dd>") && html.contains("复查过"), "{html}");
    let english = page_in(&server, "/reports", "en").await;
    assert_eq!(numbers(&english)[2], "2.5 working days");
}

#[tokio::test]
async fn a_report_shows_what_was_done_in_the_order_of_the_work_and_its_photos() {
    let server = TestServer::start_at(NOW).await;
    let phone = Phone::new(1);
    let (_, photo) = phone.send_photo(&server, &jpeg(64, 48)).await;
    let report = send(&server, 1, json!({"photos": [photo]})).await;
    accept(&server, &report).await;
    for (next, note) in [(Assigned, ""), (InProgress, "后天来修"), (Fixed, "换了新的路缘石")] {
        move_on(&server, &report, next, NOW, note).await;
    }
    let html = page(&server, &format!("/reports/{}", report.code)).await;
    let mut rest = html.split_once("<ol class=\"timeline").expect("a timeline").1;
    for words in ["已收到", "已受理", "已派单", "处理中", "后天来修", "已修复", "换了新的路缘石", "</ol>"]
    {
        rest = rest.split_once(words).unwrap_or_else(|| panic!("no {words} in its place: {html}")).1;
    }
    assert!(html.contains("The kerb is broken") && html.contains("上报时") && !html.contains("修复前"), "{html}");
    for size in ["", "?size=thumb"] {
        let path = format!("/api/v1/photos/{photo}{size}");
        assert!(html.contains(&format!("\"{path}\"")), "{path}: {html}");
        assert_eq!(server.get_status(path).await, StatusCode::OK);
    }
    assert!(page(&server, "/reports").await.contains(&format!("/api/v1/photos/{photo}?size=thumb")));
    // By what the district has near, measured from the rounded place.
    assert!(html.contains("远洋乐堤港附近"), "{html}");
    assert!(
        html.contains(&format!("<meta property=\"og:title\" content=\"路面破损 · 已修复 · 编号 {}\">", report.code))
    );
    assert!(!html.contains("og:image"), "there is no public address");
}

#[tokio::test]
async fn the_numbers_are_counted_once_a_minute_for_everybody_and_the_list_is_always_new() {
    let server = TestServer::start_at(NOW).await;
    let mut reported = Vec::new();
    for number in 0..2 {
        let report = send(&server, number, json!({"category": "tree"})).await;
        accept(&server, &report).await;
        let html = page(&server, "/reports?category=tree").await;
        assert_eq!(numbers(&html)[0], "1");
        reported.push(report.code);
        let mut listed = codes(&html);
        listed.sort_unstable();
        reported.sort_unstable();
        assert_eq!(listed, reported);
    }
    assert_eq!(numbers(&page(&server, "/reports").await)[0], "2", "other reports are counted for themselves");
    assert_eq!(numbers(&page_in(&server, "/reports?category=tree&state=open", "en").await)[0], "1");
    server.set_clock("2026-11-24T09:01:30+08:00");
    assert_eq!(numbers(&page(&server, "/reports?category=tree").await)[0], "2");
}

#[tokio::test]
async fn a_file_of_reports_has_no_formula_in_it() {
    let server = TestServer::start_at(NOW).await;
    for (number, sign) in (0..).zip(["=", "+", "-", "@", "＝", "＋", "－", "＠", " ="]) {
        let report = send(&server, number, json!({"description": format!("{sign}1+1")})).await;
        accept(&server, &report).await;
    }
    let rows = csv(&server, "/reports.csv").await;
    assert_eq!(rows.len(), 9);
    for row in rows {
        assert!(row["description"].starts_with('\''), "{row:?}");
    }
}

#[tokio::test]
async fn what_people_write_is_never_taken_for_html() {
    let server = TestServer::start_at(NOW).await;
    let evil = "\"><script>alert(1)</script><img src=x onerror='x'>&amp;";
    let report = send(&server, 1, json!({"description": evil})).await;
    move_on(&server, &report, Accepted, NOW, "</ol><script>alert(2)</script>").await;
    for path in ["/reports", "/reports?view=plot", &format!("/reports/{}", report.code)] {
        for lang in ["zh", "en"] {
            let html = page_in(&server, path, lang).await;
            assert!(
                !html.contains("<script") && !html.contains("<img src=x") && !html.contains("</ol><script"),
                "{html}"
            );
            assert!(html.contains("&lt;script&gt;"), "{path}: {html}");
            assert!(!html.contains(" style=") && !html.contains("onerror='"), "{html}");
        }
    }
}

#[tokio::test]
async fn a_page_is_kept_for_a_moment_and_its_style_for_ever() {
    let server = TestServer::start_at(NOW).await;
    let report = send(&server, 1, json!({})).await;
    accept(&server, &report).await;
    for path in ["/reports".to_owned(), format!("/reports/{}", report.code)] {
        let first = server.get(&path).await;
        assert_eq!(header(&first, "cache-control"), "private, max-age=30");
        assert_eq!(header(&first, "vary"), "accept-encoding, accept-language, cookie");
        let tag = header(&first, "etag").to_owned();
        let again = |tag: &str| server.http.get(server.url(&path)).header("if-none-match", tag).send();
        let kept: Response = again(&tag).await.expect("an answer");
        assert_eq!((kept.status(), header(&kept, "cache-control")), (StatusCode::NOT_MODIFIED, "private, max-age=30"));
        assert_eq!(server.http.head(server.url(&path)).send().await.expect("an answer").status(), StatusCode::OK);
        assert_eq!(server.http.post(server.url(&path)).send().await.expect("an answer").status().as_u16(), 405);
        let html = first.text().await.expect("text");
        let style =
            html.split_once("href=\"/style/reports.css").expect("its style").1.split('"').next().expect("an end");
        let style = server.get(&format!("/style/reports.css{style}")).await;
        assert_eq!(header(&style, "content-type"), "text/css; charset=utf-8");
        assert!(header(&style, "cache-control").contains("immutable"));
        move_on(&server, &report, if path == "/reports" { Assigned } else { InProgress }, NOW, "").await;
        assert_eq!(again(&tag).await.expect("an answer").status(), StatusCode::OK);
    }
}

#[tokio::test]
async fn what_is_declined_afterwards_is_gone_from_every_page() {
    let server = TestServer::start_at(NOW).await;
    let report = send(&server, 1, json!({"description": "somebody's face"})).await;
    accept(&server, &report).await;
    assert_eq!(codes(&page(&server, "/reports").await), [report.code.as_str()]);
    move_on(&server, &report, Declined, NOW, "拍到了人脸").await;
    for path in ["/reports", "/reports?period=all&view=plot", "/reports.csv?period=all"] {
        let html = page(&server, path).await;
        assert!(!html.contains(&report.code) && !html.contains("somebody"), "{path}: {html}");
    }
    // Taken on after all: what was said to its reporter meanwhile stays between the two.
    move_on(&server, &report, Accepted, NOW, "涂掉了，受理").await;
    let html = page(&server, &format!("/reports/{}", report.code)).await;
    assert!(html.contains("涂掉了，受理") && !html.contains("拍到了人脸") && !html.contains("未受理"), "{html}");
}

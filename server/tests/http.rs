//! What every answer has in common, and the files of the site.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking, also in its helpers")]

use std::fs;
use std::path::Path;
use std::time::Duration;

use crate::support::{TestServer, header, problem};
use reqwest::{Method, Response, StatusCode};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const HASHED: &str = "pkg/waypost.kS9dQ1xYbW.js";

fn write(site: &Path, name: &str, bytes: &[u8]) {
    let path = site.join(name);
    fs::create_dir_all(path.parent().expect("a directory")).expect("made");
    fs::write(path, bytes).expect("written");
}

/// A site as the build leaves it, small.
fn site() -> tempfile::TempDir {
    let site = tempfile::tempdir().expect("a directory");
    write(site.path(), HASHED, b"export const build = 1;");
    write(site.path(), &format!("{HASHED}.br"), b"brotli of build 1");
    write(site.path(), &format!("{HASHED}.gz"), b"gzip of build 1");
    write(site.path(), "pkg/waypost.kS9dQ1xYbW.wasm", b"\0asm");
    write(site.path(), "pkg/waypost.aB3dE5fG7h.css", b"body{}");
    write(site.path(), "icons/station.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>");
    site
}

async fn with_site(site: &tempfile::TempDir) -> TestServer {
    let directory = site.path().to_owned();
    TestServer::start_with(|config| config.site_dir = Some(directory)).await
}

#[tokio::test]
async fn every_kind_of_answer_carries_the_security_headers() {
    let site = site();
    let server = with_site(&site).await;
    let cross_site = server.http.post(server.url("/prefs")).header("sec-fetch-site", "cross-site").send();
    let wrong_method = server.http.delete(server.url("/api/v1/snapshot")).send();
    let redirect = server.http.post(server.url("/prefs")).form(&[("lang", "en")]).send();
    let etag = header(&server.get("/icons/station.svg").await, "etag").to_owned();
    let unchanged = server.http.get(server.url("/icons/station.svg")).header("if-none-match", etag).send();
    let answers: [(&str, u16, Response); 10] = [
        ("json", 200, server.get("/api/v1/snapshot").await),
        ("health", 200, server.get("/healthz").await),
        ("file", 200, server.get(&format!("/{HASHED}")).await),
        ("unchanged file", 304, unchanged.await.expect("an answer")),
        ("no such api", 404, server.get("/api/v1/nothing").await),
        ("lost file", 404, server.get("/pkg/waypost.0123456789.js").await),
        ("bad request", 400, server.get("/api/v1/snapshot?since=x").await),
        ("cross site", 403, cross_site.await.expect("an answer")),
        ("wrong method", 405, wrong_method.await.expect("an answer")),
        ("redirect", 303, redirect.await.expect("an answer")),
    ];
    for (what, status, response) in answers {
        assert_eq!(response.status().as_u16(), status, "{what}");
        let csp = header(&response, "content-security-policy");
        assert!(csp.contains("script-src 'self' 'wasm-unsafe-eval';") && csp.contains("style-src 'self';"), "{what}");
        assert!(!csp.contains("unsafe-inline") && csp.contains("frame-ancestors 'none'"), "{what}: {csp}");
        assert_eq!(header(&response, "x-content-type-options"), "nosniff", "{what}");
        assert_eq!(header(&response, "referrer-policy"), "strict-origin-when-cross-origin", "{what}");
        assert_eq!(header(&response, "cross-origin-opener-policy"), "same-origin", "{what}");
        assert_eq!(header(&response, "cross-origin-resource-policy"), "same-origin", "{what}");
        let permissions = header(&response, "permissions-policy");
        assert!(permissions.contains("camera=(self)") && permissions.contains("microphone=()"), "{what}");
        assert!(response.headers().get("strict-transport-security").is_none(), "{what}: not over https");
        assert!(!header(&response, "x-request-id").is_empty(), "{what}");
    }
}

#[tokio::test]
async fn an_https_site_asks_to_stay_https() {
    let server =
        TestServer::start_with(|config| config.public_url = Some("https://waypost.example".parse().expect("a URL")))
            .await;
    assert!(header(&server.get("/healthz").await, "strict-transport-security").starts_with("max-age="));
}

#[tokio::test]
async fn a_request_keeps_its_proxys_id_unless_it_could_break_the_log() {
    let server = TestServer::start().await;
    let ask = |id: &'static str| server.http.get(server.url("/healthz")).header("x-request-id", id).send();
    assert_eq!(header(&ask("edge-7.42").await.expect("an answer"), "x-request-id"), "edge-7.42");
    let odd = ask("a b\"c").await.expect("an answer");
    assert_ne!(header(&odd, "x-request-id"), "a b\"c");
    let first = header(&server.get("/healthz").await, "x-request-id").to_owned();
    assert_ne!(header(&server.get("/healthz").await, "x-request-id"), first);
}

#[tokio::test]
async fn another_site_cannot_change_anything() {
    let server = TestServer::start().await;
    let post = |headers: &'static [(&str, &str)]| {
        let mut request = server.http.post(server.url("/prefs")).form(&[("theme", "dark")]);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        async { request.send().await.expect("an answer") }
    };
    problem(post(&[("origin", "https://evil.example")]).await, 403).await;
    problem(post(&[("sec-fetch-site", "cross-site")]).await, 403).await;
    problem(post(&[("sec-fetch-site", "same-site")]).await, 403).await;
    problem(post(&[("origin", "null")]).await, 403).await;
    assert_eq!(post(&[("sec-fetch-site", "same-origin")]).await.status(), StatusCode::SEE_OTHER);
    assert_eq!(post(&[]).await.status(), StatusCode::SEE_OTHER, "not a browser");
    let own = server.url("");
    let own = server.http.post(server.url("/prefs")).header("origin", own).form(&[("theme", "dark")]).send().await;
    assert_eq!(own.expect("an answer").status(), StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn the_public_address_is_an_origin_of_ours() {
    let server =
        TestServer::start_with(|config| config.public_url = Some("https://waypost.example".parse().expect("a URL")))
            .await;
    let request = server.http.post(server.url("/prefs")).header("origin", "https://waypost.example");
    assert_eq!(
        request.send().await.expect("an answer").status(),
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "only the form is missing"
    );
}

#[tokio::test]
async fn an_unknown_address_of_the_api_is_a_problem_and_never_a_page() {
    let server = TestServer::start().await;
    for path in ["/api", "/api/", "/api/v1", "/api/v1/nothing", "/api/v1/stations/x/y/z", "/api/v2/snapshot"] {
        let detail = problem(server.get(path).await, 404).await;
        assert!(detail.contains(path), "{detail}");
    }
    problem(server.http.post(server.url("/api/v1/nothing")).send().await.expect("an answer"), 404).await;
}

#[tokio::test]
async fn what_the_framework_refuses_by_itself_is_a_problem_too() {
    let server = TestServer::start().await;
    for path in ["/api/v1/snapshot?since=1&since=2", "/api/v1/stations/%ff/hours", "/calendar/market.ics?lang=a&lang=b"]
    {
        assert!(!problem(server.get(path).await, 400).await.is_empty(), "{path}");
    }
    problem(server.http.post(server.url("/prefs")).json(&1).send().await.expect("an answer"), 415).await;
    let huge = "theme=".to_owned() + &"x".repeat(3 << 20);
    let form = "application/x-www-form-urlencoded";
    let huge = server.http.post(server.url("/prefs")).header("content-type", form).body(huge).send().await;
    problem(huge.expect("an answer"), 413).await;
}

#[tokio::test]
async fn a_wrong_method_is_a_problem_that_names_the_right_ones() {
    let server = TestServer::start().await;
    for (method, path) in [(Method::POST, "/api/v1/snapshot"), (Method::DELETE, "/healthz"), (Method::GET, "/prefs")] {
        let response = server.http.request(method.clone(), server.url(path)).send().await.expect("an answer");
        let allow = header(&response, "allow").to_owned();
        assert!(allow.contains(if path == "/prefs" { "POST" } else { "GET" }), "{path}: {allow}");
        problem(response, 405).await;
    }
}

#[tokio::test]
async fn health_says_ok_and_readiness_asks_the_database() {
    let server = TestServer::start().await;
    assert_eq!(server.get("/healthz").await.text().await.expect("text"), "ok\n");
    let ready = server.json("/readyz").await;
    assert_eq!(ready["ready"], true);
    assert_eq!(ready["database"], "reachable");
    assert!(ready["warnings"].is_array(), "{ready}");
    assert!(ready["rev"].as_i64().is_some_and(|rev| rev > 0), "{ready}");

    server.running.state().store.close().await;
    let response = server.get("/readyz").await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    let body: serde_json::Value = response.json().await.expect("JSON");
    assert_eq!(body["ready"], false);
    assert_eq!(server.get("/healthz").await.status(), StatusCode::OK, "alive all the same");
}

#[tokio::test]
async fn hashed_files_are_kept_forever_and_others_asked_for_again() {
    let site = site();
    let server = with_site(&site).await;
    let script = server.get(&format!("/{HASHED}")).await;
    assert_eq!(header(&script, "cache-control"), "public, max-age=31536000, immutable");
    assert_eq!(header(&script, "content-type"), "text/javascript; charset=utf-8");
    assert_eq!(script.text().await.expect("text"), "export const build = 1;");
    let module = server.get("/pkg/waypost.kS9dQ1xYbW.wasm").await;
    assert_eq!(header(&module, "content-type"), "application/wasm");
    let icon = server.get("/icons/station.svg").await;
    assert_eq!(header(&icon, "cache-control"), "no-cache");
    assert!(header(&icon, "content-type").starts_with("image/svg+xml"));
    let etag = header(&icon, "etag").to_owned();
    assert!(etag.starts_with('"'), "strong: {etag}");
    let again = server.http.get(server.url("/icons/station.svg")).header("if-none-match", &etag).send().await;
    let again = again.expect("an answer");
    assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
    assert_eq!(header(&again, "etag"), etag);
}

#[tokio::test]
async fn precompressed_files_are_sent_as_they_are() {
    let site = site();
    let server = with_site(&site).await;
    let mut etags = std::collections::HashSet::new();
    for (accepted, encoding, body) in [
        ("gzip, deflate, br, zstd", Some("br"), "brotli of build 1"),
        ("gzip", Some("gzip"), "gzip of build 1"),
        ("br;q=0, gzip", Some("gzip"), "gzip of build 1"),
        ("identity", None, "export const build = 1;"),
    ] {
        let request = server.http.get(server.url(&format!("/{HASHED}"))).header("accept-encoding", accepted);
        let response = request.send().await.expect("an answer");
        let sent = response.headers().get("content-encoding").map(|value| value.to_str().expect("text").to_owned());
        assert_eq!(sent.as_deref(), encoding, "{accepted}");
        assert!(header(&response, "vary").contains("accept-encoding"), "{accepted}");
        etags.insert(header(&response, "etag").to_owned());
        assert_eq!(response.text().await.expect("text"), body, "{accepted}");
    }
    assert_eq!(etags.len(), 3, "each variant has its own tag");
}

#[tokio::test]
async fn a_head_request_gets_the_headers_alone() {
    let site = site();
    let server = with_site(&site).await;
    for path in ["/icons/station.svg", "/api/v1/snapshot", "/healthz"] {
        let response = server.http.head(server.url(path)).send().await.expect("an answer");
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        assert!(response.bytes().await.expect("no body").is_empty(), "{path}");
    }
}

#[tokio::test]
async fn staff_get_a_program_of_their_own_and_phones_do_not_keep_it() {
    let site = site();
    for kind in ["js", "wasm", "css"] {
        write(site.path(), &format!("pkg/waypost.phoneBuild1.{kind}"), b"phone");
        write(site.path(), &format!("pkg/staff.staffBuild1.{kind}"), b"staff");
    }
    for path in ["staff/boot.js", "prefs.js", "icons/icon.svg"] {
        write(site.path(), path, b"file");
    }
    let server = with_site(&site).await;
    for path in ["/staff", "/staff/", "/staff/setup", "/staff/cases/0193a2b0-0000-7000-8000-000000000001"] {
        let response = server.get(path).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        assert_eq!(header(&response, "cache-control"), "no-cache", "{path}");
        assert_eq!(header(&response, "referrer-policy"), "no-referrer", "{path}");
        let html = response.text().await.expect("text");
        assert!(html.contains("/pkg/staff.staffBuild1.js") && html.contains("/staff/boot.js"), "{path}: {html}");
        assert!(!html.contains("/pkg/waypost.") && !html.contains("\"/boot.js"), "{path}: {html}");
    }
    assert_eq!(server.get("/staff/boot.js").await.text().await.expect("text"), "file");

    let phones = server.get("/sw.js").await.text().await.expect("text");
    assert!(phones.contains("/pkg/waypost.phoneBuild1.wasm") && !phones.contains("staffBuild1"), "{phones}");
    assert!(!phones.contains("/staff/boot.js"), "{phones}");
    // A page for where the network is missed, as one string.
    assert!(phones.contains("const OFFLINE = \"<!DOCTYPE html>") && phones.contains("现在没有网络"), "{phones}");
    let staffs = server.get("/staff/sw.js").await;
    assert_eq!(header(&staffs, "service-worker-allowed"), "/staff");
    let staffs = staffs.text().await.expect("text");
    assert!(staffs.contains("/pkg/staff.staffBuild1.wasm") && !staffs.contains("phoneBuild1"), "{staffs}");
}

#[tokio::test]
async fn a_new_staff_program_is_no_update_for_phones() {
    let site = site();
    for kind in ["js", "wasm"] {
        write(site.path(), &format!("pkg/waypost.phoneBuild1.{kind}"), b"phone");
        write(site.path(), &format!("pkg/staff.staffBuild1.{kind}"), b"staff");
    }
    let server = with_site(&site).await;
    let before = server.get("/sw.js").await.text().await.expect("text");
    write(site.path(), "pkg/staff.staffBuild1.js", b"another");
    let server = server.restart_with(|_| ()).await;
    assert_eq!(server.get("/sw.js").await.text().await.expect("text"), before);
    write(site.path(), "pkg/waypost.phoneBuild1.js", b"another");
    let server = server.restart_with(|_| ()).await;
    assert_ne!(server.get("/sw.js").await.text().await.expect("text"), before);
}

#[tokio::test]
async fn nothing_outside_the_site_is_served() {
    let site = site();
    fs::write(site.path().parent().expect("a parent").join("waypost-secret.txt"), "secret").expect("written");
    let server = with_site(&site).await;
    for path in
        ["/../waypost-secret.txt", "/pkg/../../waypost-secret.txt", "/%2e%2e/waypost-secret.txt", "//etc/passwd"]
    {
        let mut stream = TcpStream::connect(server.running.addr()).await.expect("connected");
        let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("an answer");
        assert!(answer.starts_with("HTTP/1.1 404"), "{path}: {answer}");
    }
}

#[tokio::test]
async fn a_lost_file_of_a_build_is_a_plain_404() {
    let site = site();
    let server = with_site(&site).await;
    problem(server.get("/pkg/waypost.0123456789.js").await, 404).await;
}

#[tokio::test]
async fn the_previous_builds_files_are_served_after_an_upgrade() {
    let first = site();
    let server = with_site(&first).await;
    let before = server.running.state().site.build_id().to_owned();

    let second = tempfile::tempdir().expect("a directory");
    write(second.path(), "pkg/waypost.newBuild02.js", b"export const build = 2;");
    let directory = second.path().to_owned();
    let server = server.restart_with(|config| config.site_dir = Some(directory)).await;
    // The old build is gone from where it was built.
    drop(first);
    let site = &server.running.state().site;
    assert_ne!(site.build_id(), before);
    assert_eq!(site.pkg("js").as_deref(), Some("/pkg/waypost.newBuild02.js"));

    let old = server.http.get(server.url(&format!("/{HASHED}"))).header("accept-encoding", "br");
    let old = old.send().await.expect("an answer");
    assert_eq!(old.status(), StatusCode::OK);
    assert_eq!(header(&old, "content-encoding"), "br");
    assert_eq!(header(&old, "cache-control"), "public, max-age=31536000, immutable");
    assert_eq!(old.text().await.expect("text"), "brotli of build 1");
    assert_eq!(server.get("/icons/station.svg").await.status(), StatusCode::NOT_FOUND, "only hashed files are kept");
}

#[tokio::test]
async fn only_the_newest_three_builds_are_kept() {
    let mut server = TestServer::start().await;
    for build in 0..5 {
        let site = tempfile::tempdir().expect("a directory");
        write(site.path(), &format!("pkg/waypost.number00{build}.js"), format!("{build}").as_bytes());
        let directory = site.path().to_owned();
        server = server.restart_with(|config| config.site_dir = Some(directory)).await;
    }
    let status_of = |build: u32| server.get_status(format!("/pkg/waypost.number00{build}.js"));
    assert_eq!(status_of(1).await, StatusCode::NOT_FOUND);
    for build in 2..5 {
        assert_eq!(status_of(build).await, StatusCode::OK, "build {build}");
    }
    let kept = fs::read_dir(server.data.path().join("site")).expect("a directory").count();
    assert_eq!(kept, 4, "three builds, and the lock of those who keep them");
}

#[tokio::test]
async fn every_page_of_the_phones_is_drawn_on_the_server() {
    let site = site();
    let server = with_site(&site).await;
    let snapshot = server.json("/api/v1/snapshot").await;
    let station = format!("/stations/{}", snapshot["stations"][0]["slug"].as_str().expect("a slug"));
    for path in ["/", "/report", "/mine", "/market", "/more", "/reports", station.as_str()] {
        assert_eq!(server.get(path).await.status(), StatusCode::OK, "{path}");
    }
}

#[tokio::test]
async fn a_site_nobody_has_built_does_not_stop_the_server() {
    let server = TestServer::start_with(|config| config.site_dir = Some("/nonexistent/site".into())).await;
    assert!(server.running.state().site.pkg("js").is_none());
    assert_eq!(server.get("/api/v1/snapshot").await.status(), StatusCode::OK);
}

#[tokio::test]
async fn preferences_become_cookies_and_lead_back_to_the_page() {
    let server = TestServer::start().await;
    let choose = |form: &'static [(&str, &str)]| server.http.post(server.url("/prefs")).form(form).send();
    let response = choose(&[("lang", "en"), ("theme", "sunlight"), ("back", "/more")]).await.expect("an answer");
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    assert_eq!(header(&response, "location"), "/more");
    let cookies: Vec<_> = response.headers().get_all("set-cookie").iter().collect();
    assert_eq!(
        cookies,
        ["lang=en; Path=/; Max-Age=31536000; SameSite=Lax", "theme=sunlight; Path=/; Max-Age=31536000; SameSite=Lax"]
    );
    for back in ["https://evil.example/", "//evil.example", "/\\evil.example", ""] {
        let form = [("theme", "dark"), ("back", back)];
        let response = server.http.post(server.url("/prefs")).form(&form).send().await.expect("an answer");
        assert_eq!(header(&response, "location"), "/", "{back}");
    }
    problem(choose(&[("theme", "neon")]).await.expect("an answer"), 422).await;
    problem(choose(&[("lang", "xx\r\nset-cookie: a=b")]).await.expect("an answer"), 422).await;
}

#[tokio::test]
async fn stopping_does_not_wait_for_idle_connections() {
    let server = TestServer::start_with(|config| config.limits.drain = Duration::from_mins(1)).await;
    let silent = TcpStream::connect(server.running.addr()).await.expect("connected");
    assert_eq!(server.get("/healthz").await.status(), StatusCode::OK, "leaves a pooled connection behind");
    let stopped = tokio::time::timeout(Duration::from_secs(20), server.running.stop()).await;
    stopped.expect("stopped in time").expect("stopped cleanly");
    drop(silent);
}

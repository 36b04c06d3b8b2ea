//! Pages and the snapshot under load, beside a bare handler that returns the same bytes.

use std::time::Duration;

use hyper::header::{ACCEPT_ENCODING, ACCEPT_LANGUAGE, ETAG, HeaderName, IF_NONE_MATCH};

use crate::memory::{self, megabytes};
use crate::process::Server;
use crate::table::{Table, kilobytes, median, milliseconds};
use crate::{Setting, bare, http, load};

const CONNECTIONS: usize = 32;
const ROUNDS: usize = 3;

/// One address, asked as a phone asks.
struct Target {
    what: &'static str,
    path: String,
    /// Where the bare server has the same answer.
    bare_path: &'static str,
    headers: Vec<(HeaderName, String)>,
}

impl Target {
    fn request(&self, path: &str) -> anyhow::Result<hyper::Request<http_body_util::Full<bytes::Bytes>>> {
        let headers: Vec<_> = self.headers.iter().map(|(name, value)| (name.clone(), value.as_str())).collect();
        http::get(path, &headers)
    }
}

pub(crate) async fn measure(setting: &Setting, table: &mut Table) -> anyhow::Result<()> {
    let data = setting.fresh("pages")?;
    let program = Server::program(&setting.program, &data).await?;
    let accept = vec![(ACCEPT_ENCODING, "br".to_owned()), (ACCEPT_LANGUAGE, "zh-CN".to_owned())];

    let snapshot = http::fetch(program.addr, http::get("/api/v1/snapshot", &[])?).await?;
    let district: serde_json::Value = serde_json::from_slice(&snapshot.body)?;
    let slug = district["stations"][0]["slug"].as_str().unwrap_or_default().to_owned();
    let mut targets = vec![
        Target { what: "page /", path: "/".to_owned(), bare_path: "/0", headers: accept.clone() },
        Target {
            what: "page of a station",
            path: format!("/stations/{slug}"),
            bare_path: "/1",
            headers: accept.clone(),
        },
        Target { what: "snapshot", path: "/api/v1/snapshot".to_owned(), bare_path: "/2", headers: accept.clone() },
    ];
    let compressed = http::fetch(program.addr, targets[2].request("/api/v1/snapshot")?).await?;
    if let Some(tag) = compressed.headers.get(ETAG) {
        let mut headers = accept;
        headers.push((IF_NONE_MATCH, tag.to_str()?.to_owned()));
        let path = "/api/v1/snapshot".to_owned();
        targets.push(Target { what: "snapshot, not modified", path, bare_path: "/3", headers });
    }

    let mut answers = Vec::new();
    for target in &targets {
        answers.push(http::fetch(program.addr, target.request(&target.path)?).await?);
    }
    let recorded: Vec<_> = targets.iter().map(|target| target.bare_path).zip(&answers).collect();
    let replies = setting.fresh("replies")?;
    bare::record(&replies, &recorded)?;
    let bare = Server::bare(&replies).await?;

    let idle = memory::of(program.id()?)?;
    for (target, answer) in targets.iter().zip(&answers) {
        let (mut ours, mut theirs, mut slow) = (Vec::new(), Vec::new(), Vec::new());
        for round in 0..=ROUNDS {
            // The first round only warms both up.
            let limit = if round == 0 { Duration::from_millis(300) } else { setting.round };
            // In turns, so that a bad moment of the machine meets both.
            let bare_request = target.request(target.bare_path)?;
            let bare_rate =
                load::run(bare.addr, CONNECTIONS, limit, move |_| Ok(Some(bare_request.clone()))).await?.rate();
            let request = target.request(&target.path)?;
            let mut tally = load::run(program.addr, CONNECTIONS, limit, move |_| Ok(Some(request.clone()))).await?;
            if round > 0 {
                ours.push(tally.rate());
                theirs.push(bare_rate);
                slow.push(tally.within(0.99));
            }
        }
        let size = kilobytes(answer.body.len() as u64);
        let what = format!("{} ({size} sent), {CONNECTIONS} connections", target.what);
        table.rate(&what, median(ours), median(theirs));
        table.figure(format!("{}: 99 of 100 within", target.what), milliseconds(median(slow)));
    }
    let after = memory::of(program.id()?)?;
    table.figure("memory, idle", megabytes(idle.now));
    table
        .figure("memory after the pages' load (peak)", format!("{} ({})", megabytes(after.now), megabytes(after.peak)));
    drop(bare);
    program.stop().await
}

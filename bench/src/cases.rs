//! A page of the staff's queue: how much longer it takes with a thousand open reports than with ten.

use std::process::Stdio;

use anyhow::{Context, ensure};
use http_body_util::Full;
use hyper::Request;
use hyper::header::{CONTENT_TYPE, COOKIE, SET_COOKIE};
use serde_json::{Value, json};
use tokio::process::Command;
use uuid::Uuid;

use crate::process::Server;
use crate::reports::{report, token};
use crate::table::{Table, median, milliseconds};
use crate::{Setting, http, load};

const FEW: usize = 10;
const MANY: usize = 1000;
const ROUNDS: usize = 3;
const PAGE: &str = "/api/v1/staff/cases?limit=50";
const PASSWORD: &str = "correct horse battery staple";

pub(crate) async fn measure(setting: &Setting, table: &mut Table) -> anyhow::Result<()> {
    let data = setting.fresh("cases")?;
    let server = Server::program(&setting.program, &data).await?;
    let cookie = sign_in(setting, &server).await?;
    send(&server, FEW).await?;
    let (few, _) = asked(setting, &server, &cookie, FEW).await?;
    send(&server, MANY - FEW).await?;
    let (many, slow) = asked(setting, &server, &cookie, 50).await?;
    table.rate(format!("page of the queue, {MANY} open (beside {FEW} open)"), many, few);
    table.figure(format!("page of the queue, {MANY} open: 99 of 100 within"), milliseconds(slow));
    server.stop().await
}

/// A worker of the district; their cookie.
async fn sign_in(setting: &Setting, server: &Server) -> anyhow::Result<String> {
    let data = setting.scratch.join("cases");
    let mut command = Command::new(&setting.program);
    command.args(["staff", "add", "李社工", "--role", "worker", "--data-dir"]).arg(&data).stderr(Stdio::inherit());
    let output = command.output().await?;
    ensure!(output.status.success(), "nobody could be added to the staff");
    let said = String::from_utf8(output.stdout)?;
    let token = said.split_once('#').and_then(|(_, rest)| rest.split_whitespace().next()).context("no link")?;
    http::fetch(server.addr, post("setup", &json!({ "token": token, "password": PASSWORD }))?).await?;
    let answer = http::fetch(server.addr, post("session", &json!({ "name": "李社工", "password": PASSWORD }))?).await?;
    let cookie = answer.headers.get(SET_COOKIE).context("no cookie")?.to_str()?;
    Ok(cookie.split(';').next().unwrap_or_default().to_owned())
}

fn post(what: &str, body: &Value) -> anyhow::Result<load::Request> {
    Ok(Request::post(format!("/api/v1/staff/{what}"))
        .header(CONTENT_TYPE, "application/json")
        .body(Full::from(serde_json::to_vec(body)?))?)
}

async fn send(server: &Server, count: usize) -> anyhow::Result<()> {
    for _ in 0..count {
        http::fetch(server.addr, report(Uuid::now_v7(), &token())?).await?;
    }
    Ok(())
}

/// Pages a second over one connection, and the seconds that 99 of 100 stay within.
async fn asked(setting: &Setting, server: &Server, cookie: &str, rows: usize) -> anyhow::Result<(f64, f64)> {
    let ask = {
        let cookie = cookie.to_owned();
        move |_: usize| Ok(Some(Request::get(PAGE).header(COOKIE, &cookie).body(Full::default())?))
    };
    let one = ask(0)?.context("a request")?;
    let page: Value = serde_json::from_slice(&http::fetch(server.addr, one).await?.body)?;
    let shown = page.get("cases").and_then(Value::as_array).map_or(0, Vec::len);
    ensure!(shown == rows, "{shown} cases on a page that should have {rows}");
    let (mut rates, mut slow) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let mut tally = load::run(server.addr, 1, setting.round, ask.clone()).await?;
        rates.push(tally.rate());
        slow.push(tally.within(0.99));
    }
    Ok((median(rates), median(slow)))
}

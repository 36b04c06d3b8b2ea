//! The least that could answer the same: an axum handler that returns recorded bytes from memory.

use std::path::Path;

use anyhow::Context;
use axum::Router;
use axum::body::Body;
use axum::response::Response;
use axum::routing::get;
use bytes::Bytes;
use hyper::header::{CONNECTION, CONTENT_LENGTH, DATE, HeaderMap, TRANSFER_ENCODING};
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;

use crate::http::Answer;

/// One answer of the program, to be given again. The body lies beside it in a file.
#[derive(Debug, Serialize, Deserialize)]
struct Reply {
    path: String,
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

/// Records answers under the paths the bare server will give them at.
pub(crate) fn record(folder: &Path, answers: &[(&str, &Answer)]) -> anyhow::Result<()> {
    let mut replies = Vec::new();
    for (index, (path, answer)) in answers.iter().enumerate() {
        let body = format!("{index}.body");
        std::fs::write(folder.join(&body), &answer.body)?;
        let mut headers = Vec::new();
        for (name, value) in &answer.headers {
            // These belong to the connection, not to the answer.
            if ![CONNECTION, CONTENT_LENGTH, DATE, TRANSFER_ENCODING].contains(name) {
                headers.push((name.to_string(), value.to_str()?.to_owned()));
            }
        }
        replies.push(Reply { path: (*path).to_owned(), status: answer.status.as_u16(), headers, body });
    }
    std::fs::write(folder.join("replies.json"), serde_json::to_vec(&replies)?)?;
    Ok(())
}

/// Serves what was recorded until it is killed.
pub(crate) async fn serve(folder: &Path) -> anyhow::Result<()> {
    let replies = std::fs::read(folder.join("replies.json")).context("no recorded replies")?;
    let replies: Vec<Reply> = serde_json::from_slice(&replies)?;
    let mut router = Router::new();
    for reply in replies {
        let body = Bytes::from(std::fs::read(folder.join(&reply.body))?);
        let mut headers = HeaderMap::new();
        for (name, value) in &reply.headers {
            headers.append(hyper::header::HeaderName::try_from(name)?, value.parse()?);
        }
        let status = hyper::StatusCode::from_u16(reply.status)?;
        let handler = move || {
            let mut response = Response::new(Body::from(body.clone()));
            *response.status_mut() = status;
            *response.headers_mut() = headers.clone();
            std::future::ready(response)
        };
        router = router.route(&reply.path, get(handler));
    }
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    announce(&format!("listening on http://{}", listener.local_addr()?));
    axum::serve(listener, router).await?;
    Ok(())
}

#[expect(clippy::print_stdout, reason = "read by the process that started this one")]
pub(crate) fn announce(line: &str) {
    println!("{line}");
}

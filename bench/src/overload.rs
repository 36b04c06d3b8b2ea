//! Far more photos at once than can be decoded: what the process takes of memory, what its clients hear, and how long it
//! takes until all of them are stored.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{AUTHORIZATION, RETRY_AFTER};
use hyper::{Request, StatusCode};
use sha2::{Digest, Sha256};
use tokio::task::JoinSet;
use waypost_app::domain::ids::PhotoHash;

use crate::Setting;
use crate::http::{Answer, Client};
use crate::memory::{self, megabytes};
use crate::picture::street;
use crate::process::Server;
use crate::reports::token;
use crate::table::Table;

const PHOTOS: usize = 200;
/// Every so many is one of 48 megapixels, the largest that phones make.
const LARGE_EVERY: usize = 10;
const LARGE: (u32, u32) = (8000, 6000);
const ORDINARY: (u32, u32) = (4000, 3000);
const MB: usize = 1024 * 1024;
const PATIENCE: Duration = Duration::from_mins(8);

pub(crate) async fn measure(setting: &Setting, table: &mut Table) -> anyhow::Result<()> {
    let (large, ordinary) =
        tokio::task::spawn_blocking(|| anyhow::Ok((street(LARGE, 12, 70, 1)?, street(ORDINARY, 24, 85, 2)?))).await??;
    ensure!(large.len() <= 12 * MB, "the picture of 48 megapixels has {} bytes", large.len());

    let data = setting.fresh("overload")?;
    let server = Server::program(&setting.program, &data).await?;
    let before = memory::of(server.id()?)?;
    let started = Instant::now();
    let mut senders = JoinSet::new();
    for nth in 0..PHOTOS {
        let (addr, base) = (server.addr, if nth % LARGE_EVERY == 0 { large.clone() } else { ordinary.clone() });
        senders.spawn(async move {
            let (photo, token) = (padded(&base, nth), token());
            let sent = deliver(addr, &photo, &token, nth % 2 == 0, started);
            sent.await.with_context(|| format!("photo {nth} of {} bytes", photo.len()))
        });
    }
    let mut first = BTreeMap::<u16, usize>::new();
    let mut tries = 0;
    while let Some(sent) = senders.join_next().await {
        let heard = sent??;
        tries += heard.len();
        if let Some(status) = heard.first() {
            *first.entry(status.as_u16()).or_default() += 1;
        }
    }
    let after = memory::of(server.id()?)?;
    let large = PHOTOS / LARGE_EVERY;
    let first: Vec<_> = first.iter().map(|(status, count)| format!("{count} × {status}")).collect();
    table.figure(format!("{PHOTOS} photos of 3–12 MB at once ({large} of 48 MP), answered first"), first.join(", "));
    table
        .figure("of those, all stored", format!("after {:.0} s and {tries} requests", started.elapsed().as_secs_f64()));
    table.figure("memory under that load, peak (before)", {
        format!("{} ({})", megabytes(after.peak), megabytes(before.peak))
    });
    server.stop().await
}

/// The same picture with something after its end that makes it another photo, of 3 to 12 MB.
fn padded(base: &Bytes, nth: usize) -> Bytes {
    let target = (3 * MB + nth * 9 * MB / PHOTOS).max(base.len() + 8).min(12 * MB);
    let mut photo = Vec::with_capacity(target);
    photo.extend_from_slice(base);
    photo.resize(target - 8, 0);
    photo.extend_from_slice(&(nth as u64).to_be_bytes());
    photo.into()
}

/// Sends a photo, in one piece or as a resumable upload, as often as it takes; gives all that was heard.
async fn deliver(
    addr: SocketAddr,
    photo: &Bytes,
    token: &str,
    whole: bool,
    started: Instant,
) -> anyhow::Result<Vec<StatusCode>> {
    let name = PhotoHash::from_digest(&Sha256::digest(photo));
    let mut heard = Vec::new();
    let mut offset = None;
    while started.elapsed() < PATIENCE {
        let request = match offset {
            _ if whole => Request::put(format!("/api/v1/photos/{name}")).body(Full::from(photo.clone()))?,
            None => announcement(&name, photo)?,
            Some(at) => rest(&name, photo, at)?,
        };
        let answer = send(addr, request, token).await?;
        heard.push(answer.status);
        match answer.status {
            StatusCode::OK | StatusCode::CREATED | StatusCode::NO_CONTENT => return Ok(heard),
            StatusCode::SERVICE_UNAVAILABLE => {
                let seconds = answer.headers.get(RETRY_AFTER).context("503 without Retry-After")?.to_str()?.parse()?;
                tokio::time::sleep(Duration::from_secs(seconds)).await;
            }
            status => bail!("{status}: {}", String::from_utf8_lossy(&answer.body)),
        }
        if !whole {
            let asked = Request::head(format!("/api/v1/uploads/{name}")).body(Full::default())?;
            let there = send(addr, asked, token).await?.headers.get("upload-offset").cloned();
            offset = there.map(|there| anyhow::Ok(there.to_str()?.parse::<usize>()?)).transpose()?;
        }
    }
    bail!("not stored within {PATIENCE:?}")
}

async fn send(addr: SocketAddr, mut request: Request<Full<Bytes>>, token: &str) -> anyhow::Result<Answer> {
    request.headers_mut().insert(AUTHORIZATION, token.try_into()?);
    Client::connect(addr).await?.send(request).await
}

fn announcement(name: &PhotoHash, photo: &Bytes) -> anyhow::Result<Request<Full<Bytes>>> {
    Ok(Request::post("/api/v1/uploads")
        .header("upload-length", photo.len())
        .header("upload-metadata", format!("sha256 {}", base64(name.as_str())))
        .header("content-type", "application/offset+octet-stream")
        .body(Full::from(photo.clone()))?)
}

fn rest(name: &PhotoHash, photo: &Bytes, at: usize) -> anyhow::Result<Request<Full<Bytes>>> {
    Ok(Request::patch(format!("/api/v1/uploads/{name}"))
        .header("upload-offset", at)
        .header("content-type", "application/offset+octet-stream")
        .body(Full::from(photo.slice(at..)))?)
}

fn base64(text: &str) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(text)
}

//! Photos over HTTP, each different, beside a handler that only decodes them, encodes them again, and syncs the file.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context;
use bytes::Bytes;
use http_body_util::Full;
use hyper::Request;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE};
use sha2::{Digest, Sha256};
use waypost_app::domain::ids::PhotoHash;

use crate::memory::{self, megabytes};
use crate::picture::street;
use crate::process::Server;
use crate::reports::token;
use crate::table::{Table, kilobytes, median, milliseconds};
use crate::{Setting, load};

/// As a phone downscales it: long edge 2048.
const SIZE: (u32, u32) = (2048, 1536);
const QUALITY: u8 = 85;
const PHOTOS: usize = 60;
const CONNECTIONS: usize = 4;
const ROUNDS: usize = 3;

pub(crate) async fn measure(setting: &Setting, table: &mut Table) -> anyhow::Result<()> {
    let make = || (0..PHOTOS as u32).map(|seed| street(SIZE, 24, QUALITY, seed)).collect::<anyhow::Result<Vec<_>>>();
    let photos = tokio::task::spawn_blocking(make).await??;
    let mean = photos.iter().map(Bytes::len).sum::<usize>() / photos.len().max(1);

    let (mut ours, mut theirs, mut half, mut last) = (Vec::new(), Vec::new(), Vec::new(), None);
    // In turn, so that a bad moment of a shared machine meets both.
    for round in 0..ROUNDS {
        let bare = Server::bare_photos(&setting.fresh(&format!("bare-photos-{round}"))?).await?;
        theirs.push(send(bare.addr, photos.clone()).await?.rate());
        bare.stop().await?;
        let data = setting.fresh(&format!("photos-{round}"))?;
        let server = Server::program(&setting.program, &data).await?;
        let mut tally = send(server.addr, photos.clone()).await?;
        ours.push(tally.rate());
        half.push(tally.within(0.5));
        last = Some((memory::of(server.id()?)?, stored(&data)?));
        server.stop().await?;
    }
    let what = format!("photos of {}×{} ({}), {CONNECTIONS} connections", SIZE.0, SIZE.1, kilobytes(mean as u64));
    table.rate(what, median(ours), median(theirs));
    table.figure("a photo: half of them within", milliseconds(median(half)));
    if let Some((memory, bytes)) = last {
        let after = format!("{} ({})", megabytes(memory.now), megabytes(memory.peak));
        table.figure("memory after the photos (peak)", after);
        table.figure("photos on disk, each with its thumbnail", kilobytes(bytes / PHOTOS as u64));
    }
    Ok(())
}

async fn send(addr: SocketAddr, photos: Vec<Bytes>) -> anyhow::Result<load::Tally> {
    let tokens: Vec<String> = (0..CONNECTIONS).map(|_| token()).collect();
    let left = Mutex::new(photos);
    let next = move |connection: usize| {
        let Some(photo) = left.lock().unwrap_or_else(PoisonError::into_inner).pop() else { return Ok(None) };
        let token = tokens.get(connection).context("one token a connection")?;
        upload(photo, token).map(Some)
    };
    load::run(addr, CONNECTIONS, Duration::from_mins(5), next).await
}

fn upload(photo: Bytes, token: &str) -> anyhow::Result<Request<Full<Bytes>>> {
    let name = PhotoHash::from_digest(&Sha256::digest(&photo));
    Ok(Request::put(format!("/api/v1/photos/{name}"))
        .header(CONTENT_TYPE, "image/jpeg")
        .header(AUTHORIZATION, token)
        .body(Full::from(photo))?)
}

/// Bytes of all pictures below a data directory.
fn stored(folder: &Path) -> anyhow::Result<u64> {
    let mut bytes = 0;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            bytes += stored(&entry.path())?;
        } else if entry.path().extension().is_some_and(|extension| extension == "jpg") {
            bytes += entry.metadata()?.len();
        }
    }
    Ok(bytes)
}

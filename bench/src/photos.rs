//! Photos over HTTP, each different, beside decoding and encoding them again and nothing else.

use std::io::Cursor;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Context;
use bytes::Bytes;
use http_body_util::Full;
use hyper::Request;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE};
use image::codecs::jpeg::JpegEncoder;
use image::{ImageFormat, RgbImage};
use sha2::{Digest, Sha256};
use waypost_app::domain::ids::PhotoHash;

use crate::memory::{self, megabytes};
use crate::process::Server;
use crate::reports::token;
use crate::table::{Table, kilobytes, milliseconds};
use crate::{Setting, load};

/// As a phone downscales it: long edge 2048.
const SIZE: (u32, u32) = (2048, 1536);
const QUALITY: u8 = 85;
const PHOTOS: usize = 60;
const CONNECTIONS: usize = 4;

pub(crate) async fn measure(setting: &Setting, table: &mut Table) -> anyhow::Result<()> {
    let photos = tokio::task::spawn_blocking(|| (0..PHOTOS as u32).map(photo).collect::<anyhow::Result<Vec<_>>>());
    let photos = photos.await??;
    let mean = photos.iter().map(Bytes::len).sum::<usize>() / photos.len().max(1);

    let bare_rate = decode_and_encode(&photos).await?;

    let data = setting.fresh("photos")?;
    let server = Server::program(&setting.program, &data).await?;
    let tokens: Vec<String> = (0..CONNECTIONS).map(|_| token()).collect();
    let left = Mutex::new(photos);
    let next = move |connection: usize| {
        let Some(photo) = left.lock().unwrap_or_else(PoisonError::into_inner).pop() else { return Ok(None) };
        let token = tokens.get(connection).context("one token a connection")?;
        upload(photo, token).map(Some)
    };
    let mut tally = load::run(server.addr, CONNECTIONS, Duration::from_mins(5), next).await?;
    let what = format!("photos of {}×{} ({}), {CONNECTIONS} connections", SIZE.0, SIZE.1, kilobytes(mean as u64));
    table.rate(what, tally.rate(), bare_rate);
    table.figure("a photo: half of them within", milliseconds(tally.within(0.5)));
    let after = memory::of(server.id()?)?;
    table.figure("memory after the photos (peak)", format!("{} ({})", megabytes(after.now), megabytes(after.peak)));
    server.stop().await?;
    table.figure("photos on disk, each with its thumbnail", kilobytes(stored(&data)? / PHOTOS as u64));
    Ok(())
}

fn upload(photo: Bytes, token: &str) -> anyhow::Result<Request<Full<Bytes>>> {
    let name = PhotoHash::from_digest(&Sha256::digest(&photo));
    Ok(Request::put(format!("/api/v1/photos/{name}"))
        .header(CONTENT_TYPE, "image/jpeg")
        .header(AUTHORIZATION, token)
        .body(Full::from(photo))?)
}

/// A picture with about as much detail as a street: smooth light, edges, and grain.
fn photo(seed: u32) -> anyhow::Result<Bytes> {
    let mut grain = seed.wrapping_mul(2_654_435_761) | 1;
    let picture = RgbImage::from_fn(SIZE.0, SIZE.1, |x, y| {
        // Xorshift: any noise will do, as long as it is cheap and the same each time.
        grain ^= grain << 13;
        grain ^= grain >> 17;
        grain ^= grain << 5;
        let paving = u32::from((x + seed * 7) % 190 < 6 || (y + seed * 3) % 140 < 5) * 60;
        let light = 70 + x * 90 / SIZE.0 + y * 40 / SIZE.1;
        let shade = |channel: u32| (light + channel * 9 + grain % 24).saturating_sub(paving).min(255) as u8;
        image::Rgb([shade(2), shade(1), shade(0)])
    });
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, QUALITY).encode_image(&picture)?;
    Ok(bytes.into())
}

/// Photos a second that as many threads as there are cores decode and encode again.
async fn decode_and_encode(photos: &[Bytes]) -> anyhow::Result<f64> {
    let threads = std::thread::available_parallelism()?.get();
    let left = Arc::new(Mutex::new(photos.to_vec()));
    let started = Instant::now();
    let mut workers = tokio::task::JoinSet::new();
    for _ in 0..threads {
        let left = left.clone();
        workers.spawn_blocking(move || {
            loop {
                let Some(photo) = left.lock().unwrap_or_else(PoisonError::into_inner).pop() else { break };
                let picture = image::load_from_memory_with_format(&photo, ImageFormat::Jpeg)?;
                let mut bytes = Cursor::new(Vec::new());
                JpegEncoder::new_with_quality(&mut bytes, QUALITY).encode_image(&picture)?;
            }
            anyhow::Ok(())
        });
    }
    while let Some(done) = workers.join_next().await {
        done??;
    }
    Ok(photos.len() as f64 / started.elapsed().as_secs_f64())
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

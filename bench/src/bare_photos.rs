//! The least that could take photos: an axum handler that decodes what comes, encodes it again, and answers when the file
//! is safe on disk. With the program's own codec, so that only what stands around it is compared.

use std::fs::{self, File};
use std::io::{self, Cursor, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Path as Name, State};
use axum::http::StatusCode;
use axum::routing::put;
use bytes::Bytes;
use image::ImageFormat;
use jpeg_encoder::{ColorType, Encoder};
use tokio::net::TcpListener;

use crate::bare::announce;

const QUALITY: u8 = 85;

/// Takes photos into a folder until it is killed.
pub(crate) async fn serve(folder: &Path) -> anyhow::Result<()> {
    let router = Router::new()
        .route("/api/v1/photos/{name}", put(store))
        .layer(DefaultBodyLimit::disable())
        .with_state(Arc::new(folder.to_owned()));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    announce(&format!("listening on http://{}", listener.local_addr()?));
    axum::serve(listener, router).await?;
    Ok(())
}

async fn store(State(folder): State<Arc<PathBuf>>, Name(name): Name<String>, photo: Bytes) -> StatusCode {
    match tokio::task::spawn_blocking(move || keep(&folder, &name, &photo)).await {
        Ok(Ok(())) => StatusCode::CREATED,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

fn keep(folder: &Path, name: &str, photo: &[u8]) -> anyhow::Result<()> {
    let picture = image::load(Cursor::new(photo), ImageFormat::Jpeg)?.into_rgb8();
    let mut bytes = Vec::new();
    let (width, height) = (u16::try_from(picture.width())?, u16::try_from(picture.height())?);
    Encoder::new(&mut bytes, QUALITY).encode(picture.as_raw(), width, height, ColorType::Rgb)?;
    write(folder, name, &bytes).context("cannot keep the file")
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let half = folder.join(format!("{name}.half"));
    let mut file = File::create_new(&half)?;
    file.write_all(bytes)?;
    file.sync_data()?;
    fs::rename(&half, folder.join(name))?;
    File::open(folder)?.sync_all()
}

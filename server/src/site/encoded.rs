//! A body that is asked for again and again: made once, compressed once for each encoding.

use async_compression::Level;
use async_compression::tokio::write::{BrotliEncoder, GzipEncoder};
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use bytes::Bytes;
use tokio::io::AsyncWriteExt;
use tokio::sync::OnceCell;

use super::negotiate::{Encoding, choose, matches_etag};

/// A body with its entity tag.
#[derive(Debug)]
pub struct Encoded {
    etag: String,
    identity: Bytes,
    brotli: OnceCell<Bytes>,
    gzip: OnceCell<Bytes>,
}

impl Encoded {
    /// `tag` names the content; it must differ wherever the content does.
    pub fn new(body: impl Into<Bytes>, tag: &str) -> Self {
        Self {
            // Weak: the time of making inside the body may differ under the same tag.
            etag: format!("W/\"{tag}\""),
            identity: body.into(),
            brotli: OnceCell::new(),
            gzip: OnceCell::new(),
        }
    }

    /// The answer to a GET with these headers: the smallest variant the client takes, or 304 if it has it already.
    /// Both must be asked for anew each time (`no-cache`).
    ///
    /// # Errors
    /// If it cannot be compressed, which has no reason to happen in memory.
    pub async fn answer(&self, headers: &HeaderMap, content_type: HeaderValue) -> anyhow::Result<Response> {
        let not_modified = matches_etag(headers, &self.etag);
        let encoding = choose(headers, true, true);
        let mut response =
            Response::new(if not_modified { Body::empty() } else { Body::from(self.body(encoding).await?) });
        let out = response.headers_mut();
        out.insert(header::ETAG, HeaderValue::try_from(&self.etag)?);
        out.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        out.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        if not_modified {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            return Ok(response);
        }
        out.insert(header::CONTENT_TYPE, content_type);
        if let Some(name) = encoding.name() {
            out.insert(header::CONTENT_ENCODING, HeaderValue::from_static(name));
        }
        Ok(response)
    }

    /// The bytes as they are sent in one encoding.
    ///
    /// # Errors
    /// If they cannot be compressed.
    pub async fn body(&self, encoding: Encoding) -> std::io::Result<Bytes> {
        match encoding {
            Encoding::Identity => Ok(self.identity.clone()),
            Encoding::Brotli => self.brotli.get_or_try_init(|| compressed(self.identity.clone(), true)).await.cloned(),
            Encoding::Gzip => self.gzip.get_or_try_init(|| compressed(self.identity.clone(), false)).await.cloned(),
        }
    }
}

/// Level 6 for a body that is compressed once a minute and sent to every phone.
const LEVEL: Level = Level::Precise(6);

async fn compressed(body: Bytes, brotli: bool) -> std::io::Result<Bytes> {
    // Megabytes take tens of milliseconds: not on a thread that answers requests.
    let compress = move || {
        futures::executor::block_on(async move {
            if brotli {
                let mut encoder = BrotliEncoder::with_quality(Vec::new(), LEVEL);
                encoder.write_all(&body).await?;
                encoder.shutdown().await?;
                Ok(encoder.into_inner().into())
            } else {
                let mut encoder = GzipEncoder::with_quality(Vec::new(), LEVEL);
                encoder.write_all(&body).await?;
                encoder.shutdown().await?;
                Ok(encoder.into_inner().into())
            }
        })
    };
    tokio::task::spawn_blocking(compress).await.map_err(std::io::Error::other)?
}

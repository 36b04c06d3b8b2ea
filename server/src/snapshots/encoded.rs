//! A body that is asked for again and again: serialised once, compressed once for each encoding.

use async_compression::Level;
use async_compression::tokio::write::{BrotliEncoder, GzipEncoder};
use bytes::Bytes;
use tokio::io::AsyncWriteExt;
use tokio::sync::OnceCell;
use waypost_app::wire::snapshot::Snapshot;

use crate::site::Encoding;

/// A serialised snapshot with its entity tag.
#[derive(Debug)]
pub struct Encoded {
    etag: String,
    identity: Bytes,
    brotli: OnceCell<Bytes>,
    gzip: OnceCell<Bytes>,
}

impl Encoded {
    /// `tag` names the content; it must differ wherever the content does.
    pub(super) fn new(snapshot: &Snapshot, tag: &str) -> serde_json::Result<Self> {
        Ok(Self {
            // Weak: the time of making inside the body may differ under the same tag.
            etag: format!("W/\"{tag}\""),
            identity: json(snapshot)?.into(),
            brotli: OnceCell::new(),
            gzip: OnceCell::new(),
        })
    }

    pub fn etag(&self) -> &str {
        &self.etag
    }

    /// The body in an encoding.
    ///
    /// # Errors
    /// If it cannot be compressed, which has no reason to happen in memory.
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

/// The snapshot as JSON.
pub(super) fn json(snapshot: &Snapshot) -> serde_json::Result<Vec<u8>> {
    serde_json::to_vec(snapshot)
}

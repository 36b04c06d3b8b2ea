//! What the database and the disk hold, read past the server.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;

use anyhow::{Context, bail};
use sha2::{Digest, Sha256};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, SqliteConnection};
use uuid::Uuid;
use waypost_app::domain::ids::PhotoHash;

use super::phone::WITH_PHOTO;
use crate::reports::database;

#[derive(Debug)]
pub(super) struct Stored {
    pub(super) rows: usize,
    pub(super) ids: BTreeSet<Uuid>,
    /// The code of each report of which every photo is on the disk, too.
    pub(super) whole: BTreeMap<Uuid, String>,
}

impl Stored {
    pub(super) async fn read(data: &Path) -> anyhow::Result<Self> {
        let mut conn = SqliteConnectOptions::new().filename(database(data)?).connect().await?;
        let check: String = sqlx::query_scalar("PRAGMA integrity_check").fetch_one(&mut conn).await?;
        if check != "ok" {
            bail!("the database is damaged: {check}");
        }
        let missing = missing_photos(data, &mut conn).await?;
        let rows: Vec<(String, String)> = sqlx::query_as("SELECT id, code FROM reports").fetch_all(&mut conn).await?;
        conn.close().await?;
        let (mut ids, mut whole) = (BTreeSet::new(), BTreeMap::new());
        for (id, code) in &rows {
            let uuid: Uuid = id.parse().context("an id that is none")?;
            ids.insert(uuid);
            if !missing.contains(id) {
                whole.insert(uuid, code.clone());
            }
        }
        Ok(Self { rows: rows.len(), ids, whole })
    }
}

/// Reports whose photo is in the database and not whole on the disk with its thumbnail, and such as should have one and
/// have none.
async fn missing_photos(data: &Path, conn: &mut SqliteConnection) -> anyhow::Result<BTreeSet<String>> {
    let named: Vec<(String, String, String)> = sqlx::query_as(
        "SELECT report_photos.report, photos.blob_sha256, photos.thumb_sha256
         FROM report_photos JOIN photos ON photos.sha256 = report_photos.photo",
    )
    .fetch_all(&mut *conn)
    .await?;
    let (mut missing, mut whole) = (BTreeSet::new(), BTreeSet::new());
    for (report, blob, thumb) in named {
        if is_whole(data, &blob)? && is_whole(data, &thumb)? {
            whole.insert(report)
        } else {
            missing.insert(report)
        };
    }
    let with_photo: Vec<String> =
        sqlx::query_scalar("SELECT id FROM reports WHERE description = $1").bind(WITH_PHOTO).fetch_all(conn).await?;
    missing.extend(with_photo.into_iter().filter(|id| !whole.contains(id)));
    Ok(missing)
}

/// Whether a file is there, with the bytes that its name promises.
fn is_whole(data: &Path, hash: &str) -> anyhow::Result<bool> {
    let folder = hash.get(..2).context("a hash that is none")?;
    let path = data.join("photos").join(folder).join(format!("{hash}.jpg"));
    match std::fs::read(&path) {
        Ok(bytes) => Ok(PhotoHash::from_digest(&Sha256::digest(&bytes)).as_str() == hash),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

//! Into a file, while servers run, and out of it.

use std::fmt;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use tempfile::NamedTempFile;
use tokio::sync::mpsc;
use waypost_app::domain::ids::PhotoHash;

use super::archive::{self, BadBackup, Found, Writing};
use super::pieces::{Piece, Refused, WAITING, read_all, take_all};
use crate::clock::rfc3339;
use crate::photo::Archive;
use crate::store::copy::{TABLES, Tally};
use crate::store::{self, Database, Store, StoreError, open_to_read, photos};

/// Pictures that wait to be written to the file.
const PHOTOS_WAITING: usize = 4;

/// Why there is no backup. No half of one is left.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error("there is nothing at {0}")]
    NothingThere(Database),
    #[error("cannot write {0}")]
    Write(PathBuf, #[source] io::Error),
    #[error("cannot read a photo")]
    Photo(#[source] io::Error),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why nothing was restored. The database is as it was.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    #[error(
        "this backup is of an earlier version of the program; restore it into a database that does not exist yet, not into {0}"
    )]
    Older(Database),
    #[error(transparent)]
    File(#[from] BadBackup),
    #[error("there is something at {0} already; restore into an empty database, or move that one away first")]
    NotEmpty(Database),
    #[error("{0} did not arrive as it is in the backup; nothing was restored")]
    Differs(&'static str),
    #[error("cannot store a photo")]
    Photo(#[source] io::Error),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What is in a backup, counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contents {
    pub rows: u64,
    pub reports: u64,
    /// Files: a photo is two.
    pub photos: usize,
    /// Those that were named, but not there, or damaged.
    pub missing: Vec<PhotoHash>,
    /// Those that were taken back after the moment of the rows: rows name them, and nobody misses them.
    pub taken_back: Vec<PhotoHash>,
}

impl fmt::Display for Contents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} rows, of these {} reports; {} files of photos", self.rows, self.reports, self.photos)?;
        for photo in &self.missing {
            writeln!(f, "missing: photo {photo} is named, but not there, or damaged")?;
        }
        if !self.taken_back.is_empty() {
            let count = self.taken_back.len();
            writeln!(f, "{count} files of photos were taken back while the backup was made, and are not in it")?;
        }
        Ok(())
    }
}

impl Contents {
    fn count(&mut self, table: &str, tally: Tally) {
        self.rows += tally.rows;
        if table == "reports" {
            self.reports = tally.rows;
        }
    }
}

/// Writes everything as of one moment to a new file, which takes the place of an older one only when all of it is there.
///
/// # Errors
/// [`BackupError`]
pub async fn backup(
    database: &Database,
    photos: &Archive,
    file: &Path,
    now: DateTime<Utc>,
) -> Result<Contents, BackupError> {
    backup_with(database, async |name: &PhotoHash| photos.read(name).await, file, now).await
}

/// The same, with whatever reads a file by its hash.
///
/// # Errors
/// [`BackupError`]
pub async fn backup_with(
    database: &Database,
    read: impl AsyncFn(&PhotoHash) -> io::Result<Option<Bytes>>,
    file: &Path,
    now: DateTime<Utc>,
) -> Result<Contents, BackupError> {
    let open = async || open_to_read(database).await?.ok_or_else(|| BackupError::NothingThere(database.clone()));
    let mut source = open().await?;
    let cannot = |error| BackupError::Write(file.to_owned(), error);
    let (writing, half) = begin(file, now).map_err(cannot)?;
    let (rows, rows_come) = mpsc::channel(WAITING);
    let (pictures, pictures_come) = mpsc::channel(PHOTOS_WAITING);
    let written = tokio::task::spawn_blocking(move || write(writing, rows_come, pictures_come));
    let sent = async move {
        let wanted = read_all(&mut source, &rows).await?;
        drop(rows);
        let names = if wanted { photos::all_files(&mut source).await? } else { Vec::new() };
        // The moment ends here: pictures take long, and a moment that is held keeps the database from tidying up.
        drop(source);
        let mut gone = Vec::new();
        for name in names {
            let Some(picture) = look(&read, &name).await? else {
                gone.push(name);
                continue;
            };
            if pictures.send(Some((name, picture))).await.is_err() {
                return Ok(());
            }
        }
        if !gone.is_empty() {
            // As of a moment after each was looked for: a file goes after its row.
            let mut source = open().await?;
            for name in gone {
                let picture = if photos::names(&mut source, &name).await? {
                    // Also one that was taken back and sent again meanwhile: it was there before its row.
                    look(&read, &name).await?.unwrap_or(Picture::Lost)
                } else {
                    Picture::TakenBack
                };
                if pictures.send(Some((name, picture))).await.is_err() {
                    return Ok(());
                }
            }
        }
        // Whoever writes has failed if it does not hear this, and says why.
        drop(pictures.send(None).await);
        Ok::<(), BackupError>(())
    }
    .await;
    let written = written.await.map_err(io::Error::other).flatten();
    let kept = sent.and(written.map_err(cannot))?;
    // Only now: an older file stays until all of this one is there. What is not kept is gone with its name.
    half.persist(file).map_err(|fault| cannot(fault.error))?;
    File::open(folder_of(file)).and_then(|folder| folder.sync_all()).map_err(cannot)?;
    Ok(kept)
}

fn folder_of(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A file beside the one that is wanted, which nobody else can read.
fn begin(file: &Path, now: DateTime<Utc>) -> io::Result<(Writing, NamedTempFile)> {
    let folder = folder_of(file);
    let half = tempfile::Builder::new().prefix(".waypost-").suffix(".part").tempfile_in(folder)?;
    let scratch = tempfile::tempfile_in(folder)?;
    let writing = Writing::begin(half.as_file().try_clone()?, scratch, store::newest_migration(), rfc3339(now))?;
    Ok((writing, half))
}

/// A file that a row names.
enum Picture {
    Whole(Bytes),
    Lost,
    /// Since the moment of the rows no row names it any more.
    TakenBack,
}

/// A file, if it is there. Damaged is as good as lost.
async fn look(
    read: &impl AsyncFn(&PhotoHash) -> io::Result<Option<Bytes>>,
    name: &PhotoHash,
) -> Result<Option<Picture>, BackupError> {
    match read(name).await {
        Ok(bytes) => Ok(bytes.map(Picture::Whole)),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => Ok(Some(Picture::Lost)),
        Err(error) => Err(BackupError::Photo(error)),
    }
}

fn write(
    mut writing: Writing,
    mut rows: mpsc::Receiver<Piece>,
    mut pictures: mpsc::Receiver<Option<(PhotoHash, Picture)>>,
) -> io::Result<Contents> {
    let gone = || io::Error::other("the rest could not be read");
    let mut kept = Contents::default();
    let mut table = "";
    loop {
        match rows.blocking_recv().ok_or_else(gone)? {
            Piece::Table(next, columns) => {
                table = next;
                writing.table(&columns)?;
            }
            Piece::Row(cells) => writing.row(cells)?,
            Piece::Counted(tally) => {
                kept.count(table, tally);
                writing.end_table(table)?;
            }
            Piece::End => break,
        }
    }
    while let Some((name, picture)) = pictures.blocking_recv().ok_or_else(gone)? {
        match picture {
            Picture::Whole(bytes) => {
                writing.photo(&name, &bytes)?;
                kept.photos += 1;
            }
            Picture::Lost => writing.lost(name),
            Picture::TakenBack => writing.taken_back(name),
        }
    }
    let manifest = writing.end()?;
    (kept.missing, kept.taken_back) = (manifest.missing, manifest.taken_back);
    Ok(kept)
}

/// Brings a backup into an empty database: first its pictures, then all rows in one change. Phones that have synced since it
/// was made are told.
///
/// # Errors
/// [`RestoreError`]
pub async fn restore(
    database: &Database,
    photos: &Archive,
    file: &Path,
    now_ms: i64,
) -> Result<Contents, RestoreError> {
    let path = file.to_owned();
    let verified = tokio::task::spawn_blocking(move || archive::verify(&path, store::newest_migration()));
    let (manifest, made_with) = verified.await.map_err(io::Error::other).map_err(BadBackup::File)??;
    if !store::is_unused(database).await? {
        return Err(RestoreError::NotEmpty(database.clone()));
    }
    if made_with < store::newest_migration() && matches!(open_to_read(database).await, Ok(Some(_))) {
        return Err(RestoreError::Older(database.clone()));
    }
    // Its rows are those of an earlier version of the program, perhaps; what has been done with such rows since is done to them.
    let target = Store::open_as_of(database, made_with).await?;
    let restored = restore_into(&target, photos, file, now_ms).await;
    target.close().await;
    let mut kept = restored?.map_err(|refused| match refused {
        Refused::NotEmpty => RestoreError::NotEmpty(database.clone()),
        Refused::Differs { table, .. } => RestoreError::Differs(table),
    })?;
    // Only now: into newer tables it could not be tried again.
    Store::open(database).await?.close().await;
    (kept.missing, kept.taken_back) = (manifest.missing, manifest.taken_back);
    Ok(kept)
}

async fn restore_into(
    target: &Store,
    photos: &Archive,
    file: &Path,
    now_ms: i64,
) -> Result<Result<Contents, Refused>, RestoreError> {
    // Pictures nobody names yet are swept, should the rows not follow; rows without their pictures would promise them.
    let (send, mut come) = mpsc::channel(PHOTOS_WAITING);
    let path = file.to_owned();
    let reading = tokio::task::spawn_blocking(move || {
        archive::read(&path, |found| match found {
            Found::Photo(hash, bytes) => send.blocking_send((hash, bytes)).is_ok(),
            _ => true,
        })
    });
    let mut count = 0;
    while let Some((_, bytes)) = come.recv().await {
        photos.put(bytes.into()).await.map_err(RestoreError::Photo)?;
        count += 1;
    }
    reading.await.map_err(io::Error::other).map_err(BadBackup::File)??;

    let (send, come) = mpsc::channel(WAITING);
    let path = file.to_owned();
    let reading = tokio::task::spawn_blocking(move || send_rows(&path, &send));
    let taken = take_all(target, come, Some(now_ms)).await;
    reading.await.map_err(io::Error::other).map_err(BadBackup::File)??;
    Ok(taken?.map(|tables| {
        let mut kept = Contents { photos: count, ..Contents::default() };
        for (table, tally) in tables {
            kept.count(table, tally);
        }
        kept
    }))
}

fn send_rows(file: &Path, send: &mpsc::Sender<Piece>) -> Result<(), BadBackup> {
    let (mut columns, mut tally) = (Vec::new(), Tally::default());
    let mut strange = None;
    archive::read(file, |found| {
        let piece = match found {
            Found::Table(name, its) => {
                let Some(table) = TABLES.into_iter().find(|table| *table == name) else {
                    strange = Some(name);
                    return false;
                };
                (columns, tally) = (its.clone(), Tally::default());
                Piece::Table(table, its)
            }
            Found::Row(cells) => {
                tally.add(&columns, &cells);
                Piece::Row(cells)
            }
            Found::EndOfTable => Piece::Counted(tally),
            // All tables come before them.
            Found::Photo(..) => return false,
        };
        send.blocking_send(piece).is_ok()
    })?;
    if let Some(name) = strange {
        return Err(BadBackup::Damaged(name));
    }
    // Nobody may wait for it any more; whoever was told why says so.
    drop(send.blocking_send(Piece::End));
    Ok(())
}

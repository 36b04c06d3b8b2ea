//! A backup's file: a tar archive that can be looked into with common tools.
//!
//! `waypost.json` says what it is; `tables/NAME.jsonl` has a line with the columns and then one a row; `photos/HASH.jpg` are the
//! pictures; and `manifest.json`, the last, has the SHA-256 of each. Without it the file is cut short.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Seek, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::{Number, Value};
use sha2::{Digest, Sha256};
use waypost_app::domain::ids::PhotoHash;

use crate::store::copy::Cell;

const HEAD: &str = "waypost.json";
const MANIFEST: &str = "manifest.json";
/// The layout described above.
const FORMAT: u32 = 1;

/// More than any picture has.
const MOST_BYTES: u64 = 64 * 1024 * 1024;

/// The file is no backup that this program can restore.
#[derive(Debug, thiserror::Error)]
pub enum BadBackup {
    #[error("this is not a backup of waypost")]
    NotOne,
    #[error("this backup is from a newer version of the program; restore it with that one")]
    Newer,
    #[error("this backup is cut short: it has no {MANIFEST}")]
    CutShort,
    #[error("{0} in this backup is damaged")]
    Damaged(String),
    #[error(transparent)]
    File(#[from] io::Error),
}

#[derive(Debug, Serialize, Deserialize)]
struct Head {
    format: u32,
    /// The last change of the tables.
    tables: i64,
    taken_at: String,
}

/// What must be in the file.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Manifest {
    /// By name, the SHA-256 of what is there.
    entries: BTreeMap<String, String>,
    /// Pictures that were named but not there when the backup was made.
    pub(super) missing: Vec<PhotoHash>,
    /// Pictures that rows of the backup name, and that were taken back after the moment of these rows.
    #[serde(default)]
    pub(super) taken_back: Vec<PhotoHash>,
}

/// A file on its way.
pub(super) struct Writing {
    tar: tar::Builder<BufWriter<File>>,
    manifest: Manifest,
    /// For what has to be known whole before it is written.
    scratch: File,
}

impl Writing {
    /// Begins a file; `scratch` is an empty one.
    pub(super) fn begin(file: File, scratch: File, tables: i64, taken_at: String) -> io::Result<Self> {
        let mut new = Self { tar: tar::Builder::new(BufWriter::new(file)), manifest: Manifest::default(), scratch };
        new.bytes(HEAD, &serde_json::to_vec(&Head { format: FORMAT, tables, taken_at })?)?;
        Ok(new)
    }

    fn bytes(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.entry(name, bytes, bytes.len() as u64)?;
        self.manifest.entries.insert(name.to_owned(), PhotoHash::from_digest(&Sha256::digest(bytes)).to_string());
        Ok(())
    }

    fn entry(&mut self, name: &str, from: impl Read, bytes: u64) -> io::Result<()> {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes);
        header.set_mode(0o600);
        self.tar.append_data(&mut header, name, from)
    }

    /// Begins a table.
    pub(super) fn table(&mut self, columns: &[String]) -> io::Result<()> {
        self.scratch.set_len(0)?;
        self.scratch.rewind()?;
        let line = columns.iter().map(|name| Value::from(name.as_str())).collect();
        self.line(&Value::Array(line))
    }

    pub(super) fn row(&mut self, cells: Vec<Cell>) -> io::Result<()> {
        self.line(&Value::Array(cells.into_iter().map(value).collect()))
    }

    fn line(&mut self, line: &Value) -> io::Result<()> {
        let mut bytes = serde_json::to_vec(line)?;
        bytes.push(b'\n');
        self.scratch.write_all(&bytes)
    }

    /// Ends a table.
    pub(super) fn end_table(&mut self, table: &str) -> io::Result<()> {
        let bytes = self.scratch.stream_position()?;
        self.scratch.rewind()?;
        let mut scratch = Hashing { inner: BufReader::new(self.scratch.try_clone()?), hash: Sha256::new() };
        let name = format!("tables/{table}.jsonl");
        self.entry(&name, &mut scratch, bytes)?;
        self.manifest.entries.insert(name, scratch.told());
        Ok(())
    }

    /// Adds a picture.
    pub(super) fn photo(&mut self, hash: &PhotoHash, bytes: &[u8]) -> io::Result<()> {
        self.bytes(&format!("photos/{hash}.jpg"), bytes)
    }

    /// Notes that a picture is lost.
    pub(super) fn lost(&mut self, hash: PhotoHash) {
        self.manifest.missing.push(hash);
    }

    /// Notes that a picture was taken back.
    pub(super) fn taken_back(&mut self, hash: PhotoHash) {
        self.manifest.taken_back.push(hash);
    }

    /// Ends the file: it is on the disk when this returns.
    pub(super) fn end(mut self) -> io::Result<Manifest> {
        let manifest = serde_json::to_vec(&self.manifest)?;
        self.entry(MANIFEST, manifest.as_slice(), manifest.len() as u64)?;
        let file = self.tar.into_inner()?.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.sync_all()?;
        Ok(self.manifest)
    }
}

/// Reads a whole backup and compares it with its manifest; `tables` is the last change of the tables that is known here. Gives
/// the last one that was known when it was made, too.
pub(super) fn verify(file: &Path, tables: i64) -> Result<(Manifest, i64), BadBackup> {
    let mut found = BTreeMap::new();
    let mut manifest = None;
    let mut made_with = tables;
    let mut archive = tar::Archive::new(BufReader::new(File::open(file)?));
    let entries = archive.entries().map_err(|_| BadBackup::NotOne)?;
    for (at, entry) in entries.enumerate() {
        // What cannot be read at its beginning is something else; later it is a file that ends in the middle.
        let mut entry = entry.map_err(|_| if at == 0 { BadBackup::NotOne } else { BadBackup::CutShort })?;
        let name = entry.path()?.to_string_lossy().into_owned();
        if at == 0 && name != HEAD {
            return Err(BadBackup::NotOne);
        }
        let mut reading = Hashing { inner: &mut entry, hash: Sha256::new() };
        if matches!(name.as_str(), HEAD | MANIFEST) {
            let mut bytes = Vec::new();
            reading.read_to_end(&mut bytes).map_err(|_| BadBackup::CutShort)?;
            if name == MANIFEST {
                manifest = Some(serde_json::from_slice(&bytes).map_err(|_| BadBackup::Damaged(name))?);
                continue;
            }
            let head: Head = serde_json::from_slice(&bytes).map_err(|_| BadBackup::NotOne)?;
            if head.format > FORMAT || head.tables > tables {
                return Err(BadBackup::Newer);
            }
            made_with = head.tables;
        } else {
            io::copy(&mut reading, &mut io::sink()).map_err(|_| BadBackup::CutShort)?;
        }
        let told = reading.told();
        if found.insert(name.clone(), told).is_some() {
            return Err(BadBackup::Damaged(name));
        }
    }
    let manifest: Manifest = manifest.ok_or(BadBackup::CutShort)?;
    for table in ["meta", "district", "reports"] {
        let name = format!("tables/{table}.jsonl");
        if !manifest.entries.contains_key(&name) {
            return Err(BadBackup::Damaged(name));
        }
    }
    for (name, hash) in &manifest.entries {
        if found.get(name) != Some(hash) {
            return Err(BadBackup::Damaged(name.clone()));
        }
    }
    match found.keys().find(|name| !manifest.entries.contains_key(*name)) {
        Some(strange) => Err(BadBackup::Damaged(strange.clone())),
        None => Ok((manifest, made_with)),
    }
}

/// What is in a backup, in the order of the file.
pub(super) enum Found {
    Table(String, Vec<String>),
    Row(Vec<Cell>),
    EndOfTable,
    Photo(PhotoHash, Vec<u8>),
}

/// Hands over everything in a backup that was verified, until `take` has had enough.
pub(super) fn read(file: &Path, mut take: impl FnMut(Found) -> bool) -> Result<(), BadBackup> {
    let mut archive = tar::Archive::new(BufReader::new(File::open(file)?));
    for entry in archive.entries()? {
        let mut entry = entry?;
        let name = entry.path()?.to_string_lossy().into_owned();
        let damaged = || BadBackup::Damaged(name.clone());
        if let Some(table) = name.strip_prefix("tables/").and_then(|name| name.strip_suffix(".jsonl")) {
            let mut lines = BufReader::new(&mut entry).lines();
            let columns = lines.next().ok_or_else(damaged)??;
            let columns = serde_json::from_str(&columns).map_err(|_| damaged())?;
            if !take(Found::Table(table.to_owned(), columns)) {
                return Ok(());
            }
            for line in lines {
                let values: Vec<Value> = serde_json::from_str(&line?).map_err(|_| damaged())?;
                let cells = values.into_iter().map(cell).collect::<Option<Vec<_>>>().ok_or_else(damaged)?;
                if !take(Found::Row(cells)) {
                    return Ok(());
                }
            }
            if !take(Found::EndOfTable) {
                return Ok(());
            }
        } else if let Some(hash) = name.strip_prefix("photos/").and_then(|name| name.strip_suffix(".jpg")) {
            let hash = PhotoHash::parse(hash).map_err(|_| damaged())?;
            let mut bytes = Vec::new();
            (&mut entry).take(MOST_BYTES).read_to_end(&mut bytes)?;
            if PhotoHash::from_digest(&Sha256::digest(&bytes)) != hash {
                return Err(damaged());
            }
            if !take(Found::Photo(hash, bytes)) {
                return Ok(());
            }
        }
    }
    Ok(())
}

fn value(cell: Cell) -> Value {
    match cell {
        Cell::Null => Value::Null,
        Cell::Integer(number) => number.into(),
        // Kept apart from a whole number by its point; what is not finite cannot be stored by this program.
        Cell::Number(number) => Number::from_f64(number).map_or(Value::Null, Value::Number),
        Cell::Text(text) => text.into(),
    }
}

fn cell(value: Value) -> Option<Cell> {
    Some(match value {
        Value::Null => Cell::Null,
        Value::Number(number) if number.is_f64() => Cell::Number(number.as_f64()?),
        Value::Number(number) => Cell::Integer(number.as_i64()?),
        Value::String(text) => Cell::Text(text),
        Value::Bool(_) | Value::Array(_) | Value::Object(_) => return None,
    })
}

struct Hashing<R> {
    inner: R,
    hash: Sha256,
}

impl<R> Hashing<R> {
    fn told(self) -> String {
        PhotoHash::from_digest(&self.hash.finalize()).to_string()
    }
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(into)?;
        self.hash.update(into.get(..count).unwrap_or_default());
        Ok(count)
    }
}

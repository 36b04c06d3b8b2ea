//! Photos of which only the beginning is there, in pieces: `partial/DEVICE-HASH/OFFSET-LENGTH`. They outlive the connection
//! that brought them and the process that wrote them, and any copy of the program goes on with them.
//!
//! What is there is what joins on from byte 0 without a gap. A piece is never changed: one that has grown is put under its
//! new length before the shorter one goes, so that what was once promised to be there stays there. Two copies may write the
//! same upload at once; then pieces overlap, and which of them are taken does not matter, because the whole is held against
//! its hash.

use std::time::{Duration, Instant};
use std::{io, mem};

use bytes::Bytes;
use object_store::path::Path;
use tokio::sync::Mutex;
use waypost_app::domain::ids::PhotoHash;

use super::blobs::{Blobs, Listed};
use super::{Incoming, PhotoError};
use crate::store::devices::DeviceId;

/// Most bytes of a piece, and most that wait in memory to be put.
pub(super) const PIECE: usize = 128 * 1024;
/// A piece that ends before this is gone on with instead of beginning another, so that there are never many of them.
const SHORT: usize = PIECE / 2;

/// How long it is believed how much there is of all of them together.
const BELIEVED: Duration = Duration::from_mins(1);

const FOLDER: &str = "partial";
const KIND: &str = "application/octet-stream";

/// The unfinished photos.
#[derive(Debug)]
pub(crate) struct Partials {
    blobs: Blobs,
    /// Bytes of all of them, and when they were counted.
    counted: Mutex<Option<(Instant, u64)>>,
}

/// Some bytes of a photo, all of which are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Piece {
    start: u64,
    length: u64,
}

impl Piece {
    fn end(self) -> u64 {
        self.start + self.length
    }

    fn name(self) -> String {
        format!("{:08}-{}", self.start, self.length)
    }

    /// A piece by its name; `None` for what is none, or not whole.
    fn read(listed: &Listed) -> Option<Self> {
        let (start, length) = listed.name.split_once('-')?;
        let piece = Self { start: start.parse().ok()?, length: length.parse().ok()? };
        (piece.length == listed.bytes && piece.start.checked_add(piece.length).is_some()).then_some(piece)
    }
}

/// Of these pieces, those that join on from byte 0; where they overlap, the ones that reach furthest.
fn run(mut pieces: Vec<Piece>) -> Vec<Piece> {
    pieces.sort_unstable();
    let mut pieces = pieces.into_iter().peekable();
    let (mut run, mut there) = (Vec::new(), 0);
    let mut furthest: Option<Piece> = None;
    loop {
        while let Some(piece) = pieces.next_if(|piece| piece.start <= there) {
            if furthest.is_none_or(|furthest| piece.end() > furthest.end()) {
                furthest = Some(piece);
            }
        }
        match furthest.take() {
            Some(piece) if piece.end() > there => {
                there = piece.end();
                run.push(piece);
            }
            _ => return run,
        }
    }
}

impl Partials {
    pub(super) fn new(blobs: Blobs) -> Self {
        Self { blobs, counted: Mutex::default() }
    }

    /// Bytes that are there of all of them, as of the last minute.
    pub(crate) async fn bytes(&self) -> io::Result<u64> {
        // Held meanwhile: whoever else asks waits for the same answer.
        let mut counted = self.counted.lock().await;
        if let Some((at, bytes)) = *counted
            && at.elapsed() < BELIEVED
        {
            return Ok(bytes);
        }
        let bytes = self.blobs.bytes(&Path::from(FOLDER)).await?;
        *counted = Some((Instant::now(), bytes));
        Ok(bytes)
    }

    /// Bytes that are there without a gap.
    pub(crate) async fn length(&self, device: &DeviceId, sha256: &PhotoHash) -> io::Result<u64> {
        let run = self.run(&folder(device, sha256)).await?;
        Ok(run.last().map_or(0, |last| last.end()))
    }

    /// Goes on after the first `offset` bytes.
    pub(crate) async fn go_on(&self, device: &DeviceId, sha256: &PhotoHash, offset: u64) -> io::Result<Pieces> {
        let folder = folder(device, sha256);
        let mut pieces =
            Pieces { blobs: self.blobs.clone(), start: offset, buffer: Vec::new(), safe: 0, put: None, folder };
        let last = self.run(&pieces.folder).await?.pop();
        let Some(last) = last.filter(|last| last.start < offset && offset <= last.end()) else { return Ok(pieces) };
        let Ok(within) = usize::try_from(offset - last.start) else { return Ok(pieces) };
        // One that is gone has grown under another connection; then a new one begins here.
        if within < SHORT
            && let Some(bytes) = self.blobs.get(&pieces.folder.clone().join(last.name()), last.length).await?
            && let Some(bytes) = bytes.get(..within)
        {
            pieces.start = last.start;
            pieces.buffer.extend_from_slice(bytes);
            pieces.safe = within;
            pieces.put = Some(last);
        }
        Ok(pieces)
    }

    /// Pours what is there into a file, at most `length` bytes, and says how many they are; `None` if a piece has gone
    /// meanwhile because it has grown.
    pub(super) async fn pour(
        &self,
        device: &DeviceId,
        sha256: &PhotoHash,
        length: u64,
        into: &mut Incoming,
    ) -> Result<Option<u64>, PhotoError> {
        let folder = folder(device, sha256);
        let mut there = 0;
        for piece in self.run(&folder).await? {
            let Some(bytes) = self.blobs.get(&folder.clone().join(piece.name()), piece.length).await? else {
                return Ok(None);
            };
            let known = (there - piece.start) as usize;
            let wanted = (piece.end().min(length) - piece.start) as usize;
            let Some(bytes) = bytes.get(known..wanted) else { break };
            into.write(bytes).await?;
            there = piece.end().min(length);
            if there == length {
                break;
            }
        }
        Ok(Some(there))
    }

    /// Removes what is there of an upload.
    pub(crate) async fn remove(&self, device: &DeviceId, sha256: &PhotoHash) -> io::Result<()> {
        self.blobs.remove_folder(&folder(device, sha256)).await
    }

    /// Of which uploads something is there. What has another kind of name is none of ours.
    pub(crate) async fn list(&self) -> io::Result<Vec<(DeviceId, PhotoHash)>> {
        let found = self.blobs.folders(&Path::from(FOLDER)).await?;
        let upload = |name: &String| {
            let (device, sha256) = name.split_once('-')?;
            Some((DeviceId::from_stored(device)?, PhotoHash::parse(sha256).ok()?))
        };
        Ok(found.iter().filter_map(upload).collect())
    }

    async fn run(&self, folder: &Path) -> io::Result<Vec<Piece>> {
        let listed = self.blobs.list(folder).await?;
        Ok(run(listed.iter().filter_map(Piece::read).collect()))
    }
}

fn folder(device: &DeviceId, sha256: &PhotoHash) -> Path {
    Path::from(format!("{FOLDER}/{}-{sha256}", device.as_str()))
}

/// An upload that bytes are added to as they come.
#[derive(Debug)]
pub(crate) struct Pieces {
    blobs: Blobs,
    folder: Path,
    /// Where the piece begins that is being filled.
    start: u64,
    buffer: Vec<u8>,
    /// How much of the buffer has been put, and as which piece.
    safe: usize,
    put: Option<Piece>,
}

impl Pieces {
    /// Adds bytes. Those before [`Pieces::safe`] need not be sent again.
    pub(crate) async fn write(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let (now, later) = bytes.split_at(bytes.len().min(PIECE - self.buffer.len()));
            self.buffer.extend_from_slice(now);
            bytes = later;
            if self.buffer.len() == PIECE {
                self.flush().await?;
            }
        }
        Ok(())
    }

    /// How many bytes of the whole are put: neither this process nor this machine can lose them any more.
    pub(crate) fn safe(&self) -> u64 {
        self.start + self.safe as u64
    }

    /// Puts what has come.
    pub(crate) async fn flush(&mut self) -> io::Result<()> {
        let length = self.buffer.len();
        if length == self.safe {
            return Ok(());
        }
        let piece = Piece { start: self.start, length: length as u64 };
        let full = length == PIECE;
        let bytes = if full { mem::take(&mut self.buffer).into() } else { Bytes::copy_from_slice(&self.buffer) };
        self.blobs.put(&self.name(piece), bytes, KIND).await?;
        if let Some(shorter) = self.put.replace(piece).filter(|before| *before != piece)
            && let Err(error) = self.blobs.delete(&self.name(shorter)).await
        {
            // It goes with the others when the upload ends.
            tracing::debug!(%error, "a piece that has grown is there twice");
        }
        if full {
            self.start = piece.end();
            self.put = None;
            self.safe = 0;
        } else {
            self.safe = length;
        }
        Ok(())
    }

    fn name(&self, piece: Piece) -> Path {
        self.folder.clone().join(piece.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::photo::{Archive, PhotoLimits};

    fn pieces(list: &[(u64, u64)]) -> Vec<Piece> {
        list.iter().map(|&(start, length)| Piece { start, length }).collect()
    }

    #[test]
    fn what_joins_on_from_the_first_byte_is_there() {
        for (all, there) in [
            (&[][..], &[][..]),
            (&[(5, 10)], &[]),
            (&[(0, 5)], &[(0, 5)]),
            (&[(5, 5), (0, 5)], &[(0, 5), (5, 5)]),
            (&[(0, 5), (6, 5)], &[(0, 5)]),
            // Overlapping ones, a grown one beside what it grew from, one inside another.
            (&[(0, 5), (3, 5), (7, 5)], &[(0, 5), (3, 5), (7, 5)]),
            (&[(0, 5), (0, 9), (9, 1)], &[(0, 9), (9, 1)]),
            (&[(0, 20), (5, 5), (20, 1), (8, 10)], &[(0, 20), (20, 1)]),
            (&[(0, 5), (2, 4), (4, 9), (13, 1)], &[(0, 5), (4, 9), (13, 1)]),
        ] {
            assert_eq!(run(pieces(all)), pieces(there), "{all:?}");
        }
    }

    #[test]
    fn what_is_not_whole_or_has_another_name_is_no_piece() {
        let read = |name: &str, bytes| Piece::read(&Listed { name: name.to_owned(), bytes, put_at_ms: 0 });
        assert_eq!(read("00000007-5", 5), Some(Piece { start: 7, length: 5 }));
        for (name, bytes) in [("00000007-5", 4), ("7", 7), ("a-5", 5), ("0--5", 5), ("18446744073709551615-5", 5)] {
            assert_eq!(read(name, bytes), None, "{name}");
        }
    }

    struct Open {
        _data: tempfile::TempDir,
        archive: Archive,
        device: DeviceId,
        hash: PhotoHash,
    }

    async fn open() -> Open {
        let data = tempfile::tempdir().unwrap();
        let archive = Archive::open(data.path(), None, &PhotoLimits::default()).await.unwrap();
        let hash = "0".repeat(64);
        let (device, hash) = (DeviceId::from_stored(&hash).unwrap(), PhotoHash::parse(&hash).unwrap());
        Open { _data: data, archive, device, hash }
    }

    impl Open {
        fn partials(&self) -> &Partials {
            self.archive.partials()
        }

        async fn go_on(&self, offset: u64) -> Pieces {
            self.partials().go_on(&self.device, &self.hash, offset).await.unwrap()
        }

        async fn length(&self) -> u64 {
            self.partials().length(&self.device, &self.hash).await.unwrap()
        }

        async fn names(&self) -> Vec<String> {
            let listed = self.partials().blobs.list(&folder(&self.device, &self.hash)).await.unwrap();
            let mut names: Vec<_> = listed.into_iter().map(|listed| listed.name).collect();
            names.sort();
            names
        }

        async fn poured(&self, length: u64) -> (Option<u64>, Vec<u8>) {
            let mut into = self.archive.incoming().await.unwrap();
            let there = self.partials().pour(&self.device, &self.hash, length, &mut into).await.unwrap();
            (there, std::fs::read(into.finish().await.unwrap().path()).unwrap())
        }
    }

    fn bytes(from: usize, to: usize) -> Vec<u8> {
        (from..to).map(|at| (at % 251) as u8).collect()
    }

    #[tokio::test]
    async fn bytes_that_come_a_few_at_a_time_become_a_few_pieces() {
        let open = open().await;
        let mut at = 0;
        while at < 3 * PIECE {
            let mut pieces = open.go_on(at as u64).await;
            assert_eq!(pieces.safe(), at as u64);
            // Flushed in between, as for somebody who asks how far it is.
            for step in [1000, 30_000] {
                pieces.write(&bytes(at, at + step)).await.unwrap();
                at += step;
                pieces.flush().await.unwrap();
                assert_eq!((pieces.safe(), open.length().await), (at as u64, at as u64));
            }
        }
        assert!(open.names().await.len() <= 6, "{:?}", open.names().await);
        assert_eq!(open.poured(at as u64).await, (Some(at as u64), bytes(0, at)));
        assert_eq!(open.poured(70_000).await, (Some(70_000), bytes(0, 70_000)));
        open.partials().remove(&open.device, &open.hash).await.unwrap();
        assert_eq!((open.length().await, open.partials().list().await.unwrap()), (0, vec![]));
    }

    #[tokio::test]
    async fn what_was_not_flushed_is_not_there() {
        let open = open().await;
        let mut pieces = open.go_on(0).await;
        pieces.write(&bytes(0, PIECE + 7)).await.unwrap();
        assert_eq!((pieces.safe(), open.length().await), (PIECE as u64, PIECE as u64));
        drop(pieces);
        assert_eq!(open.poured(PIECE as u64 + 7).await.0, Some(PIECE as u64));
    }

    #[tokio::test]
    async fn two_that_write_the_same_upload_at_once_leave_it_whole() {
        let open = open().await;
        let (mut first, mut second) = (open.go_on(0).await, open.go_on(0).await);
        first.write(&bytes(0, 900)).await.unwrap();
        first.flush().await.unwrap();
        second.write(&bytes(0, 500)).await.unwrap();
        second.flush().await.unwrap();
        assert_eq!(open.length().await, 900, "what was promised stays");
        let mut third = open.go_on(900).await;
        first.write(&bytes(900, 2000)).await.unwrap();
        first.flush().await.unwrap();
        third.write(&bytes(900, 3000)).await.unwrap();
        third.flush().await.unwrap();
        assert_eq!(open.poured(3000).await, (Some(3000), bytes(0, 3000)));
        assert_eq!(open.partials().list().await.unwrap(), [(open.device.clone(), open.hash.clone())]);
    }

    #[tokio::test]
    async fn the_last_byte_sent_again_takes_the_place_of_the_one_there_was() {
        let open = open().await;
        for length in [500, SHORT + 500] {
            let mut pieces = open.go_on(open.length().await).await;
            pieces.write(&bytes(open.length().await as usize, length)).await.unwrap();
            pieces.flush().await.unwrap();
            let mut again = open.go_on(length as u64 - 1).await;
            again.write(&bytes(length - 1, length)).await.unwrap();
            again.flush().await.unwrap();
            assert_eq!(open.poured(length as u64).await, (Some(length as u64), bytes(0, length)));
        }
    }
}

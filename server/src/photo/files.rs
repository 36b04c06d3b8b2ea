//! Content-addressed files: `ab/abcd….jpg`, named by the SHA-256 of what is in them.

use std::io;
use std::sync::Arc;

use bytes::Bytes;
use object_store::path::Path;
use tokio::sync::Semaphore;
use waypost_app::domain::ids::PhotoHash;

use super::blobs::Blobs;
use super::scratch::{self, Staged};

/// Files that are in memory at once to be put.
const PUTTING: usize = 8;
/// Where the name of the database is noted whose photos these are.
pub(super) const OWNER: &str = "belongs-to";
/// More bytes than any picture of ours has: one of the largest size, without any loss.
const MOST_BYTES: u64 = 16 * 1024 * 1024;

#[derive(Debug)]
pub(super) struct Files {
    blobs: Blobs,
    putting: Semaphore,
}

impl Files {
    pub(super) fn new(blobs: Blobs) -> Self {
        Self { blobs, putting: Semaphore::new(PUTTING) }
    }

    /// Puts a file under its hash, also in place of one that is there: nobody knows whether that one is still whole.
    /// Afterwards it survives a power cut. Whether it stays is settled with its row: see [`crate::store::doomed`].
    pub(super) async fn keep(&self, staged: &Arc<Staged>) -> io::Result<()> {
        let _place = self.putting.acquire().await.map_err(io::Error::other)?;
        let file = staged.clone();
        let bytes = tokio::task::spawn_blocking(move || file.read()).await??;
        self.blobs.put(&name(&staged.hash), bytes, "image/jpeg").await
    }

    /// Notes the name of a database here, where none is noted yet; false, if another is.
    pub(super) async fn claim_for(&self, database: i64) -> io::Result<bool> {
        let (name, ours) = (Path::from(OWNER), database.to_string());
        let mut owner = self.blobs.get(&name, MOST_BYTES).await?;
        if owner.is_none() {
            self.blobs.put_new(&name, ours.clone().into(), "text/plain").await?;
            // Several may have found it free at once: what is noted now is what counts.
            owner = self.blobs.get(&name, MOST_BYTES).await?;
        }
        Ok(owner.is_some_and(|owner| owner == ours))
    }

    /// Puts bytes under their hash, in the same way.
    pub(super) async fn put(&self, bytes: Bytes) -> io::Result<PhotoHash> {
        let (hash, bytes) = tokio::task::spawn_blocking(move || (scratch::hash(&bytes), bytes)).await?;
        self.blobs.put(&name(&hash), bytes, "image/jpeg").await?;
        Ok(hash)
    }

    /// A file, if it is there; a damaged one is a fault.
    pub(super) async fn read(&self, hash: &PhotoHash) -> io::Result<Option<Bytes>> {
        let Some(bytes) = self.blobs.get(&name(hash), MOST_BYTES).await? else { return Ok(None) };
        let (found, bytes) = tokio::task::spawn_blocking(move || (scratch::hash(&bytes), bytes)).await?;
        if found != *hash {
            let words = format!("the file {hash} is damaged: what is in it has the hash {found}");
            return Err(io::Error::new(io::ErrorKind::InvalidData, words));
        }
        Ok(Some(bytes))
    }

    /// How many bytes a file has, if it is there.
    pub(super) async fn size(&self, hash: &PhotoHash) -> io::Result<Option<u64>> {
        self.blobs.size(&name(hash)).await
    }

    /// Afterwards the file is gone; false if it was before, as far as that is known.
    pub(super) async fn remove(&self, hash: &PhotoHash) -> io::Result<bool> {
        self.blobs.delete(&name(hash)).await
    }

    /// The files in one of the 256 folders that were put before a moment (milliseconds since 1970); what a crash left
    /// half-written is cleared from it. What has another kind of name is none of ours.
    pub(super) async fn list_older(&self, folder: u8, before_ms: i64) -> io::Result<Vec<PhotoHash>> {
        let folder = Path::from(format!("{folder:02x}"));
        self.blobs.clear_half_written(&folder).await?;
        let found = self.blobs.list(&folder).await?;
        let hash = |name: &str| name.strip_suffix(".jpg").and_then(|hash| PhotoHash::parse(hash).ok());
        Ok(found.iter().filter(|found| found.put_at_ms < before_ms).filter_map(|found| hash(&found.name)).collect())
    }
}

fn name(hash: &PhotoHash) -> Path {
    Path::from(format!("{}/{hash}.jpg", &hash.as_str()[..2]))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::photo::scratch::Scratch;

    struct Open {
        data: tempfile::TempDir,
        files: Files,
        scratch: Scratch,
    }

    fn open() -> Open {
        let data = tempfile::tempdir().unwrap();
        let root = data.path().join("photos");
        fs::create_dir(&root).unwrap();
        let files = Files::new(Blobs::folder(root).unwrap());
        let scratch = Scratch::open(&data.path().join("incoming")).unwrap();
        Open { data, files, scratch }
    }

    impl Open {
        async fn keep(&self, bytes: &[u8]) -> PhotoHash {
            let staged = Arc::new(self.scratch.stage(bytes).unwrap());
            self.files.keep(&staged).await.unwrap();
            staged.hash.clone()
        }

        fn path(&self, hash: &PhotoHash) -> std::path::PathBuf {
            self.data.path().join("photos").join(name(hash).as_ref())
        }
    }

    #[tokio::test]
    async fn the_same_bytes_are_one_file_where_it_has_always_been() {
        let open = open();
        let hash = open.keep(b"picture").await;
        assert_eq!(open.keep(b"picture").await, hash);
        let path = open.data.path().join(format!("photos/{}/{hash}.jpg", &hash.as_str()[..2]));
        assert_eq!(fs::read(&path).unwrap(), b"picture");
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
        let folder = u8::from_str_radix(&hash.as_str()[..2], 16).unwrap();
        assert_eq!(open.files.list_older(folder, i64::MAX).await.unwrap(), std::slice::from_ref(&hash));
        assert_eq!(open.files.list_older(folder ^ 1, i64::MAX).await.unwrap(), []);
        assert_eq!(open.files.list_older(folder, 1).await.unwrap(), [], "it is younger");
        assert!(open.files.remove(&hash).await.unwrap());
        assert!(!open.files.remove(&hash).await.unwrap());
        assert_eq!((open.files.read(&hash).await.unwrap(), open.files.size(&hash).await.unwrap()), (None, None));
    }

    #[tokio::test]
    async fn of_many_databases_that_claim_the_photos_at_once_one_gets_them_and_keeps_them() {
        for _ in 0..20 {
            let open = open();
            let claims = (1..=8).map(|database| open.files.claim_for(database));
            let claimed: Vec<bool> = futures::future::try_join_all(claims).await.unwrap();
            assert_eq!(claimed.iter().filter(|ours| **ours).count(), 1, "{claimed:?}");
            for (database, ours) in (1..=8).zip(claimed) {
                assert_eq!(open.files.claim_for(database).await.unwrap(), ours);
            }
        }
    }

    #[tokio::test]
    async fn a_damaged_file_is_never_given_out_and_mended_by_keeping_it_again() {
        let open = open();
        let hash = open.keep(b"picture").await;
        for damaged in [&b"pictury"[..], b"pictur", b"", &vec![0; MOST_BYTES as usize + 1]] {
            fs::write(open.path(&hash), damaged).unwrap();
            assert_eq!(open.files.read(&hash).await.unwrap_err().kind(), io::ErrorKind::InvalidData);
        }
        open.keep(b"picture").await;
        assert_eq!(open.files.read(&hash).await.unwrap().unwrap(), &b"picture"[..]);
    }
}

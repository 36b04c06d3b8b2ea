//! Named bytes, in a folder or in a bucket: one way to both. What has been put is whole, and survives a power cut; in a
//! folder the file and its name are synced before a put is answered.

use std::error::Error as StdError;
use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use std::{fs, io};

use bytes::Bytes;
use futures::TryStreamExt;
use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{Attribute, Error, ObjectStore, ObjectStoreExt, PutMode, PutOptions, RetryConfig};

use super::place::PhotosUrl;

/// How long a bucket may take to answer whether it can be used.
const REACHED_WITHIN: Duration = Duration::from_secs(30);
/// How long a bucket that is busy or cannot be reached is asked again; a request of a phone waits as long.
const ASKED_AGAIN_FOR: Duration = Duration::from_secs(15);
const ASKED_AGAIN: usize = 5;
/// What an operator can mend.
const LOOK_AT: &str = "it cannot be reached; look at AWS_ENDPOINT, AWS_REGION, AWS_ALLOW_HTTP and the credentials";
/// Whoever has not finished to write a file by then has crashed.
const WRITTEN_WITHIN: Duration = Duration::from_hours(1);

/// A folder or a bucket; cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Blobs {
    store: Arc<dyn ObjectStore>,
    /// The folder, if it is one.
    folder: Option<PathBuf>,
}

/// A name with the number of bytes behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Listed {
    /// Its last part.
    pub(super) name: String,
    pub(super) bytes: u64,
    /// When it was put, in milliseconds since 1970 by the clock of the store.
    pub(super) put_at_ms: i64,
}

impl Blobs {
    /// Those in a folder, which must be there.
    pub(super) fn folder(root: PathBuf) -> io::Result<Self> {
        let store = LocalFileSystem::new_with_prefix(&root).map_err(fault)?.with_fsync(true);
        Ok(Self { store: Arc::new(store), folder: Some(root) })
    }

    /// Those in a bucket, if it can be written to.
    pub(super) async fn bucket(url: &PhotosUrl) -> io::Result<Self> {
        let retry = RetryConfig { max_retries: ASKED_AGAIN, retry_timeout: ASKED_AGAIN_FOR, ..RetryConfig::default() };
        let bucket = AmazonS3Builder::from_env().with_bucket_name(&url.bucket).with_retry(retry).build();
        let store = PrefixStore::new(bucket.map_err(fault)?, url.prefix.clone());
        let blobs = Self { store: Arc::new(store), folder: None };
        match tokio::time::timeout(REACHED_WITHIN, blobs.try_out()).await {
            Ok(Ok(())) => Ok(blobs),
            Ok(Err(error)) if error.kind() == io::ErrorKind::NotFound => {
                Err(io::Error::new(error.kind(), format!("there is no bucket {}", url.bucket)))
            }
            Ok(Err(error)) if error.kind() == io::ErrorKind::PermissionDenied => Err(error),
            Ok(Err(error)) => Err(io::Error::new(error.kind(), format!("{LOOK_AT}: {error}"))),
            Err(_) => Err(io::Error::new(io::ErrorKind::TimedOut, format!("{LOOK_AT}: it does not answer"))),
        }
    }

    /// Finds out now what would otherwise be found out with the first photo. Always under one name, so that it does not
    /// matter how many copies do so at once, nor where one of them stops.
    async fn try_out(&self) -> io::Result<()> {
        let name = Path::from("writable");
        self.put(&name, Bytes::new(), "application/octet-stream").await?;
        self.folders(&Path::from("partial")).await?;
        self.delete(&name).await?;
        Ok(())
    }

    /// Puts bytes under a name, in place of what is there; `kind` is their media type.
    pub(super) async fn put(&self, name: &Path, bytes: Bytes, kind: &'static str) -> io::Result<()> {
        match self.put_once(name, bytes.clone(), kind).await {
            // Another copy has removed the folder meanwhile, perhaps with these bytes; it is made again.
            Err(error) if self.folder.is_some() && error.kind() == io::ErrorKind::NotFound => {
                self.put_once(name, bytes, kind).await
            }
            put => put,
        }
    }

    async fn put_once(&self, name: &Path, bytes: Bytes, kind: &'static str) -> io::Result<()> {
        let options = self.options(PutMode::Overwrite, kind);
        self.store.put_opts(name, bytes.into(), options).await.map_err(fault)?;
        Ok(())
    }

    /// Puts bytes under a name where nothing is yet; false, and nothing is changed, if something is. Of several at once one
    /// is told true; where the store cannot promise that, more than one may be, and whoever must know reads what is there.
    pub(super) async fn put_new(&self, name: &Path, bytes: Bytes, kind: &'static str) -> io::Result<bool> {
        let options = self.options(PutMode::Create, kind);
        let error = match self.store.put_opts(name, bytes.clone().into(), options).await {
            Ok(_) => return Ok(true),
            Err(Error::AlreadyExists { .. }) => return Ok(false),
            Err(error @ (Error::NotImplemented { .. } | Error::NotSupported { .. } | Error::Generic { .. })) => error,
            Err(error) => return Err(fault(error)),
        };
        // Not every store that speaks S3 knows a put with a condition, and not every file system hard links; each says so
        // in words of its own. Whatever else was wrong is still wrong with what follows.
        tracing::debug!(%error, "nothing can be put on the condition that it is new");
        if self.size(name).await?.is_some() {
            return Ok(false);
        }
        self.put(name, bytes, kind).await?;
        Ok(true)
    }

    fn options(&self, mode: PutMode, kind: &'static str) -> PutOptions {
        let mut options = PutOptions::from(mode);
        // Files have no type.
        if self.folder.is_none() {
            options.attributes.insert(Attribute::ContentType, kind.into());
        }
        options
    }

    /// The bytes under a name, if there are any; more than `most` of them are not read.
    pub(super) async fn get(&self, name: &Path, most: u64) -> io::Result<Option<Bytes>> {
        let found = match self.store.get(name).await {
            Err(Error::NotFound { .. }) => return Ok(None),
            found => found.map_err(fault)?,
        };
        if found.meta.size > most {
            let words = format!("{name} has {} bytes, more than was ever put there", found.meta.size);
            return Err(io::Error::new(io::ErrorKind::InvalidData, words));
        }
        Ok(Some(found.bytes().await.map_err(fault)?))
    }

    /// How many bytes are under a name; `None` if there is no such name.
    pub(super) async fn size(&self, name: &Path) -> io::Result<Option<u64>> {
        match self.store.head(name).await {
            Ok(found) => Ok(Some(found.size)),
            Err(Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(fault(error)),
        }
    }

    /// Afterwards nothing is under this name. False if it is known that nothing was; not every bucket says.
    pub(super) async fn delete(&self, name: &Path) -> io::Result<bool> {
        match self.store.delete(name).await {
            Ok(()) => Ok(true),
            Err(Error::NotFound { .. }) => Ok(false),
            Err(error) => Err(fault(error)),
        }
    }

    /// Everything in a folder.
    pub(super) async fn list(&self, folder: &Path) -> io::Result<Vec<Listed>> {
        let found = self.store.list(Some(folder)).map_ok(|found| Listed {
            name: found.location.filename().unwrap_or_default().to_owned(),
            bytes: found.size,
            put_at_ms: found.last_modified.timestamp_millis(),
        });
        found.try_collect().await.map_err(fault)
    }

    /// Bytes of everything in a folder together.
    pub(super) async fn bytes(&self, folder: &Path) -> io::Result<u64> {
        let found = self.store.list(Some(folder)).map_ok(|found| found.size);
        let all = found.try_fold(0_u64, |all, bytes| std::future::ready(Ok::<_, Error>(all.saturating_add(bytes))));
        all.await.map_err(fault)
    }

    /// The names of the folders in a folder.
    pub(super) async fn folders(&self, folder: &Path) -> io::Result<Vec<String>> {
        let found = self.store.list_with_delimiter(Some(folder)).await.map_err(fault)?;
        Ok(found.common_prefixes.iter().filter_map(Path::filename).map(str::to_owned).collect())
    }

    /// Removes everything in a folder, and the folder; what somebody else begins to put there meanwhile stays, and the folder
    /// with it.
    pub(super) async fn remove_folder(&self, folder: &Path) -> io::Result<()> {
        for Listed { name, .. } in self.list(folder).await? {
            self.delete(&folder.clone().join(name)).await?;
        }
        let Some(root) = &self.folder else { return Ok(()) };
        let at = root.join(folder.as_ref());
        tokio::task::spawn_blocking(move || {
            // What a crash left half-written is not listed.
            clear_half_written(&at)?;
            fs::remove_dir(at).or_else(|error| match error.kind() {
                io::ErrorKind::NotFound | io::ErrorKind::DirectoryNotEmpty => Ok(()),
                _ => Err(error),
            })
        })
        .await?
    }

    /// Clears from a folder what a crash left half-written; buckets do so themselves.
    pub(super) async fn clear_half_written(&self, folder: &Path) -> io::Result<()> {
        let Some(root) = &self.folder else { return Ok(()) };
        let at = root.join(folder.as_ref());
        tokio::task::spawn_blocking(move || clear_half_written(&at)).await?
    }
}

/// `NAME#1` is what becomes `NAME` when all of it is there.
fn clear_half_written(folder: &FilePath) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name();
        let number = name.to_str().and_then(|name| name.rsplit_once('#')).map(|(_, number)| number);
        if !number.is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())) {
            continue;
        }
        let written = entry.metadata().and_then(|file| file.modified());
        let age = written.map(|written| SystemTime::now().duration_since(written).unwrap_or_default());
        // One that is gone has become what it was to become.
        if age.is_ok_and(|age| age > WRITTEN_WITHIN)
            && let Err(error) = fs::remove_file(entry.path())
            && error.kind() != io::ErrorKind::NotFound
        {
            return Err(error);
        }
    }
    Ok(())
}

/// What a store says, as a file system says it.
fn fault(error: Error) -> io::Error {
    match error {
        Error::NotFound { .. } => io::Error::new(io::ErrorKind::NotFound, error.to_string()),
        // Not with the answer of the bucket, which repeats what was signed, and by which key.
        Error::PermissionDenied { .. } | Error::Unauthenticated { .. } => io::Error::new(
            io::ErrorKind::PermissionDenied,
            "the bucket refuses; look at AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and what they may do",
        ),
        // As text: it repeats its causes in its own words, and would be logged with them three times over.
        error => io::Error::new(kind(&error).unwrap_or(io::ErrorKind::Other), error.to_string()),
    }
}

/// Which fault of the file system is behind an error.
fn kind(error: &(dyn StdError + 'static)) -> Option<io::ErrorKind> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(fault) = error.downcast_ref::<io::Error>() {
            return Some(fault.kind());
        }
        next = error.source();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open() -> (tempfile::TempDir, Blobs) {
        let data = tempfile::tempdir().unwrap();
        let blobs = Blobs::folder(data.path().to_owned()).unwrap();
        (data, blobs)
    }

    #[tokio::test]
    async fn what_was_put_is_listed_read_and_removed() {
        let (data, blobs) = open();
        let (folder, name) = (Path::from("ab"), Path::from("ab/one"));
        assert_eq!(blobs.list(&folder).await.unwrap(), []);
        assert_eq!((blobs.get(&name, 9).await.unwrap(), blobs.delete(&name).await.unwrap()), (None, false));
        for bytes in [&b"first"[..], b"second"] {
            blobs.put(&name, Bytes::from(bytes), "text/plain").await.unwrap();
            assert_eq!(blobs.get(&name, 9).await.unwrap().unwrap(), bytes);
        }
        let [Listed { name: listed, bytes: 6, put_at_ms: 1.. }] = &blobs.list(&folder).await.unwrap()[..] else {
            panic!("one of six bytes")
        };
        assert_eq!(listed, "one");
        assert_eq!(blobs.folders(&Path::default()).await.unwrap(), ["ab"]);
        assert_eq!(
            [blobs.bytes(&Path::default()).await.unwrap(), blobs.bytes(&Path::from("cd")).await.unwrap()],
            [6, 0]
        );
        assert_eq!(blobs.get(&name, 5).await.unwrap_err().kind(), io::ErrorKind::InvalidData);
        blobs.remove_folder(&folder).await.unwrap();
        blobs.remove_folder(&folder).await.unwrap();
        assert_eq!(fs::read_dir(data.path()).unwrap().count(), 0);
    }

    #[tokio::test]
    async fn what_a_crash_left_half_written_is_cleared_when_nobody_writes_it_any_more() {
        let (data, blobs) = open();
        let folder = data.path().join("ab");
        fs::create_dir(&folder).unwrap();
        for name in ["kept.jpg", "new.jpg#1", "old.jpg#1", "old.jpg#12", "odd#1.jpg"] {
            let file = fs::File::create(folder.join(name)).unwrap();
            if !name.starts_with("new") {
                file.set_modified(SystemTime::now() - 2 * WRITTEN_WITHIN).unwrap();
            }
        }
        blobs.clear_half_written(&Path::from("ab")).await.unwrap();
        let left = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut left: Vec<_> = left.collect();
        left.sort();
        assert_eq!(left, ["kept.jpg", "new.jpg#1", "odd#1.jpg"]);
        blobs.clear_half_written(&Path::from("cd")).await.unwrap();
    }

    #[tokio::test]
    async fn a_folder_goes_with_what_a_crash_left_in_it_and_stays_with_what_is_being_put() {
        let (data, blobs) = open();
        let folder = Path::from("ab");
        blobs.put(&Path::from("ab/one"), Bytes::from_static(b"first"), "text/plain").await.unwrap();
        let half = fs::File::create(data.path().join("ab/two#1")).unwrap();
        blobs.remove_folder(&folder).await.unwrap();
        let left = fs::read_dir(data.path().join("ab")).unwrap().map(|entry| entry.unwrap().file_name());
        assert_eq!(left.collect::<Vec<_>>(), ["two#1"]);
        half.set_modified(SystemTime::now() - 2 * WRITTEN_WITHIN).unwrap();
        blobs.remove_folder(&folder).await.unwrap();
        assert_eq!(fs::read_dir(data.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_file_and_its_name_are_synced_before_a_put_is_answered() {
        let (_data, blobs) = open();
        // Without cutting the power nothing else shows it.
        assert!(format!("{:?}", blobs.store).contains("fsync: true"), "{:?}", blobs.store);
    }

    #[tokio::test]
    async fn what_is_there_is_not_replaced_by_what_should_be_new() {
        let (data, blobs) = open();
        let name = Path::from("one");
        assert!(blobs.put_new(&name, Bytes::from_static(b"first"), "text/plain").await.unwrap());
        assert!(!blobs.put_new(&name, Bytes::from_static(b"second"), "text/plain").await.unwrap());
        assert_eq!(blobs.get(&name, 9).await.unwrap().unwrap(), &b"first"[..]);
        assert_eq!(fs::read_dir(data.path()).unwrap().count(), 1, "nothing half-written stays behind");
        fs::write(data.path().join("ab"), b"in the way").unwrap();
        assert!(blobs.put_new(&Path::from("ab/one"), Bytes::new(), "text/plain").await.is_err());
    }

    #[tokio::test]
    async fn a_file_in_the_way_is_a_fault_and_a_full_disk_is_told_from_others() {
        let (data, blobs) = open();
        fs::write(data.path().join("ab"), b"in the way").unwrap();
        assert!(blobs.put(&Path::from("ab/one"), Bytes::new(), "text/plain").await.is_err());
        let full = io::Error::from_raw_os_error(28);
        let full = Error::Generic { store: "test", source: Box::new(full) };
        assert_eq!(fault(full).kind(), io::ErrorKind::StorageFull);
    }

    #[test]
    fn a_refusal_of_the_bucket_says_nothing_of_what_was_signed() {
        let path = "photos".to_owned();
        let refused = fault(Error::PermissionDenied { path, source: "<AWSAccessKeyId>AKIA</AWSAccessKeyId>".into() });
        assert!(!format!("{refused:?}").contains("AKIA"));
    }
}

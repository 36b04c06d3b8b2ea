//! Photos of which only the beginning is there: `photos/partial/DEVICE-HASH`. They outlive the connection that brought
//! them and the process that wrote them; how long a file is says how much has arrived.

use std::io;
use std::path::PathBuf;

use tokio::fs::{self, File};
use tokio::io::{AsyncSeekExt, AsyncWriteExt, SeekFrom};
use waypost_app::domain::ids::PhotoHash;

use crate::store::devices::DeviceId;

/// Most bytes that wait in memory to be written to one file.
pub(super) const WRITE_BUFFER: usize = 64 * 1024;

/// The folder of unfinished photos.
#[derive(Debug)]
pub(crate) struct Partials {
    folder: PathBuf,
}

impl Partials {
    pub(super) fn open(folder: PathBuf) -> io::Result<Self> {
        std::fs::create_dir_all(&folder)?;
        Ok(Self { folder })
    }

    pub(crate) fn path(&self, device: &DeviceId, sha256: &PhotoHash) -> PathBuf {
        self.folder.join(format!("{}-{sha256}", device.as_str()))
    }

    /// Bytes that are there; none if there is no file.
    pub(crate) async fn length(&self, device: &DeviceId, sha256: &PhotoHash) -> io::Result<u64> {
        match fs::metadata(self.path(device, sha256)).await {
            Ok(file) => Ok(file.len()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
            Err(error) => Err(error),
        }
    }

    /// Opens a file to go on after its first `offset` bytes; what follows them is dropped.
    pub(crate) async fn go_on(&self, device: &DeviceId, sha256: &PhotoHash, offset: u64) -> io::Result<Writing> {
        let mut options = File::options();
        let mut file = options.create(true).truncate(false).write(true).open(self.path(device, sha256)).await?;
        file.set_len(offset).await?;
        file.seek(SeekFrom::Start(offset)).await?;
        Ok(Writing::new(file))
    }

    /// Removes a file, if it is there.
    pub(crate) async fn remove(&self, device: &DeviceId, sha256: &PhotoHash) -> io::Result<()> {
        match fs::remove_file(self.path(device, sha256)).await {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Whose files are there. What has another kind of name is none of ours.
    pub(crate) async fn list(&self) -> io::Result<Vec<(DeviceId, PhotoHash)>> {
        let mut found = Vec::new();
        let mut entries = fs::read_dir(&self.folder).await?;
        while let Some(entry) = entries.next_entry().await? {
            let name = entry.file_name();
            let parts = name.to_str().and_then(|name| name.split_once('-'));
            let Some((device, sha256)) = parts else { continue };
            if let (Some(device), Ok(sha256)) = (DeviceId::from_stored(device), PhotoHash::parse(sha256)) {
                found.push((device, sha256));
            }
        }
        Ok(found)
    }
}

/// A file that a body is poured into as it comes.
#[derive(Debug)]
pub(crate) struct Writing {
    file: File,
}

impl Writing {
    pub(super) fn new(mut file: File) -> Self {
        file.set_max_buf_size(WRITE_BUFFER);
        Self { file }
    }

    /// Adds bytes. That they are written is certain only after [`Writing::finish`].
    pub(crate) async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes).await
    }

    /// Waits until the system has everything: the end of this process loses nothing of it any more.
    pub(crate) async fn finish(mut self) -> io::Result<()> {
        self.file.flush().await
    }
}

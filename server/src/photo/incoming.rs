//! Bytes of a photo on their way into a file.

use std::fs::File;
use std::path::Path;

use tokio::io::AsyncWriteExt;

use super::scratch::Half;
use super::{MAX_BYTES, PhotoError};

/// Most bytes that wait in memory to be written to one file.
const WRITE_BUFFER: usize = 32 * 1024;

/// A photo that arrives whole or not at all; its file is gone when this is dropped.
#[derive(Debug)]
pub(crate) struct Incoming {
    half: Half,
    file: tokio::fs::File,
    bytes: u64,
}

impl Incoming {
    /// Into an empty file.
    pub(super) fn new(half: Half, file: File) -> Self {
        let mut file = tokio::fs::File::from_std(file);
        file.set_max_buf_size(WRITE_BUFFER);
        Self { half, file, bytes: 0 }
    }

    /// Adds bytes.
    ///
    /// # Errors
    /// [`PhotoError::TooLarge`] as soon as there are too many of them; or what the file system says.
    pub(crate) async fn write(&mut self, bytes: &[u8]) -> Result<(), PhotoError> {
        self.bytes += bytes.len() as u64;
        if self.bytes > MAX_BYTES as u64 {
            return Err(PhotoError::TooLarge);
        }
        Ok(self.file.write_all(bytes).await?)
    }

    /// Ends it: the file can be read.
    pub(crate) async fn finish(mut self) -> Result<Arrived, PhotoError> {
        self.file.flush().await?;
        Ok(Arrived { half: self.half, bytes: self.bytes })
    }
}

/// A whole photo in a file that is gone when this is dropped.
#[derive(Debug)]
pub(crate) struct Arrived {
    half: Half,
    pub(crate) bytes: u64,
}

impl Arrived {
    pub(crate) fn path(&self) -> &Path {
        self.half.path()
    }
}

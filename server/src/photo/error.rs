//! The one error of photos.

use std::io;

use super::{MAX_BYTES, MAX_PIXELS};

/// Why a photo is not taken.
#[derive(Debug, thiserror::Error)]
pub enum PhotoError {
    /// More than [`MAX_BYTES`].
    #[error("is larger than {} MB", MAX_BYTES / 1024 / 1024)]
    TooLarge,
    /// By its first bytes; names and declared types are not looked at.
    #[error("is not a JPEG, PNG or WebP picture")]
    NotAPicture,
    /// It begins like a picture and cannot be decoded to its end.
    #[error("is damaged or incomplete and cannot be opened")]
    Damaged,
    /// More than [`MAX_PIXELS`], or more memory than [`super::PhotoLimits::memory`].
    #[error("has more than {} million pixels, or of a kind that takes as much memory", MAX_PIXELS / 1_000_000)]
    TooManyPixels,
    /// Its turn did not come within [`super::PhotoLimits::patience`], or too many are waiting: later.
    #[error("has to wait for others")]
    Busy,
    /// What is left on the disk is kept for words.
    #[error("the disk is nearly full")]
    Low,
    /// No room on the disk.
    #[error("the disk is full")]
    Full,
    /// Anything else the file system says.
    #[error(transparent)]
    File(io::Error),
}

impl PhotoError {
    /// In one word, for counting.
    pub(crate) fn reason(&self) -> &'static str {
        match self {
            Self::TooLarge => "too_large",
            Self::NotAPicture => "not_a_picture",
            Self::Damaged => "damaged",
            Self::TooManyPixels => "too_many_pixels",
            Self::Busy => "busy",
            Self::Low => "low",
            Self::Full => "full",
            Self::File(_) => "file",
        }
    }
}

impl From<io::Error> for PhotoError {
    fn from(error: io::Error) -> Self {
        if is_full(&error) { Self::Full } else { Self::File(error) }
    }
}

/// Whether a file could not be written for lack of room.
pub(crate) fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_told_from_other_faults() {
        // ENOSPC, EDQUOT, EIO on Linux.
        assert!(matches!(PhotoError::from(io::Error::from_raw_os_error(28)), PhotoError::Full));
        assert!(matches!(PhotoError::from(io::Error::from_raw_os_error(122)), PhotoError::Full));
        assert!(matches!(PhotoError::from(io::Error::from_raw_os_error(5)), PhotoError::File(_)));
    }
}

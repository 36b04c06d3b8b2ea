//! A picture on its way in: sniffed, decoded within bounds, upright, metadata gone, stored under its hash.

use std::io;

/// Whether a file could not be written for lack of room.
pub(crate) fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge)
}

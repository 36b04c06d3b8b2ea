//! The one error of the storage boundary.

use std::sync::Arc;

/// Why something was not stored or could not be read. Cloneable, because one failed commit is many callers' answer.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// No room on the disk.
    #[error("the disk is full")]
    Full,
    /// The database was locked, or all connections were taken, for longer than we wait; or too many changes are waiting.
    #[error("the database is busy")]
    Busy,
    /// [`super::Store::close`] has been called.
    #[error("the store is closed")]
    Closed,
    /// A job panicked; what it did is undone.
    #[error("a write panicked")]
    Panicked,
    /// A row holds what this program never writes.
    #[error("the stored {0} cannot be understood")]
    Unreadable(&'static str),
    /// The database is from an older version of the program, and may not be written to bring it up to date.
    #[error("the database is from an older version of this program; waypost serve brings it up to date")]
    Outdated,
    /// The database is damaged or from a newer version of the program.
    #[error("cannot bring the database up to date: {0}")]
    Migration(Arc<sqlx::migrate::MigrateError>),
    /// Files beside the database.
    #[error(transparent)]
    File(Arc<std::io::Error>),
    /// Anything else the database says.
    #[error(transparent)]
    Database(Arc<sqlx::Error>),
}

/// Primary result codes of `SQLite`.
const SQLITE_BUSY: i32 = 5;
const SQLITE_FULL: i32 = 13;

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::PoolTimedOut => Self::Busy,
            sqlx::Error::PoolClosed => Self::Closed,
            sqlx::Error::Database(cause) => {
                let code = cause.code().and_then(|code| code.parse::<i32>().ok());
                // The low byte is the primary code; the rest only refines it.
                match code.map(|code| code & 0xff) {
                    Some(SQLITE_BUSY) => Self::Busy,
                    Some(SQLITE_FULL) => Self::Full,
                    _ => Self::Database(Arc::new(error)),
                }
            }
            _ => Self::Database(Arc::new(error)),
        }
    }
}

impl From<sqlx::migrate::MigrateError> for StoreError {
    fn from(error: sqlx::migrate::MigrateError) -> Self {
        Self::Migration(Arc::new(error))
    }
}

impl From<std::io::Error> for StoreError {
    fn from(error: std::io::Error) -> Self {
        if crate::photo::is_full(&error) { Self::Full } else { Self::File(Arc::new(error)) }
    }
}

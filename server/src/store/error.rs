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
    /// The database server is not there, or the connection to it broke.
    #[error("the database cannot be reached: {0}")]
    Unreachable(Arc<sqlx::Error>),
    /// There are no tables yet.
    #[error("the database is empty")]
    NoTable,
    /// [`super::Store::close`] has been called.
    #[error("the store is closed")]
    Closed,
    /// A job did not want to have done what it did.
    #[error("undone")]
    Undone,
    /// A job panicked; what it did is undone.
    #[error("a write panicked")]
    Panicked,
    /// A row holds what this program never writes.
    #[error("the stored {0} cannot be understood")]
    Unreadable(&'static str),
    /// The database is from an older version of the program, and may not be written to bring it up to date.
    #[error("the database is from an older version of this program; waypost serve brings it up to date")]
    Outdated,
    /// The database is from a newer version of the program, and may hold what this one does not know.
    #[error("the database is from a newer version of this program; use that one")]
    Newer,
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

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::PoolTimedOut => Self::Busy,
            sqlx::Error::PoolClosed => Self::Closed,
            sqlx::Error::Io(_) | sqlx::Error::Tls(_) => Self::Unreachable(Arc::new(error)),
            sqlx::Error::Database(cause) => {
                let code = cause.code().unwrap_or_default();
                match code.as_ref() {
                    // PostgreSQL's SQLSTATE, five characters: disk_full; lock_not_available, deadlock_detected,
                    // serialization_failure, too_many_connections, query_canceled; undefined_table; the classes of broken
                    // connections and of servers that are stopping or starting.
                    "53100" => Self::Full,
                    "55P03" | "40P01" | "40001" | "53300" | "57014" => Self::Busy,
                    // idle_in_transaction_session_timeout; a standby that is about to take over.
                    "25P03" | "25006" => Self::Unreachable(Arc::new(error)),
                    "42P01" => Self::NoTable,
                    state if state.len() == 5 && (state.starts_with("08") || state.starts_with("57P")) => {
                        Self::Unreachable(Arc::new(error))
                    }
                    state if state.len() == 5 => Self::Database(Arc::new(error)),
                    // SQLite's: the low byte is the primary code, the rest only refines it.
                    number => match number.parse::<i32>().map(|code| code & 0xff) {
                        Ok(5) => Self::Busy,
                        Ok(13) => Self::Full,
                        Ok(1) if cause.message().starts_with("no such table") => Self::NoTable,
                        _ => Self::Database(Arc::new(error)),
                    },
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

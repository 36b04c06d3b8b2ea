//! `waypost migrate`.

use anyhow::Context;
use clap::Args;

use super::{block_on, database, say};
use crate::moving::migrate;

#[derive(Debug, Args)]
pub(super) struct Migrate {
    /// The database to copy, which stays as it is: `sqlite://data/waypost.db`. Stop its server first: what it takes meanwhile is
    /// not copied.
    #[arg(long, env = "WAYPOST_MIGRATE_FROM", value_name = "URL", hide_env_values = true)]
    from: String,
    /// An empty database: `postgres://USER@HOST/NAME`.
    #[arg(long, env = "WAYPOST_MIGRATE_TO", value_name = "URL", hide_env_values = true)]
    to: String,
}

/// Copies everything, and says what was found to be the same on both sides.
pub(super) fn run(asked: Migrate) -> anyhow::Result<()> {
    let named = |url: &str| database(url)?.context("the URL names no database");
    let (from, to) = (named(&asked.from)?, named(&asked.to)?);
    let moved = block_on(async { Ok(migrate(&from, &to).await?) })?;
    say(&moved.to_string())
}

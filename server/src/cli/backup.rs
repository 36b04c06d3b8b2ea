//! `waypost backup` and `waypost restore`.

use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::Args;

use super::{DataDir, block_on, say};
use crate::clock::Clock;
use crate::moving::{backup, restore};
use crate::photo::{Archive, PhotoLimits};

#[derive(Debug, Args)]
pub(super) struct Backup {
    /// The file to write; an older one is replaced when all of the new one is there.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    data: DataDir,
}

#[derive(Debug, Args)]
pub(super) struct Restore {
    /// What `waypost backup` has written.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    data: DataDir,
}

/// Writes everything to a file, also while servers run.
pub(super) fn save(asked: Backup) -> anyhow::Result<()> {
    let database = asked.data.database()?;
    let kept = block_on(async {
        let photos = photos(&asked.data).await?;
        Ok(backup(&database, &photos, &asked.file, Clock::System.now()).await?)
    })?;
    let whence = match asked.data.photos_url()? {
        Some(bucket) => format!("photos from {bucket}"),
        None => format!("photos from {}", asked.data.data_dir.display()),
    };
    let file = asked.file.display();
    say(&format!("{kept}data from {database}, {whence}\n"))?;
    if !kept.missing.is_empty() {
        bail!("{file} is written, but {} files of photos are not in it; is this where they are?", kept.missing.len());
    }
    say(&format!("{file} is complete\n"))
}

/// Brings everything back into an empty database.
pub(super) fn bring_back(asked: Restore) -> anyhow::Result<()> {
    let database = asked.data.database()?;
    let shown = asked.file.display();
    let kept = block_on(async {
        let photos = photos(&asked.data).await?;
        let restored = restore(&database, &photos, &asked.file, Clock::System.now_ms()).await;
        restored.with_context(|| format!("cannot restore {shown}"))
    })?;
    say(&format!("{kept}restored into {database}\n"))
}

async fn photos(data: &DataDir) -> anyhow::Result<Archive> {
    let opened = Archive::open(&data.data_dir, data.photos_url()?.as_ref(), &PhotoLimits::default()).await;
    opened.with_context(|| format!("cannot open the photos in {}", data.data_dir.display()))
}

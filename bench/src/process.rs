//! Starting a server as a process of its own, as it runs in the field, and stopping it again.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;
use uuid::Uuid;

const PATIENCE: Duration = Duration::from_secs(30);

/// A server that has said where it listens. Killed when dropped.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    pub(crate) addr: SocketAddr,
    /// Just before the process was created.
    pub(crate) started: Instant,
}

impl Server {
    /// The program with the sample district on a data directory.
    pub(crate) async fn program(program: &Path, data: &Path) -> anyhow::Result<Self> {
        let mut command = Command::new(program);
        // All load comes from one address and a handful of phones.
        command.args(["serve", "--no-rate-limits", "--addr", "127.0.0.1:0", "--data-dir"]).arg(data);
        Self::start(command, &data.join("server.log")).await
    }

    /// The same, with its data in another database.
    pub(crate) async fn program_on(program: &Path, data: &Path, database: &str) -> anyhow::Result<Self> {
        let mut command = Command::new(program);
        command.args(["serve", "--no-rate-limits", "--addr", "127.0.0.1:0", "--data-dir"]).arg(data);
        command.env("WAYPOST_DATABASE_URL", database);
        Self::start(command, &data.join("server.log")).await
    }

    /// The program on a data directory, without the sample district: it starts sooner, which counts where it starts often.
    pub(crate) async fn empty(program: &Path, data: &Path) -> anyhow::Result<Self> {
        let mut command = Command::new(program);
        command.args(["serve", "--addr", "127.0.0.1:0", "--no-sample", "--data-dir"]).arg(data);
        Self::start(command, &data.join("server.log")).await
    }

    /// This program again, serving recorded replies.
    pub(crate) async fn bare(replies: &Path) -> anyhow::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("bare").arg(replies);
        Self::start(command, &replies.join("server.log")).await
    }

    /// This program again, taking reports into a database that holds one like them.
    pub(crate) async fn bare_reports(database: &Path, like: Uuid) -> anyhow::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("bare-reports").arg(database).arg(like.to_string());
        Self::start(command, &database.with_extension("log")).await
    }

    /// This program again, taking photos into a folder.
    pub(crate) async fn bare_photos(folder: &Path) -> anyhow::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("bare-photos").arg(folder);
        Self::start(command, &folder.join("server.log")).await
    }

    async fn start(mut command: Command, log: &Path) -> anyhow::Result<Self> {
        let log_file = std::fs::File::options().create(true).append(true).open(log)?;
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log_file).kill_on_drop(true);
        let started = Instant::now();
        let mut child = command.spawn().with_context(|| format!("cannot start {command:?}"))?;
        let stdout = child.stdout.take().context("standard output is piped")?;
        let mut lines = BufReader::new(stdout).lines();
        let listening = async {
            while let Some(line) = lines.next_line().await? {
                if let Some((_, address)) = line.split_once("listening on http://") {
                    return Ok(address.split_whitespace().next().unwrap_or_default().parse()?);
                }
            }
            bail!("{command:?} ended without saying where it listens; see {}", log.display())
        };
        let addr = timeout(PATIENCE, listening).await.context("the server does not come up")??;
        // A full pipe would stop a server that goes on talking.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Ok(Self { child, addr, started })
    }

    /// The process id, for a look at its memory.
    pub(crate) fn id(&self) -> anyhow::Result<u32> {
        self.child.id().context("the server has ended")
    }

    /// Ends it as a power cut does, in the middle of whatever it does.
    pub(crate) async fn kill(mut self) -> anyhow::Result<()> {
        self.child.kill().await.context("cannot kill the server")
    }

    /// Asks it to stop and waits until it has.
    pub(crate) async fn stop(mut self) -> anyhow::Result<()> {
        let asked = Command::new("kill").args(["-TERM", &self.id()?.to_string()]).status().await?;
        if !asked.success() {
            bail!("cannot signal the server");
        }
        timeout(PATIENCE, self.child.wait()).await.context("the server does not stop")??;
        Ok(())
    }
}

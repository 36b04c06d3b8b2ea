//! Thousands of reports through faulty wires to a server that is killed again and again, each sent as the outbox sends
//! it: photos first, half of them in parts, then the report, again under the same id until there is a receipt that
//! carries it. Then both sides are counted.

mod dice;
mod line;
mod phone;
mod stored;
mod tries;
mod upload;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::ensure;
use clap::Args;
use tokio::task::JoinSet;
use tokio::time::timeout;
use uuid::Uuid;

use crate::Setting;
use crate::process::Server;
use crate::wire::Wire;
use dice::Dice;
use line::{Line, Shared};
use phone::Report;
use stored::Stored;
use tries::Tries;

/// How long the last reports may take once nothing is wrong any more.
const PATIENCE: Duration = Duration::from_mins(2);

#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct Options {
    /// Reports to send.
    #[arg(long, default_value_t = 9_700)]
    reports: usize,
    /// How often the server is killed meanwhile.
    #[arg(long, default_value_t = 200)]
    kills: usize,
    /// Reports on their way at once.
    #[arg(long, default_value_t = 32)]
    phones: usize,
    /// Repeats the faults of an earlier run, as far as scheduling lets it.
    #[arg(long)]
    seed: Option<u64>,
}

/// What came of it.
#[derive(Debug)]
pub(crate) struct Count {
    seed: u64,
    seconds: f64,
    reports: usize,
    photos: usize,
    kills: usize,
    /// How many there should have been.
    asked_kills: usize,
    tries: Tries,
    /// Acknowledged, and not in the database as it was acknowledged.
    lost: usize,
    /// In the database, and never sent, or there more often.
    doubled: usize,
    /// Never acknowledged.
    stuck: usize,
}

impl Count {
    /// # Errors
    /// If anything is lost, doubled or stuck, or if less was tried than was asked for.
    pub(crate) fn verdict(&self) -> anyhow::Result<()> {
        ensure!(self.lost + self.doubled + self.stuck == 0, "something is lost, doubled or stuck; seed {}", self.seed);
        let (kills, asked) = (self.kills, self.asked_kills);
        ensure!(kills >= asked, "the server was killed {kills} times and not {asked}; seed {}", self.seed);
        Ok(())
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "seed {}, {:.0} s", self.seed, self.seconds)?;
        writeln!(f, "reports {}, with photos {}, SIGKILLs of the server {}", self.reports, self.photos, self.kills)?;
        writeln!(f, "{}", self.tries)?;
        write!(f, "lost {}, doubled {}, stuck {}", self.lost, self.doubled, self.stuck)
    }
}

/// What the phones have been told.
#[derive(Debug, Default)]
struct Told {
    /// The code in the receipt, by report.
    receipts: Mutex<BTreeMap<Uuid, String>>,
    count: AtomicUsize,
}

/// # Errors
/// If the server does not start, or answers what the outbox would not send again for.
pub(crate) async fn run(setting: &Setting, options: Options) -> anyhow::Result<Count> {
    let seed = options.seed.map_or_else(dice::any_seed, Ok)?;
    crate::say(&format!("soak: seed {seed}"));
    let mut dice = Dice::new(seed);
    let data = setting.fresh("soak")?;
    let mut server = Server::empty(&setting.program, &data).await?;
    let mut idle = Vec::with_capacity(options.phones);
    for _ in 0..options.phones {
        idle.push(Arc::new(Wire::to(server.addr).await?));
    }
    let wires = idle.clone();
    let started = Instant::now();
    let reports: Vec<Report> = (0..options.reports).map(|number| Report::new(number, &mut dice)).collect();
    let photos = reports.iter().filter(|report| report.photo.is_some()).count();
    let begun: BTreeSet<Uuid> = reports.iter().map(|report| report.id).collect();
    let (told, shared) = (Arc::new(Told::default()), Arc::new(Shared::default()));

    let mut sending = JoinSet::new();
    let mut waiting = reports.into_iter();
    let (mut killed, every) = (0, options.reports / (options.kills + 1));
    loop {
        while !idle.is_empty()
            && let Some(report) = waiting.next()
            && let Some(wire) = idle.pop()
        {
            let told = told.clone();
            let mut line = Line { wire, dice: report.dice, shared: shared.clone() };
            sending.spawn(async move {
                let code = report.send(&mut line).await?;
                told.receipts.lock().unwrap_or_else(PoisonError::into_inner).insert(report.id, code);
                told.count.fetch_add(1, Ordering::Relaxed);
                anyhow::Ok(line.wire)
            });
        }
        if waiting.len() == 0 {
            // Nothing is wrong any more: whatever does not arrive now is stuck.
            shared.calm_down();
        }
        let Ok(next) = timeout(PATIENCE, sending.join_next()).await else { break };
        let Some(done) = next else { break };
        idle.push(done??);
        if killed < options.kills && told.count.load(Ordering::Relaxed) >= (killed + 1) * every {
            shared.disturb();
            server.kill().await?;
            server = Server::empty(&setting.program, &data).await?;
            for wire in &wires {
                wire.lead_to(server.addr);
            }
            shared.disturb();
            killed += 1;
            if killed.is_multiple_of(20) {
                crate::say(&format!("soak: {killed} SIGKILLs, {} acknowledged", told.count.load(Ordering::Relaxed)));
            }
        }
    }
    sending.shutdown().await;
    server.stop().await?;

    let receipts = std::mem::take(&mut *told.receipts.lock().unwrap_or_else(PoisonError::into_inner));
    let tries = std::mem::take(&mut *shared.tries());
    let stored = Stored::read(&data).await?;
    Ok(Count {
        seed,
        seconds: started.elapsed().as_secs_f64(),
        reports: begun.len(),
        photos,
        kills: killed,
        asked_kills: options.kills,
        tries,
        lost: receipts.iter().filter(|(id, code)| stored.whole.get(id) != Some(code)).count(),
        doubled: stored.rows - stored.ids.intersection(&begun).count(),
        stuck: begun.len() - receipts.len(),
    })
}

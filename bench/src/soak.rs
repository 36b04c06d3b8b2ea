//! Thousands of reports through a faulty wire to a server that is killed again and again, each sent as the outbox sends
//! it: photos first, then the report, again under the same id until there is a receipt that carries it. Then both sides
//! are counted.

mod dice;
mod phone;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use clap::Args;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, SqliteConnection};
use tokio::task::JoinSet;
use tokio::time::timeout;
use uuid::Uuid;

use crate::Setting;
use crate::process::Server;
use crate::reports::database;
use crate::wire::{Fault, ONE_BAR, Wire};
use dice::Dice;
use phone::{Report, Tries};

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
    /// If anything is lost, doubled or stuck.
    pub(crate) fn verdict(&self) -> anyhow::Result<()> {
        ensure!(self.lost + self.doubled + self.stuck == 0, "something is lost, doubled or stuck; seed {}", self.seed);
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
    let wire = Wire::to(server.addr).await?;
    let started = Instant::now();
    let reports: Vec<Report> =
        (0..options.reports).map(|number| Report::new(number, &mut dice)).collect::<Result<_, _>>()?;
    let photos = reports.iter().filter(|report| report.photo.is_some()).count();
    let begun: BTreeSet<Uuid> = reports.iter().map(|report| report.id).collect();
    let (told, tries) = (Arc::new(Told::default()), Arc::new(Mutex::new(Tries::default())));

    wire.suffer_drawn(Box::new({
        let mut dice = Dice::new(seed ^ 0x5151_5151);
        move || fault(&mut dice)
    }));
    let mut sending = JoinSet::new();
    let mut waiting = reports.into_iter();
    let (mut killed, every) = (0, options.reports / (options.kills + 1));
    loop {
        while sending.len() < options.phones
            && let Some(report) = waiting.next()
        {
            let (told, tries, addr) = (told.clone(), tries.clone(), wire.addr);
            sending.spawn(async move {
                let code = report.send(addr, &tries).await?;
                told.receipts.lock().unwrap_or_else(PoisonError::into_inner).insert(report.id, code);
                told.count.fetch_add(1, Ordering::Relaxed);
                anyhow::Ok(())
            });
        }
        if waiting.len() == 0 {
            // Nothing is wrong any more: whatever does not arrive now is stuck.
            wire.suffer(Fault::None);
        }
        let Ok(next) = timeout(PATIENCE, sending.join_next()).await else { break };
        let Some(done) = next else { break };
        done??;
        if killed < options.kills && told.count.load(Ordering::Relaxed) >= (killed + 1) * every {
            server.kill().await?;
            server = Server::empty(&setting.program, &data).await?;
            wire.lead_to(server.addr);
            killed += 1;
            if killed.is_multiple_of(20) {
                crate::say(&format!("soak: {killed} SIGKILLs, {} acknowledged", told.count.load(Ordering::Relaxed)));
            }
        }
    }
    sending.shutdown().await;
    server.stop().await?;

    let receipts = std::mem::take(&mut *told.receipts.lock().unwrap_or_else(PoisonError::into_inner));
    let tries = std::mem::take(&mut *tries.lock().unwrap_or_else(PoisonError::into_inner));
    let stored = Stored::read(&data).await?;
    Ok(Count {
        seed,
        seconds: started.elapsed().as_secs_f64(),
        reports: begun.len(),
        photos,
        kills: killed,
        tries,
        lost: receipts.iter().filter(|(id, code)| stored.whole.get(id) != Some(code)).count(),
        doubled: stored.rows - stored.ids.intersection(&begun).count(),
        stuck: begun.len() - receipts.len(),
    })
}

/// One bar of signal, tunnels, cafés and proxies; half of all goes well.
fn fault(dice: &mut Dice) -> Fault {
    const PORTAL: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 19\r\nconnection: close\r\n\r\n<title>Wi-Fi</title";
    const BAD_GATEWAY: &str = "HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    const BUSY: &str =
        "HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    match dice.below(100) {
        0..10 => Fault::CutUp { after: dice.below(1_500) },
        10..20 => Fault::Swallow,
        20..28 => Fault::Reset,
        28..30 => Fault::Hold { after: dice.below(1_500) },
        30..36 => ONE_BAR,
        36..40 => Fault::Answer(PORTAL),
        40..44 => Fault::Answer(BAD_GATEWAY),
        44..46 => Fault::Answer(BUSY),
        _ => Fault::None,
    }
}

/// What the database holds, read past the server.
#[derive(Debug)]
struct Stored {
    rows: usize,
    ids: BTreeSet<Uuid>,
    /// The code of each report of which every photo is on the disk, too.
    whole: BTreeMap<Uuid, String>,
}

impl Stored {
    async fn read(data: &Path) -> anyhow::Result<Self> {
        let mut conn = SqliteConnectOptions::new().filename(database(data)?).connect().await?;
        let check: String = sqlx::query_scalar("PRAGMA integrity_check").fetch_one(&mut conn).await?;
        if check != "ok" {
            bail!("the database is damaged: {check}");
        }
        let missing = missing_photos(data, &mut conn).await?;
        let rows: Vec<(String, String)> = sqlx::query_as("SELECT id, code FROM reports").fetch_all(&mut conn).await?;
        conn.close().await?;
        let (mut ids, mut whole) = (BTreeSet::new(), BTreeMap::new());
        for (id, code) in &rows {
            let uuid: Uuid = id.parse().context("an id that is none")?;
            ids.insert(uuid);
            if !missing.contains(id) {
                whole.insert(uuid, code.clone());
            }
        }
        Ok(Self { rows: rows.len(), ids, whole })
    }
}

/// Reports whose photo is in the database and not on the disk, and such as should have one and have none.
async fn missing_photos(data: &Path, conn: &mut SqliteConnection) -> anyhow::Result<BTreeSet<String>> {
    let named: Vec<(String, String)> = sqlx::query_as(
        "SELECT report_photos.report, photos.blob_sha256 FROM report_photos JOIN photos ON photos.sha256 = report_photos.photo",
    )
    .fetch_all(&mut *conn)
    .await?;
    let (mut missing, mut whole) = (BTreeSet::new(), BTreeSet::new());
    for (report, blob) in named {
        let folder = blob.get(..2).context("a hash that is none")?;
        let there = data.join("photos").join(folder).join(format!("{blob}.jpg")).is_file();
        if there {
            whole.insert(report)
        } else {
            missing.insert(report)
        };
    }
    let with_photo: Vec<String> = sqlx::query_scalar("SELECT id FROM reports WHERE description = $1")
        .bind(phone::WITH_PHOTO)
        .fetch_all(conn)
        .await?;
    missing.extend(with_photo.into_iter().filter(|id| !whole.contains(id)));
    Ok(missing)
}

//! A faulty wire: a TCP proxy in front of a server, which cuts, swallows, slows and silences what goes over it.

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::sleep;

/// What befalls one connection. Bytes are counted from its first one, heads of requests included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    None,
    /// Reset before anything reaches the server.
    Reset,
    /// So many bytes reach the server, then both sides are reset.
    CutUp {
        after: usize,
    },
    /// Everything reaches the server; when its answer begins, the phone is reset. What it answers after is committed.
    Swallow,
    /// Everything reaches the server; of what it answers so many bytes (at least one) reach the phone, then both sides are
    /// reset.
    CutDown {
        after: usize,
    },
    /// So many bytes reach the server, then there is silence, with both sides open.
    Hold {
        after: usize,
    },
    /// Somebody else answers with these bytes, whatever is asked, and nothing reaches the server: a captive portal, a
    /// proxy.
    Answer(&'static str),
    /// Bytes a second, and how long each is on its way.
    Pace {
        bytes_per_second: u32,
        latency: Duration,
    },
}

/// 750 kbit/s and 150 ms: one bar of signal.
pub const ONE_BAR: Fault = Fault::Pace { bytes_per_second: 93_750, latency: Duration::from_millis(150) };

/// A wire with an address that stays the same whatever becomes of the server. Cut when dropped.
#[derive(Debug)]
pub struct Wire {
    pub addr: SocketAddr,
    shared: Arc<Shared>,
    accepting: JoinHandle<()>,
}

#[derive(Debug)]
struct Shared {
    plan: Mutex<Plan>,
    /// Bytes passed on to the server.
    up: AtomicU64,
    /// Changes when the connections of that moment fall silent.
    silenced: watch::Sender<()>,
}

struct Plan {
    target: SocketAddr,
    /// For the next connections, one each.
    next: VecDeque<Fault>,
    /// For those after.
    then: Draw,
}

/// Decides what befalls a connection.
pub type Draw = Box<dyn FnMut() -> Fault + Send>;

impl fmt::Debug for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plan").field("target", &self.target).field("next", &self.next).finish_non_exhaustive()
    }
}

impl Shared {
    fn plan(&self) -> MutexGuard<'_, Plan> {
        // A panic elsewhere leaves a plan that is whole.
        self.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wire {
    /// A wire without faults to a server.
    ///
    /// # Errors
    /// No port is free.
    pub async fn to(target: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let addr = listener.local_addr()?;
        let plan = Plan { target, next: VecDeque::new(), then: Box::new(|| Fault::None) };
        let silenced = watch::Sender::new(());
        let shared = Arc::new(Shared { plan: Mutex::new(plan), up: AtomicU64::new(0), silenced });
        let accepting = tokio::spawn(accept(listener, shared.clone()));
        Ok(Self { addr, shared, accepting })
    }

    /// The server has moved: it was started again.
    pub fn lead_to(&self, target: SocketAddr) {
        self.shared.plan().target = target;
    }

    /// What befalls every connection from now on.
    pub fn suffer(&self, fault: Fault) {
        self.suffer_drawn(Box::new(move || fault));
    }

    /// The same, decided for each connection anew.
    pub fn suffer_drawn(&self, draw: Draw) {
        let mut plan = self.shared.plan();
        plan.next.clear();
        plan.then = draw;
    }

    /// What befalls the next connections, one each, before [`Wire::suffer`] counts again.
    pub fn suffer_next(&self, faults: impl IntoIterator<Item = Fault>) {
        self.shared.plan().next.extend(faults);
    }

    /// From now on nothing goes over the connections that there are, either way, with both sides open: a host is gone and
    /// nobody says so. Later connections are as good as ever.
    pub fn fall_silent(&self) {
        self.shared.silenced.send_replace(());
    }

    /// Bytes passed on to the server so far.
    pub fn sent_up(&self) -> u64 {
        self.shared.up.load(Ordering::Relaxed)
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    // Dropped with this task, and with it every connection.
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        let Ok((phone, _)) = listener.accept().await else { continue };
        let (target, fault) = {
            let mut plan = shared.plan();
            let fault = plan.next.pop_front().unwrap_or_else(|| (plan.then)());
            (plan.target, fault)
        };
        let shared = shared.clone();
        // A broken connection is what this is for: there is nothing to do about its error.
        connections.spawn(async move { carry(phone, target, fault, &shared).await.is_ok() });
    }
}

async fn carry(phone: TcpStream, target: SocketAddr, fault: Fault, shared: &Shared) -> io::Result<()> {
    let mut silenced = shared.silenced.subscribe();
    match fault {
        Fault::None | Fault::Pace { .. } => {}
        Fault::Answer(words) => return answer(phone, words).await,
        // What ends early ends with a reset, as on a lost network.
        _ => phone.set_zero_linger()?,
    }
    if fault == Fault::Reset {
        return Ok(());
    }
    let server = TcpStream::connect(target).await?;
    phone.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let (mut phone_in, mut phone_out) = phone.into_split();
    let (mut server_in, mut server_out) = server.into_split();
    let carrying = async {
        match fault {
            Fault::None => {
                let up = pass(&mut phone_in, &mut server_out, None, &shared.up);
                let down = pass(&mut server_in, &mut phone_out, None, &IGNORED);
                both(up, down).await
            }
            Fault::Pace { bytes_per_second, latency } => {
                sleep(latency).await;
                let pace = Some(f64::from(bytes_per_second));
                let up = pass(&mut phone_in, &mut server_out, pace, &shared.up);
                let down = async {
                    sleep(latency).await;
                    pass(&mut server_in, &mut phone_out, pace, &IGNORED).await
                };
                both(up, down).await
            }
            Fault::CutUp { after } => {
                let whole = limited(&mut phone_in, &mut server_out, after, &shared.up).await?;
                if whole { pass(&mut server_in, &mut phone_out, None, &IGNORED).await } else { Ok(()) }
            }
            Fault::Hold { after } => {
                limited(&mut phone_in, &mut server_out, after, &shared.up).await?;
                // Whatever the server says is kept from the phone; when the server hangs up, so do we.
                let mut unheard = [0; 1024];
                while server_in.read(&mut unheard).await? > 0 {}
                Ok(())
            }
            Fault::Swallow => {
                let up = pass(&mut phone_in, &mut server_out, None, &shared.up);
                let answered = async {
                    server_in.read_exact(&mut [0; 1]).await?;
                    Ok(())
                };
                tokio::select! { done = answered => done, failed = endless(up) => failed }
            }
            Fault::CutDown { after } => {
                let up = pass(&mut phone_in, &mut server_out, None, &shared.up);
                let cut = async {
                    limited(&mut server_in, &mut phone_out, after, &IGNORED).await?;
                    Ok(())
                };
                tokio::select! { done = cut => done, failed = endless(up) => failed }
            }
            Fault::Reset | Fault::Answer(_) => Ok(()),
        }
    };
    tokio::select! {
        biased;
        _ = silenced.changed() => std::future::pending().await,
        done = carrying => done,
    }
}

async fn answer(mut phone: TcpStream, words: &str) -> io::Result<()> {
    let mut asked = Vec::new();
    // The head is enough; what follows of a body is read below, so that closing does not reset what was answered.
    while !asked.windows(4).any(|end| end == b"\r\n\r\n") {
        if phone.read_buf(&mut asked).await? == 0 {
            return Ok(());
        }
    }
    phone.write_all(words.as_bytes()).await?;
    phone.shutdown().await?;
    let mut rest = [0; 4096];
    while phone.read(&mut rest).await? > 0 {}
    Ok(())
}

static IGNORED: AtomicU64 = AtomicU64::new(0);

/// Until the answer has ended: a client that has sent everything still listens.
async fn both(up: impl Future<Output = io::Result<()>>, down: impl Future<Output = io::Result<()>>) -> io::Result<()> {
    tokio::select! { done = down => done, failed = endless(up) => failed }
}

/// Ends only with an error.
async fn endless(work: impl Future<Output = io::Result<()>>) -> io::Result<()> {
    work.await?;
    std::future::pending().await
}

/// Passes bytes on to their end, at so many a second.
async fn pass(
    from: &mut OwnedReadHalf,
    to: &mut OwnedWriteHalf,
    bytes_per_second: Option<f64>,
    counted: &AtomicU64,
) -> io::Result<()> {
    let mut buffer = vec![0; if bytes_per_second.is_some() { 2048 } else { 65_536 }];
    loop {
        let read = from.read(&mut buffer).await?;
        let Some(bytes) = buffer.get(..read).filter(|bytes| !bytes.is_empty()) else { return to.shutdown().await };
        if let Some(rate) = bytes_per_second {
            sleep(Duration::from_secs_f64(bytes.len() as f64 / rate)).await;
        }
        to.write_all(bytes).await?;
        counted.fetch_add(bytes.len() as u64, Ordering::Relaxed);
    }
}

/// Passes at most so many bytes on; true if that was all there was.
async fn limited(
    from: &mut OwnedReadHalf,
    to: &mut OwnedWriteHalf,
    most: usize,
    counted: &AtomicU64,
) -> io::Result<bool> {
    let mut left = most;
    let mut buffer = vec![0; 65_536];
    while left > 0 {
        let most = left.min(buffer.len());
        let Some(room) = buffer.get_mut(..most) else { return Ok(false) };
        let read = from.read(room).await?;
        let Some(bytes) = room.get(..read).filter(|bytes| !bytes.is_empty()) else {
            to.shutdown().await?;
            return Ok(true);
        };
        to.write_all(bytes).await?;
        counted.fetch_add(read as u64, Ordering::Relaxed);
        left -= read;
    }
    Ok(false)
}

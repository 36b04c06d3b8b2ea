//! Starting and stopping.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use axum::Router;
use futures::future::OptionFuture;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;
use waypost_app::domain::time::CHINA;

use crate::api;
use crate::config::{Config, Limits};
use crate::http::{Fetched, Known, Peer};
use crate::intake::Intake;
use crate::metrics::Metrics;
use crate::people::{self, People};
use crate::photo::Archive;
use crate::public::Counts;
use crate::retention;
use crate::router::router;
use crate::sample::Sample;
use crate::schedule::calendar::Calendar;
use crate::shell::Pages;
use crate::site::Site;
use crate::snapshots::{self, Snapshots};
use crate::state::AppState;
use crate::store::{self, Store, StoreError};

/// Bytes of a request that are read ahead; its head must fit.
const READ_BUFFER: usize = 32 * 1024;
/// Bytes of an answer that the system keeps of each connection, which it doubles. Only when a third of them has arrived does
/// it say that any has, and by itself it keeps up to four megabytes: whoever reads slowly would look like one who does not
/// read. Of these a third arrives within some ten seconds at [`Limits::slowest`], well before [`Limits::stalled`].
const SEND_BUFFER: u32 = 32 * 1024;
/// Connections that may wait to be accepted.
const BACKLOG: u32 = 1024;

/// A server that accepts connections.
#[derive(Debug)]
pub struct Running {
    addr: SocketAddr,
    metrics_addr: Option<SocketAddr>,
    first_link: Option<String>,
    state: AppState,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Running {
    /// Where it listens; the real port even if port 0 was asked for.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Where it shows its metrics, if that is an address of its own.
    pub fn metrics_addr(&self) -> Option<SocketAddr> {
        self.metrics_addr
    }

    /// While there is no staff: the address at which the first admin sets themselves up. It is known to nobody else.
    pub fn first_link(&self) -> Option<&str> {
        self.first_link.as_deref()
    }

    /// What its handlers reach.
    pub fn state(&self) -> &AppState {
        &self.state
    }

    /// Finishes what is under way, as long as [`Limits::drain`], then closes the store.
    ///
    /// # Errors
    /// Whatever ended the server.
    pub async fn stop(self) -> anyhow::Result<()> {
        self.stop.cancel();
        self.task.await.context("the server task panicked")?;
        self.state.store.close().await;
        Ok(())
    }
}

/// Opens the store, listens, and serves in the background.
///
/// # Errors
/// If the data directory or the address cannot be used; the words say what to do about it.
pub async fn start(config: Config) -> anyhow::Result<Running> {
    // Before anything is opened: a second server on the same port must not touch the first one's data.
    let listener = listen(config.addr)?;
    let addr = listener.local_addr()?;
    let metrics = match config.metrics_addr {
        Some(addr) => Some(listen(addr).context("--metrics-addr")?),
        None => None,
    };
    let metrics_addr = metrics.as_ref().map(TcpListener::local_addr).transpose()?;
    let state = open(config).await?;
    let app = router(state.clone())?;
    let first_link = first_link(&state, addr).await.context("cannot look for the staff")?;
    let stop = state.stop.clone();
    tokio::spawn(state.intake.clone().keep_sweeping(stop.clone()));
    tokio::spawn(retention::keep_sweeping(state.clone(), stop.clone()));
    tokio::spawn(retention::keep_dropping(state.clone(), stop.clone()));
    tokio::spawn(follow_others(state.clone(), stop.clone()));
    tokio::spawn(tell_others(state.clone(), stop.clone()));
    let limits = state.config.limits;
    let serving = accept(listener, app, limits, stop.clone());
    let metrics = metrics.map(|metrics| accept(metrics, api::metrics::alone(state.clone()), limits, stop.clone()));
    let task = tokio::spawn(async move {
        tokio::join!(serving, OptionFuture::from(metrics));
    });
    Ok(Running { addr, metrics_addr, first_link, state, stop, task })
}

async fn first_link(state: &AppState, addr: SocketAddr) -> Result<Option<String>, StoreError> {
    let now_ms = state.clock.now_ms();
    let token = state.store.write(move |conn| Box::pin(people::first_link(conn, now_ms))).await?;
    let site = state.config.public_url.as_ref().map_or_else(|| format!("http://{addr}"), |url| url.as_str().to_owned());
    Ok(token.map(|token| people::url(&site, &token)))
}

/// Shows what other copies have changed as soon as the database tells of it.
async fn follow_others(state: AppState, stop: CancellationToken) {
    stop.run_until_cancelled(state.store.follow(|| state.snapshots.changed())).await;
}

/// Lets other copies know that the queue of staff looks different.
async fn tell_others(state: AppState, stop: CancellationToken) {
    stop.run_until_cancelled(state.store.tell_of_cases()).await;
}

fn listen(addr: SocketAddr) -> anyhow::Result<TcpListener> {
    bind(addr).map_err(|error| match error.kind() {
        std::io::ErrorKind::AddrInUse => anyhow::anyhow!(
            "{addr} is taken by another program. Stop that one, or choose another port: waypost serve --addr {}:0",
            addr.ip()
        ),
        std::io::ErrorKind::PermissionDenied => anyhow::anyhow!(
            "not allowed to listen on {addr}. Ports below 1024 need extra rights: choose a higher one with --addr"
        ),
        std::io::ErrorKind::AddrNotAvailable => {
            anyhow::anyhow!(
                "{addr} is not an address of this machine. Use --addr 0.0.0.0:{} for all of them",
                addr.port()
            )
        }
        _ => anyhow::Error::new(error).context(format!("cannot listen on {addr}")),
    })
}

/// What is set here the connections take over.
fn bind(addr: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = if addr.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // A restart would otherwise wait until the connections of the server before are forgotten.
    socket.set_reuseaddr(true)?;
    socket.set_send_buffer_size(SEND_BUFFER)?;
    socket.bind(addr)?;
    socket.listen(BACKLOG)
}

async fn open(config: Config) -> anyhow::Result<AppState> {
    writable(&config.data_dir)?;
    let calendar = Calendar::china().context("the built-in calendar is wrong")?;
    let database = config.database();
    let store = Store::open_with(&database, config.limits.queue)
        .await
        .with_context(|| format!("cannot open the database {database}"))?;
    let photos = Archive::open(&config.data_dir, config.photos_url.as_ref(), &config.photos);
    let photos = photos.await.with_context(|| match &config.photos_url {
        Some(url) => format!("cannot use the photos at {url}"),
        None => format!("cannot open the photos in {}", config.data_dir.display()),
    })?;
    let photos = photos.sparing(database.folder());
    let sample = config.sample.then(Sample::gongshu).transpose().context("the built-in sample district is wrong")?;
    let today = CHINA.day(config.clock.minute());
    snapshots::found(&store, today, &calendar, sample).await.context("cannot set up the district")?;
    let identity = store.write(|conn| Box::pin(store::identity(conn))).await.context("cannot name the database")?;
    if !photos.claim_for(identity).await.context("cannot tell whose the photos are")? {
        let place = config.photos_url.as_ref().map_or_else(|| "photos/".to_owned(), ToString::to_string);
        anyhow::bail!(
            "the photos in {place} belong to another database than {database}, and would be dropped as nobody's. Start with the \
             database they belong to, or give another place for photos; to let this database have them, remove {place}/belongs-to"
        );
    }
    let site = Site::open(config.site_dir.as_deref(), &config.data_dir).context("cannot read the site")?;
    let metrics = Metrics::new(store.pulse(), site.build_id());
    let known = Known::of(store.clone(), config.clock.clone());
    let intake =
        Intake::new(store.clone(), known.clone(), photos.clone(), config.clock.clone(), config.photos, metrics.clone());
    Ok(AppState {
        clock: config.clock.clone(),
        snapshots: Snapshots::new(store.clone(), config.clock.clone(), calendar),
        intake,
        known,
        metrics,
        people: People::default(),
        photos,
        site,
        pages: Pages::default(),
        counts: Counts::default(),
        sweeping: Arc::default(),
        stop: CancellationToken::new(),
        store,
        config: Arc::new(config),
    })
}

/// Says in plain words that the data directory cannot be used, before the database says it in its own.
fn writable(data_dir: &Path) -> anyhow::Result<()> {
    // A file without a name: several copies may look at once.
    let probed = std::fs::create_dir_all(data_dir).and_then(|()| tempfile::tempfile_in(data_dir));
    probed.map(drop).with_context(|| {
        format!(
            "cannot write to the data directory {}. Make it writable for this user, or choose another with --data-dir",
            data_dir.display()
        )
    })
}

/// Accepts connections until told to stop, then waits for the requests under way.
async fn accept(listener: TcpListener, app: Router, limits: Limits, stop: CancellationToken) {
    let connections = GracefulShutdown::new();
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                let speaking = speaking(stream, Peer(peer.ip()), app.clone(), limits, connections.watcher());
                let stop = stop.clone();
                // Whoever has not said anything yet is not waited for.
                tokio::spawn(async move { stop.run_until_cancelled(speaking).await });
            }
            Err(error) => {
                // Mostly "too many open files": the connections that end meanwhile make room.
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
    drop(listener);
    if tokio::time::timeout(limits.drain, connections.shutdown()).await.is_err() {
        tracing::warn!("stopped with requests still under way");
    }
}

/// Serves a connection as soon as its client begins to speak; hyper's own limit only begins there.
async fn speaking(stream: TcpStream, peer: Peer, app: Router, limits: Limits, connections: Watcher) {
    // Not `readable`, which may say so of a socket that is not.
    if let Ok(Ok(1..)) = tokio::time::timeout(limits.head, stream.peek(&mut [0])).await {
        connect(stream, peer, app, limits, connections);
    }
}

fn connect(stream: TcpStream, peer: Peer, app: Router, limits: Limits, connections: Watcher) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "small answers on this connection may be delayed");
    }
    // HTTP/1 from the first byte on: while the version is still a question, nothing ends a connection that stays silent.
    // Browsers speak HTTP/2 only over TLS, which a proxy ends.
    let mut builder = auto::Builder::new(TokioExecutor::new()).http1_only();
    // As much as one connection may take of our memory; hyper's own default is twelve times that.
    builder.http1().max_buf_size(READ_BUFFER).timer(TokioTimer::new()).header_read_timeout(limits.head);
    let service = app.map_request(move |mut request: hyper::Request<hyper::body::Incoming>| {
        request.extensions_mut().insert(peer);
        request.map(axum::body::Body::new)
    });
    let stream = TokioIo::new(Fetched::new(stream, limits.stalled));
    let connection = builder.serve_connection_with_upgrades(stream, TowerToHyperService::new(service)).into_owned();
    let connection = connections.watch(connection);
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            // Clients vanish all day long; nothing of ours is wrong.
            tracing::debug!(%error, "a connection ended early");
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_that_look_at_once_whether_a_folder_can_be_written_do_not_hinder_each_other() {
        let data = tempfile::tempdir().unwrap();
        std::thread::scope(|copies| {
            for _ in 0..4 {
                copies.spawn(|| (0..500).for_each(|_| writable(data.path()).unwrap()));
            }
        });
        assert_eq!(std::fs::read_dir(data.path()).unwrap().count(), 0, "it leaves nothing behind");
    }
}

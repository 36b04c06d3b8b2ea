//! A closed loop of N connections, each sending its next request when the last is answered.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::ensure;
use bytes::Bytes;
use http_body_util::Full;
use tokio::task::JoinSet;

use crate::http::{Client, is_fine};

/// What is sent.
pub(crate) type Request = hyper::Request<Full<Bytes>>;

/// What came back.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// Seconds each answer took, in no order.
    latencies: Vec<f32>,
    seconds: f64,
}

impl Tally {
    /// Answers per second.
    pub(crate) fn rate(&self) -> f64 {
        if self.seconds > 0.0 { self.latencies.len() as f64 / self.seconds } else { 0.0 }
    }

    /// The latency, in seconds, that so large a share of the answers stayed within.
    pub(crate) fn within(&mut self, share: f64) -> f64 {
        self.latencies.sort_by(f32::total_cmp);
        let last = self.latencies.len().saturating_sub(1);
        self.latencies.get((last as f64 * share) as usize).map_or(0.0, |seconds| f64::from(*seconds))
    }
}

/// Sends what `next(connection)` makes until it makes no more or time is up. Every answer must be a success (or 304):
/// a fast refusal is not a figure.
///
/// # Errors
/// The first answer that is not, or a broken connection.
pub(crate) async fn run<F>(addr: SocketAddr, connections: usize, limit: Duration, next: F) -> anyhow::Result<Tally>
where
    F: Fn(usize) -> anyhow::Result<Option<Request>> + Send + Sync + 'static,
{
    let mut clients = Vec::with_capacity(connections);
    for _ in 0..connections {
        clients.push(Client::connect(addr).await?);
    }
    let next = Arc::new(next);
    let started = Instant::now();
    let mut tasks = JoinSet::new();
    for (index, mut client) in clients.into_iter().enumerate() {
        let next = next.clone();
        tasks.spawn(async move {
            let mut latencies = Vec::new();
            while started.elapsed() < limit
                && let Some(request) = next(index)?
            {
                let sent = Instant::now();
                let answer = client.send(request).await?;
                ensure!(is_fine(answer.status), "{}: {}", answer.status, String::from_utf8_lossy(&answer.body));
                latencies.push(sent.elapsed().as_secs_f32());
            }
            anyhow::Ok(latencies)
        });
    }
    let mut tally = Tally::default();
    while let Some(done) = tasks.join_next().await {
        tally.latencies.append(&mut done??);
    }
    tally.seconds = started.elapsed().as_secs_f64();
    Ok(tally)
}

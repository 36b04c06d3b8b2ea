//! How often one phone, and one address, may come: generous for people, narrow for a script.
//!
//! Written out here because the ready-made keyed limiters keep a row for every key they ever saw until they are swept; this
//! one never keeps more than [`MOST_KEYS`]. Who came is kept as a salted hash, in memory only.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::known::Known;
use crate::api::{auth, body, form};
use crate::config::{Config, Quota, Rates};
use crate::error::share_used_up;
use crate::metrics::Metrics;
use crate::state::AppState;
use crate::store::devices::DeviceId;

/// Most phones and addresses that are told apart at once, in two megabytes. Those that come in beyond share a row.
const MOST_KEYS: usize = 50_000;
/// How often rows that say nothing any more are looked for.
const SWEEP: Duration = Duration::from_secs(1);

/// Where a connection comes from; on every request of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(crate) IpAddr);

/// What somebody wants; each kind is counted apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Kind {
    Read,
    Report,
    Photo,
    Verification,
    Other,
}

/// Whether an address takes photos, whole or in parts.
pub(super) fn takes_photos(path: &str) -> bool {
    ["/api/v1/photos/", "/api/v1/uploads", "/api/v1/staff/photos/"].iter().any(|at| path.starts_with(at))
}

impl Kind {
    /// `None`: what the operator's own probes ask.
    fn of(request: &Request) -> Option<Self> {
        let path = request.uri().path();
        match *request.method() {
            Method::GET | Method::HEAD | Method::OPTIONS => {
                (!matches!(path, "/healthz" | "/readyz" | "/metrics")).then_some(Self::Read)
            }
            Method::PUT if path.starts_with("/api/v1/reports/") => Some(Self::Report),
            Method::POST if path == form::ROUTE => Some(Self::Report),
            _ if takes_photos(path) => Some(Self::Photo),
            _ if path.starts_with("/api/v1/verifications/") => Some(Self::Verification),
            _ => Some(Self::Other),
        }
    }

    fn code(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Report => "report",
            Self::Photo => "photo",
            Self::Verification => "verification",
            Self::Other => "other",
        }
    }

    fn quotas(self, rates: &Rates) -> (Quota, Quota) {
        match self {
            Self::Read => rates.reads,
            Self::Report => rates.reports,
            Self::Photo => rates.photos,
            Self::Verification => rates.verifications,
            Self::Other => rates.others,
        }
    }
}

/// Counts who came how often; cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Limiter {
    inner: Option<Arc<Inner>>,
    known: Known,
    metrics: Metrics,
}

#[derive(Debug)]
struct Inner {
    rates: Rates,
    trust_proxy: bool,
    salt: RandomState,
    most: usize,
    book: Mutex<Book>,
}

/// By key, when it will have its whole burst again: that far ahead of now is what it has used.
#[derive(Debug)]
struct Book {
    full_at: HashMap<u64, Instant>,
    swept: Instant,
}

/// Somebody has to wait.
#[derive(Debug)]
struct Refused {
    kind: Kind,
    wait: Duration,
    /// It is only their address that has used up its part, and this is who they are.
    device: Option<DeviceId>,
}

impl Limiter {
    pub(super) fn new(config: &Config, metrics: &Metrics, known: Known) -> Self {
        let inner = config.rates.map(|rates| Arc::new(Inner::new(rates, config.trust_proxy, MOST_KEYS)));
        Self { inner, known, metrics: metrics.clone() }
    }

    /// A phone that is no stranger does not pay for what others send from its address.
    async fn unless_known(&self, refused: Refused) -> Option<Refused> {
        let (Some(inner), Some(device)) = (&self.inner, &refused.device) else { return Some(refused) };
        if !self.known.has(device).await {
            return Some(refused);
        }
        let wait = inner.wait_alone(refused.kind, device, Instant::now())?;
        Some(Refused { wait, ..refused })
    }
}

impl Inner {
    fn new(rates: Rates, trust_proxy: bool, most: usize) -> Self {
        let book = Book { full_at: HashMap::new(), swept: Instant::now() };
        Self { rates, trust_proxy, salt: RandomState::new(), most, book: Mutex::new(book) }
    }

    fn address(&self, request: &Request) -> Option<IpAddr> {
        client(self.trust_proxy, request.extensions(), request.headers())
    }

    fn key(&self, kind: Kind, caller: &Caller<'_>) -> u64 {
        self.salt.hash_one((kind, caller))
    }

    /// Whether whoever asks has to wait; `None`, and it is counted, if not at all.
    fn refuse(&self, request: &Request, now: Instant) -> Option<Refused> {
        let kind = Kind::of(request)?;
        let (of_device, of_address) = kind.quotas(&self.rates);
        let caller = caller(request.headers());
        let device = caller.as_ref().map(|caller| (self.key(kind, caller), of_device));
        let address = self.address(request).map(|from| (self.salt.hash_one((kind, network(from))), of_address));
        let mut book = self.book.lock().unwrap_or_else(PoisonError::into_inner);
        let keys = [device, address].map(|key| key.map(|(key, quota)| (book.known(key, kind, self, now), quota)));
        let [device, address] = keys.map(|key| key.and_then(|(key, quota)| book.wait(key, quota, now)));
        let Some(wait) = device.max(address) else {
            keys.into_iter().flatten().for_each(|(key, quota)| book.count(key, quota, now));
            return None;
        };
        let device = match caller {
            Some(Caller::Device(caller)) if device.is_none() => Some(caller),
            _ => None,
        };
        Some(Refused { kind, wait, device })
    }

    /// How long a device has to wait, whatever comes from its address; `None`, and it is counted, if not at all.
    fn wait_alone(&self, kind: Kind, device: &DeviceId, now: Instant) -> Option<Duration> {
        let (quota, _) = kind.quotas(&self.rates);
        let mut book = self.book.lock().unwrap_or_else(PoisonError::into_inner);
        let key = book.known(self.key(kind, &Caller::Device(device.clone())), kind, self, now);
        let wait = book.wait(key, quota, now);
        if wait.is_none() {
            book.count(key, quota, now);
        }
        wait
    }
}

impl Book {
    /// The key, or the one of all for which there is no room.
    fn known(&mut self, key: u64, kind: Kind, limiter: &Inner, now: Instant) -> u64 {
        // Also while there is room: who came is nobody's business once it says nothing about who may come.
        if now.saturating_duration_since(self.swept) >= SWEEP {
            self.swept = now;
            self.full_at.retain(|_, full_at| *full_at > now);
        }
        let room = self.full_at.contains_key(&key) || self.full_at.len() < limiter.most;
        if room { key } else { limiter.salt.hash_one(kind) }
    }

    fn wait(&self, key: u64, quota: Quota, now: Instant) -> Option<Duration> {
        let full_at = self.full_at.get(&key).copied().unwrap_or(now).max(now);
        let used = full_at.saturating_duration_since(now) + quota.one();
        used.checked_sub(quota.one() * quota.burst.max(1)).filter(|wait| !wait.is_zero())
    }

    fn count(&mut self, key: u64, quota: Quota, now: Instant) {
        let full_at = self.full_at.entry(key).or_insert(now);
        *full_at = (*full_at).max(now) + quota.one();
    }
}

/// Who asks, by what they call themselves.
#[derive(Debug, PartialEq, Eq, Hash)]
enum Caller<'a> {
    /// However its token is written.
    Device(DeviceId),
    /// Whether it is a token is for others to say: nonsense is counted as well.
    Other(&'a [u8]),
}

fn caller(headers: &HeaderMap) -> Option<Caller<'_>> {
    let said = headers.get(header::AUTHORIZATION)?;
    Some(auth::device_in(headers).map_or(Caller::Other(said.as_bytes()), Caller::Device))
}

/// The address of whoever asks: the peer's, or where a proxy is trusted the one that it saw.
fn client(trust_proxy: bool, extensions: &Extensions, headers: &HeaderMap) -> Option<IpAddr> {
    let peer = extensions.get::<Peer>().map(|Peer(address)| *address);
    // The last one is the nearest proxy's word; those before it can be made up by anybody.
    let seen = || {
        let named = headers.get_all("x-forwarded-for").iter().next_back()?;
        named.to_str().ok()?.rsplit(',').next()?.trim().parse().ok()
    };
    if trust_proxy { seen().or(peer) } else { peer }
}

/// The address of whoever asks, as far as it is known.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Client(pub(crate) Option<IpAddr>);

impl FromRequestParts<AppState> for Client {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Self::Rejection> {
        Ok(Self(client(state.config.trust_proxy, &parts.extensions, &parts.headers)))
    }
}

/// The network that whoever asks comes from, where places are given to each of them; `None` if it is not known, or
/// nobody is measured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Network(pub(crate) Option<u64>);

impl FromRequestParts<AppState> for Network {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Self::Rejection> {
        let from = client(state.config.trust_proxy, &parts.extensions, &parts.headers);
        Ok(Self(from.filter(|_| state.config.rates.is_some()).map(network)))
    }
}

/// What one customer gets: an IPv4 address, or 64 bits of an IPv6 one.
pub(crate) fn network(address: IpAddr) -> u64 {
    match address.to_canonical() {
        IpAddr::V4(address) => u64::from(address.to_bits()),
        IpAddr::V6(address) => (address.to_bits() >> 64) as u64,
    }
}

/// Asks whoever comes too often to come later.
pub(super) async fn keep(State(limiter): State<Limiter>, request: Request, next: Next) -> Response {
    let refused = limiter.inner.as_ref().and_then(|inner| inner.refuse(&request, Instant::now()));
    let refused = match refused {
        Some(refused) => limiter.unless_known(refused).await,
        None => None,
    };
    let Some(Refused { kind, wait, .. }) = refused else { return next.run(request).await };
    limiter.metrics.limited(kind.code());
    // Unread bytes would make the sender miss the answer.
    body::drain_refused(request).await;
    share_used_up("Too many requests; please come again a little later. Nothing is lost.", wait).into_response()
}

#[cfg(test)]
mod tests;

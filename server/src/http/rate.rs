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

use crate::api::body;
use crate::config::{Config, Quota, Rates};
use crate::error::share_used_up;
use crate::metrics::Metrics;
use crate::state::AppState;

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
}

impl Kind {
    /// `None`: what the operator's own probes ask.
    fn of(request: &Request) -> Option<Self> {
        let path = request.uri().path();
        match *request.method() {
            Method::GET | Method::HEAD | Method::OPTIONS => {
                (!matches!(path, "/healthz" | "/readyz" | "/metrics")).then_some(Self::Read)
            }
            _ if ["/api/v1/photos/", "/api/v1/uploads", "/api/v1/staff/photos/"]
                .iter()
                .any(|at| path.starts_with(at)) =>
            {
                Some(Self::Photo)
            }
            _ if path.starts_with("/api/v1/verifications/") => Some(Self::Verification),
            _ => Some(Self::Report),
        }
    }

    fn code(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Report => "report",
            Self::Photo => "photo",
            Self::Verification => "verification",
        }
    }

    fn quotas(self, rates: &Rates) -> (Quota, Quota) {
        match self {
            Self::Read => rates.reads,
            Self::Report => rates.reports,
            Self::Photo => rates.photos,
            Self::Verification => rates.verifications,
        }
    }
}

/// Counts who came how often; cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Limiter(Option<Arc<Inner>>, Metrics);

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

impl Limiter {
    pub(super) fn new(config: &Config, metrics: &Metrics) -> Self {
        let limiter = config.rates.map(|rates| Arc::new(Inner::new(rates, config.trust_proxy, MOST_KEYS)));
        Self(limiter, metrics.clone())
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

    /// How long whoever asks has to wait; `None`, and it is counted, if not at all.
    fn wait(&self, request: &Request, now: Instant) -> Option<Duration> {
        let kind = Kind::of(request)?;
        let (device, address) = kind.quotas(&self.rates);
        let device = token(request.headers()).map(|token| (self.salt.hash_one((kind, token)), device));
        let address = self.address(request).map(|from| (self.salt.hash_one((kind, network(from))), address));
        let mut book = self.book.lock().unwrap_or_else(PoisonError::into_inner);
        let keys = [device, address].map(|key| key.map(|(key, quota)| (book.known(key, kind, self, now), quota)));
        let keys = keys.into_iter().flatten();
        let wait = keys.clone().filter_map(|(key, quota)| book.wait(key, quota, now)).max();
        if wait.is_none() {
            keys.for_each(|(key, quota)| book.count(key, quota, now));
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

/// What a phone calls itself by. Whether it is a token is for others to say: nonsense is counted as well.
fn token(headers: &HeaderMap) -> Option<&[u8]> {
    headers.get(header::AUTHORIZATION).map(header::HeaderValue::as_bytes)
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

/// What one customer gets: an IPv4 address, or 64 bits of an IPv6 one.
pub(crate) fn network(address: IpAddr) -> u64 {
    match address.to_canonical() {
        IpAddr::V4(address) => u64::from(address.to_bits()),
        IpAddr::V6(address) => (address.to_bits() >> 64) as u64,
    }
}

/// Asks whoever comes too often to come later.
pub(super) async fn keep(State(limiter): State<Limiter>, request: Request, next: Next) -> Response {
    let wait = limiter.0.as_ref().and_then(|limiter| limiter.wait(&request, Instant::now()));
    let Some(wait) = wait else { return next.run(request).await };
    limiter.1.limited(Kind::of(&request).map_or("none", Kind::code));
    // Unread bytes would make the sender miss the answer.
    body::drain_refused(request).await;
    share_used_up("Too many requests; please come again a little later. Nothing is lost.", wait).into_response()
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    fn limiter(most: usize) -> Inner {
        let (device, address) = (Quota { a_minute: 60, burst: 2 }, Quota { a_minute: 120, burst: 4 });
        let both = (device, address);
        Inner::new(Rates { reads: both, reports: both, photos: both, verifications: both }, false, most)
    }

    fn ask(path: &str, token: &str, from: [u8; 4]) -> Request {
        let mut request = Request::put(path).header(header::AUTHORIZATION, token).body(Body::empty()).unwrap();
        request.extensions_mut().insert(Peer(from.into()));
        request
    }

    #[test]
    fn a_phone_gets_its_burst_and_then_its_pace() {
        let (limiter, start) = (limiter(100), Instant::now());
        let after = |ms| start + Duration::from_millis(ms);
        let report = || ask("/api/v1/reports/1", "a", [1, 2, 3, 4]);
        assert_eq!([(); 2].map(|()| limiter.wait(&report(), start)), [None, None]);
        assert_eq!(limiter.wait(&report(), start), Some(Duration::from_secs(1)));
        assert_eq!(limiter.wait(&report(), after(400)), Some(Duration::from_millis(600)), "asking costs nothing");
        assert_eq!(limiter.wait(&report(), after(1_000)), None);
        assert_eq!(limiter.wait(&report(), after(1_000)), Some(Duration::from_secs(1)));
        assert_eq!([(); 2].map(|()| limiter.wait(&report(), after(60_000))), [None, None]);
        assert!(limiter.wait(&report(), after(60_000)).is_some(), "a long rest saves no more than the burst");
    }

    #[test]
    fn phones_of_one_address_share_it_and_each_kind_is_counted_apart() {
        let (limiter, now) = (limiter(100), Instant::now());
        for token in ["a", "b", "c", "d"] {
            assert_eq!(limiter.wait(&ask("/api/v1/reports/1", token, [1, 2, 3, 4]), now), None);
        }
        assert_eq!(limiter.wait(&ask("/api/v1/reports/1", "e", [1, 2, 3, 4]), now), Some(Duration::from_millis(500)));
        assert_eq!(limiter.wait(&ask("/api/v1/reports/1", "e", [1, 2, 3, 5]), now), None);
        for path in ["/api/v1/photos/1", "/api/v1/uploads", "/api/v1/verifications/1"] {
            assert_eq!(limiter.wait(&ask(path, "a", [1, 2, 3, 4]), now), None, "{path}");
        }
    }

    #[test]
    fn however_many_come_no_more_than_so_many_are_kept() {
        let (limiter, now) = (limiter(8), Instant::now());
        let mut refused = 0;
        for number in 0..200_u8 {
            let request = ask("/api/v1/reports/1", &number.to_string(), [1, 2, 3, number]);
            refused += usize::from(limiter.wait(&request, now).is_some());
        }
        assert!(limiter.book.lock().unwrap().full_at.len() <= 9);
        assert!(refused > 100, "those without a row of their own share one: {refused}");
        let later = now + Duration::from_mins(1);
        assert_eq!(limiter.wait(&ask("/api/v1/reports/1", "new", [9, 9, 9, 9]), later), None, "room was made");
    }

    #[test]
    fn only_a_trusted_proxys_last_word_is_an_address() {
        let mut request = ask("/api/v1/reports/1", "a", [10, 0, 0, 1]);
        request.headers_mut().append("x-forwarded-for", "6.6.6.6".parse().unwrap());
        request.headers_mut().append("x-forwarded-for", "7.7.7.7, 203.0.113.9".parse().unwrap());
        let mut limiter = limiter(8);
        assert_eq!(limiter.address(&request), Some(IpAddr::from([10, 0, 0, 1])));
        limiter.trust_proxy = true;
        assert_eq!(limiter.address(&request), Some(IpAddr::from([203, 0, 113, 9])));
        request.headers_mut().insert("x-forwarded-for", "unknown".parse().unwrap());
        assert_eq!(limiter.address(&request), Some(IpAddr::from([10, 0, 0, 1])));
        let addresses = ["2001:db8:1:2::1", "2001:db8:1:2:ffff::7", "2001:db8:1:3::1", "::ffff:1.2.3.4", "1.2.3.4"];
        let [a, b, c, mapped, plain] = addresses.map(|text| network(text.parse().unwrap()));
        assert!(a == b && a != c && mapped == plain);
    }
}

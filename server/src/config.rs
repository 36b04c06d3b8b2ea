//! What an operator can set.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use axum::http::Uri;

use crate::clock::Clock;
use crate::photo::{PhotoLimits, PhotosUrl};
use crate::retention::Retention;
use crate::store::Database;

/// Settings of `waypost serve`, after flags, environment and defaults are merged.
#[derive(Clone, Debug)]
pub struct Config {
    /// Address to listen on; port 0 picks a free one.
    pub addr: SocketAddr,
    /// Everything that must survive a restart lives here, unless it is said to be elsewhere.
    pub data_dir: PathBuf,
    /// Where the data is; `None`: a file in `data_dir`.
    pub database: Option<Database>,
    /// The bucket in which photos and unfinished uploads are; `None`: in the data directory.
    pub photos_url: Option<PhotosUrl>,
    /// Load the sample district into an empty database.
    pub sample: bool,
    /// Where the built site lies; `None`: the one built into the program, if there is one.
    pub site_dir: Option<PathBuf>,
    /// What people type to get here, where a proxy stands in front.
    pub public_url: Option<PublicUrl>,
    pub clock: Clock,
    pub limits: Limits,
    /// How often one phone and one address may come; `None`: as often as they like.
    pub rates: Option<Rates>,
    /// The proxy in front names the client's address as the last entry of `X-Forwarded-For`. Without one anybody could
    /// write what they like there.
    pub trust_proxy: bool,
    /// Where `/metrics` is; `None`: on [`Config::addr`], for programs on this machine only.
    pub metrics_addr: Option<SocketAddr>,
    pub retention: Retention,
    pub photos: PhotoLimits,
}

impl Config {
    /// Nothing configured but where to listen and where to keep data.
    pub fn new(addr: SocketAddr, data_dir: impl Into<PathBuf>) -> Self {
        Self {
            addr,
            data_dir: data_dir.into(),
            database: None,
            photos_url: None,
            sample: true,
            site_dir: None,
            public_url: None,
            clock: Clock::System,
            limits: Limits::default(),
            rates: Some(Rates::default()),
            trust_proxy: false,
            metrics_addr: None,
            retention: Retention::default(),
            photos: PhotoLimits::default(),
        }
    }

    /// Where the data is.
    pub fn database(&self) -> Database {
        self.database.clone().unwrap_or_else(|| Database::in_dir(&self.data_dir))
    }
}

/// So many at once, and so many a minute after that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    pub a_minute: u32,
    pub burst: u32,
}

impl Quota {
    /// The time after which one more may come.
    pub fn one(self) -> Duration {
        Duration::from_mins(1) / self.a_minute.max(1)
    }
}

/// How often one phone (first) and all phones of one address (second) may come. Behind one address of a mobile network
/// are hundreds of people: a phone that was heard of the day before is measured by itself alone where its address has used up
/// its part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rates {
    /// Whatever changes nothing: pages, their files, the snapshot.
    pub reads: (Quota, Quota),
    /// Reports that are sent, also by the form, and what their reporters say of a repair.
    pub reports: (Quota, Quota),
    /// Photos, whole or in parts: five to a report.
    pub photos: (Quota, Quota),
    pub verifications: (Quota, Quota),
    /// Everything else that is sent: what staff do, what is taken back, preferences.
    pub others: (Quota, Quota),
}

impl Default for Rates {
    fn default() -> Self {
        let quota = |a_minute, burst| Quota { a_minute, burst };
        Self {
            reads: (quota(300, 600), quota(6_000, 6_000)),
            // A phone that comes back from a day without a network sends fifty reports at once.
            reports: (quota(30, 60), quota(300, 600)),
            photos: (quota(150, 400), quota(1_500, 3_000)),
            // A city's busiest hour over two addresses is 125 a minute each: docs/scale.md.
            verifications: (quota(6, 20), quota(300, 600)),
            others: (quota(30, 60), quota(300, 600)),
        }
    }
}

/// How long a client may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// For the head of a request; an idle connection is closed after it, too.
    pub head: Duration,
    /// For a request that only reads.
    pub read: Duration,
    /// For one that sends something, besides what its bytes take at [`Limits::slowest`].
    pub write: Duration,
    /// Bytes a second below which a body is given up: one bar of signal, as the phone counts it too.
    pub slowest: u64,
    /// How long a body with photos may be waited for besides that: it holds one of few places meanwhile.
    pub grace: Duration,
    /// Longest silence within a body.
    pub silence: Duration,
    /// How long an answer waits to be fetched any further before its connection is ended.
    pub stalled: Duration,
    /// Changes that may wait to be written; beyond it callers are asked to come later.
    pub queue: usize,
    /// For requests under way when the server is told to stop.
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(10),
            read: Duration::from_secs(30),
            write: Duration::from_mins(1),
            slowest: 2_000,
            grace: Duration::from_secs(10),
            silence: Duration::from_secs(10),
            stalled: Duration::from_secs(30),
            queue: 2048,
            drain: Duration::from_secs(10),
        }
    }
}

impl Limits {
    /// How long a request with a body of so many bytes may take. What is not announced is no longer than the largest
    /// that is waited for.
    pub fn for_body(&self, bytes: Option<u64>) -> Duration {
        self.write + self.at_slowest(bytes.unwrap_or(MOST_WAITED_FOR))
    }

    /// How long so many bytes of a body may take by themselves.
    pub fn at_slowest(&self, bytes: u64) -> Duration {
        Duration::from_millis(bytes.min(MOST_WAITED_FOR) * 1000 / self.slowest.max(1))
    }
}

/// Bytes of the largest body that gets time in proportion: a photo as the API takes it. A form with several photos gets
/// no more: nobody waits longer for a page.
const MOST_WAITED_FOR: u64 = 12 * 1024 * 1024;

/// An origin such as `https://waypost.example`: scheme and host, no path, no slash at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl(String);

impl PublicUrl {
    /// Without a slash at the end.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn is_https(&self) -> bool {
        self.0.starts_with("https://")
    }
}

/// The text is not an origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("give the public address as https://HOST or http://HOST[:PORT], without a path")]
pub struct NotAPublicUrl;

impl std::str::FromStr for PublicUrl {
    type Err = NotAPublicUrl;

    fn from_str(text: &str) -> Result<Self, NotAPublicUrl> {
        let text = text.trim_end_matches('/');
        let uri: Uri = text.parse().map_err(|_| NotAPublicUrl)?;
        let plain = matches!(uri.scheme_str(), Some("http" | "https"))
            && uri.host().is_some_and(|host| !host.is_empty())
            && uri.authority().is_some_and(|authority| !authority.as_str().contains('@'))
            && matches!(uri.path(), "" | "/")
            && uri.query().is_none();
        if plain { Ok(Self(text.to_ascii_lowercase())) } else { Err(NotAPublicUrl) }
    }
}

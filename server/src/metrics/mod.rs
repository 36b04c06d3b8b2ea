//! What the program counts about itself, for whoever runs it.
//!
//! A registry belongs to one server, so that two in one process count apart. Labels are few and known beforehand: routes
//! are templates, never addresses, and nothing says who asked for what.

mod labels;
mod process;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use axum::http::StatusCode;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Metric, Registry};

pub use labels::Outcome;
use labels::{By, Event, Kind, Reason, Requests, class};
pub(crate) use labels::{Place, Route, Sent, SignIn, UploadEvent, method};
use process::Process;

/// Upper bounds of how long an answer takes, in seconds: from one out of memory to a photo that waits for its turn.
const ANSWER_SECONDS: [f64; 15] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0];

/// The counters of one server; cheap to clone.
#[derive(Clone)]
pub struct Metrics(Arc<Inner>);

struct Inner {
    registry: Registry,
    requests: Family<Requests, Counter>,
    seconds: Family<Route, Histogram, fn() -> Histogram>,
    received: Family<Route, Counter>,
    sent: Family<Route, Counter>,
    under_way: Gauge,
    limited: Family<Kind, Counter>,
    reports: Family<By, Counter>,
    verifications: Family<By, Counter>,
    photos: Family<By, Counter>,
    photo_bytes: Counter,
    kept_bytes: Counter,
    refused: Family<Reason, Counter>,
    uploads: Family<Event, Counter>,
    sign_ins: Family<By, Counter>,
    standing: Standing,
    process: Process,
}

/// What is looked at only when somebody asks.
#[derive(Default)]
struct Standing {
    queue: Gauge,
    queue_limit: Gauge,
    readers: Gauge,
    readers_limit: Gauge,
    arriving: Gauge,
    waiting: Gauge,
    revision: Gauge,
    age: Gauge<f64, AtomicU64>,
}

/// The same as its owner found it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Now {
    /// Changes that wait to be written, and how many may.
    pub(crate) queue: (usize, usize),
    /// Connections to the database that read, and how many may.
    pub(crate) readers: (usize, usize),
    pub(crate) photos_arriving: usize,
    /// Whole photos that are being decoded or wait for it.
    pub(crate) photos_waiting: usize,
    /// The district's revision, and how long ago it was known to be the latest.
    pub(crate) snapshot: Option<(i64, Duration)>,
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").field("registry", &self.0.registry).finish_non_exhaustive()
    }
}

/// Names things in a registry and hands them back.
struct Register(Registry);

impl Register {
    fn add<M: Metric + Clone>(&mut self, name: &str, help: &str, metric: M) -> M {
        self.0.register(name, help, metric.clone());
        metric
    }
}

impl Metrics {
    /// `pulse` is kept by the store: how many changes each commit has, and how long it takes. `build` names the site's build.
    pub fn new([batches, commits]: [Histogram; 2], build: &str) -> Self {
        let mut all = Register(Registry::default());
        let info = vec![("version", env!("CARGO_PKG_VERSION").to_owned()), ("build", build.to_owned())];
        all.0.register("waypost_build", "The program's version and its site's build", Info::new(info));
        all.add("waypost_write_batch_jobs", "Changes committed together", batches);
        all.add("waypost_write_commit_seconds", "How long a commit took, with its changes", commits);
        let seconds = Family::new_with_constructor((|| Histogram::new(ANSWER_SECONDS)) as fn() -> Histogram);
        let inner = Inner {
            requests: all.add(
                "waypost_http_requests",
                "Requests by method, route and class of the answer; gone: the client went away before it",
                Family::default(),
            ),
            seconds: all.add("waypost_http_answer_seconds", "From a request's head to its answer's head", seconds),
            received: all.add("waypost_http_received_bytes", "Bytes of requests' bodies", Family::default()),
            sent: all.add("waypost_http_sent_bytes", "Bytes of answers' bodies, as compressed", Family::default()),
            under_way: all.add("waypost_http_under_way", "Requests whose answer is not sent yet", Gauge::default()),
            limited: all.add("waypost_rate_limited", "Requests that came too often, by kind", Family::default()),
            reports: all.add("waypost_reports", "Reports that were sent, by what became of them", Family::default()),
            verifications: all.add("waypost_verifications", "The same of verifications", Family::default()),
            photos: all.add("waypost_photos", "Photos that were sent, by what became of them", Family::default()),
            photo_bytes: all.add("waypost_photo_bytes", "Bytes of new photos as they were sent", Counter::default()),
            kept_bytes: all.add(
                "waypost_photo_kept_bytes",
                "Bytes of the pictures that are kept of new photos, without thumbnails",
                Counter::default(),
            ),
            refused: all.add("waypost_photos_refused", "Photos that were not taken, by reason", Family::default()),
            uploads: all.add("waypost_uploads", "What befell photos that come in parts", Family::default()),
            sign_ins: all.add(
                "waypost_sign_ins",
                "Attempts of staff to sign in, by what became of them",
                Family::default(),
            ),
            standing: Standing::register(&mut all),
            process: Process::register(&mut all),
            registry: all.0,
        };
        inner.begin_at_zero();
        Self(Arc::new(inner))
    }

    /// A request has come.
    pub(crate) fn came(&self) {
        self.0.under_way.inc();
    }

    /// Its answer is known.
    pub(crate) fn answered(&self, method: &'static str, route: &Route, status: StatusCode, took: Duration) {
        self.0.requests.get_or_create(&Requests { method, route: route.clone(), status: class(status) }).inc();
        self.0.seconds.get_or_create(route).observe(took.as_secs_f64());
    }

    /// A phone has sent something, and this became of it.
    pub(crate) fn sent(&self, what: Sent, outcome: Outcome) {
        let all = match what {
            Sent::Report => &self.0.reports,
            Sent::Verification => &self.0.verifications,
        };
        all.get_or_create(&By { outcome: outcome.code() }).inc();
    }

    /// A request is over, with so many bytes of its body and its answer's. Without an answer its client has gone away.
    pub(crate) fn over(&self, method: &'static str, route: &Route, answered: bool, received: u64, sent: u64) {
        let all = &*self.0;
        all.under_way.dec();
        if !answered {
            all.requests.get_or_create(&Requests { method, route: route.clone(), status: "gone" }).inc();
        }
        // Most requests have no body.
        if received > 0 {
            all.received.get_or_create(route).inc_by(received);
        }
        if sent > 0 {
            all.sent.get_or_create(route).inc_by(sent);
        }
    }

    /// Somebody came too often.
    pub(crate) fn limited(&self, kind: &'static str) {
        self.0.limited.get_or_create(&Kind { kind }).inc();
    }

    /// Somebody has tried to sign in.
    pub(crate) fn sign_in(&self, outcome: SignIn) {
        self.0.sign_ins.get_or_create(&By { outcome: outcome.code() }).inc();
    }

    /// A photo that was sent as so many bytes is safe on disk; `kept`: as how many, if nobody had sent it before.
    pub(crate) fn photo_stored(&self, sent: u64, kept: Option<u64>) {
        let outcome = if kept.is_some() { Outcome::Created } else { Outcome::Repeated };
        self.0.photos.get_or_create(&By { outcome: outcome.code() }).inc();
        if let Some(kept) = kept {
            self.0.photo_bytes.inc_by(sent);
            self.0.kept_bytes.inc_by(kept);
        }
    }

    /// A photo was not taken; `reason` is one of the few that its own error knows.
    pub(crate) fn photo_refused(&self, reason: &'static str) {
        self.0.refused.get_or_create(&Reason { reason }).inc();
    }

    /// Something befell so many photos that come in parts.
    pub(crate) fn uploads(&self, event: UploadEvent, count: usize) {
        self.0.uploads.get_or_create(&Event { event: event.code() }).inc_by(count as u64);
    }

    /// Everything as text, in the format of `OpenMetrics`.
    ///
    /// # Errors
    /// None that a text that grows could give.
    pub(crate) fn text(&self, now: Now) -> Result<String, fmt::Error> {
        self.0.process.look();
        self.0.standing.set(now);
        let mut text = String::new();
        encode(&mut text, &self.0.registry)?;
        Ok(text)
    }
}

impl Standing {
    fn register(all: &mut Register) -> Self {
        let new = Self::default();
        let Self { queue, queue_limit, readers, readers_limit, arriving, waiting, revision, age } = &new;
        all.add("waypost_write_queue", "Changes that wait to be written", queue.clone());
        all.add("waypost_write_queue_limit", "So many may wait; beyond it phones are told 503", queue_limit.clone());
        all.add("waypost_readers_in_use", "Connections to the database that are reading", readers.clone());
        all.add("waypost_readers_limit", "So many may read at once", readers_limit.clone());
        all.add("waypost_photos_arriving", "Photos whose bytes are coming in", arriving.clone());
        all.add("waypost_photos_waiting", "Whole photos that are decoded, or wait for it", waiting.clone());
        all.add("waypost_snapshot_revision", "The district's revision as phones get it", revision.clone());
        all.add("waypost_snapshot_age_seconds", "Since the snapshot was last known to be right", age.clone());
        new
    }

    fn set(&self, now: Now) {
        let pair = |gauges: [&Gauge; 2], (is, most): (usize, usize)| {
            gauges[0].set(is as i64);
            gauges[1].set(most as i64);
        };
        pair([&self.queue, &self.queue_limit], now.queue);
        pair([&self.readers, &self.readers_limit], now.readers);
        self.arriving.set(now.photos_arriving as i64);
        self.waiting.set(now.photos_waiting as i64);
        if let Some((revision, age)) = now.snapshot {
            self.revision.set(revision);
            self.age.set(age.as_secs_f64());
        }
    }
}

impl Inner {
    /// A rate can be seen only between two values: the first must not be missing.
    fn begin_at_zero(&self) {
        for outcome in Outcome::ALL {
            drop(self.reports.get_or_create(&By { outcome: outcome.code() }));
            drop(self.verifications.get_or_create(&By { outcome: outcome.code() }));
        }
        for outcome in [Outcome::Created, Outcome::Repeated] {
            drop(self.photos.get_or_create(&By { outcome: outcome.code() }));
        }
        for event in UploadEvent::ALL {
            drop(self.uploads.get_or_create(&Event { event: event.code() }));
        }
        for outcome in SignIn::ALL {
            drop(self.sign_ins.get_or_create(&By { outcome: outcome.code() }));
        }
        for kind in ["read", "report", "photo", "verification", "other"] {
            drop(self.limited.get_or_create(&Kind { kind }));
        }
    }
}

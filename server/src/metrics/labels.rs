//! The words by which counters are told apart. All of them are known when the program is compiled.

use std::sync::Arc;

use axum::http::{Method, StatusCode};
use prometheus_client::encoding::EncodeLabelSet;

/// A route's template, such as `/api/v1/reports/{id}`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct Route {
    pub(crate) route: Arc<str>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Requests {
    pub(super) method: &'static str,
    #[prometheus(flatten)]
    pub(super) route: Route,
    /// `2xx` and so on.
    pub(super) status: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct By {
    pub(super) outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Reason {
    pub(super) reason: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Kind {
    pub(super) kind: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Event {
    pub(super) event: &'static str,
}

/// Rides on the answer to an address that has no route of its own: what answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// A file of the site.
    File,
    /// A page that is drawn, also one that does not exist.
    Page,
    /// Nothing.
    Nothing,
}

impl Place {
    /// In braces, which no address has.
    pub(crate) fn route(place: Option<Self>) -> Route {
        let route = match place {
            Some(Self::File) => "{file}",
            Some(Self::Page) => "{page}",
            Some(Self::Nothing) => "{nothing}",
            // Refused before anybody looked at its address.
            None => "{unknown}",
        };
        Route { route: route.into() }
    }
}

/// What phones send and keep until it is received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sent {
    Report,
    Verification,
}

/// What became of something that a phone sent. Rides on the answer where its status does not say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Created,
    /// It was there already: its phone has sent it again.
    Repeated,
    /// Created, and followed through another report from the start.
    Merged,
    /// Its id belongs to something else.
    Conflict,
    /// Its phone has taken it back.
    Withdrawn,
    /// It will never be taken as it is.
    Invalid,
    /// It came too soon after others.
    Limited,
    /// Too much is under way, or the disk is full: its phone keeps it.
    Later,
    /// A defect of ours.
    Failed,
}

impl Outcome {
    pub(super) const ALL: [Self; 9] = [
        Self::Created,
        Self::Repeated,
        Self::Merged,
        Self::Conflict,
        Self::Withdrawn,
        Self::Invalid,
        Self::Limited,
        Self::Later,
        Self::Failed,
    ];

    pub(super) fn code(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Repeated => "repeated",
            Self::Merged => "merged",
            Self::Conflict => "conflict",
            Self::Withdrawn => "withdrawn",
            Self::Invalid => "invalid",
            Self::Limited => "limited",
            Self::Later => "later",
            Self::Failed => "failed",
        }
    }

    /// What an answer's status says.
    pub(crate) fn of(status: StatusCode) -> Self {
        match status {
            StatusCode::CREATED => Self::Created,
            StatusCode::CONFLICT => Self::Conflict,
            StatusCode::GONE => Self::Withdrawn,
            StatusCode::TOO_MANY_REQUESTS => Self::Limited,
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::INSUFFICIENT_STORAGE => Self::Later,
            status if status.is_server_error() => Self::Failed,
            status if status.is_client_error() => Self::Invalid,
            _ => Self::Repeated,
        }
    }
}

/// What became of an attempt to sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SignIn {
    In,
    /// Name or password is wrong.
    Wrong,
    /// The password is right, and the code of the second factor missing or wrong.
    Code,
    /// Too many have failed before it.
    Wait,
    /// It could not be looked at, or a defect of ours.
    Failed,
}

impl SignIn {
    pub(super) const ALL: [Self; 5] = [Self::In, Self::Wrong, Self::Code, Self::Wait, Self::Failed];

    pub(super) fn code(self) -> &'static str {
        match self {
            Self::In => "in",
            Self::Wrong => "wrong",
            Self::Code => "code",
            Self::Wait => "wait",
            Self::Failed => "failed",
        }
    }
}

/// What befell a photo that comes in parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UploadEvent {
    /// A part was added to what had arrived before.
    Resumed,
    /// The last byte came and the photo is stored.
    Finished,
    /// Nobody went on with it.
    Abandoned,
    /// A crash left its file without a row.
    Orphaned,
}

impl UploadEvent {
    pub(super) const ALL: [Self; 4] = [Self::Resumed, Self::Finished, Self::Abandoned, Self::Orphaned];

    pub(super) fn code(self) -> &'static str {
        match self {
            Self::Resumed => "resumed",
            Self::Finished => "finished",
            Self::Abandoned => "abandoned",
            Self::Orphaned => "orphaned",
        }
    }
}

/// A method's name; those that nobody here knows are one.
pub(crate) fn method(method: &Method) -> &'static str {
    let known = [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS];
    match known.iter().position(|known| known == method) {
        Some(at) => ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"][at],
        None => "OTHER",
    }
}

pub(super) fn class(status: StatusCode) -> &'static str {
    match status.as_u16() / 100 {
        1 => "1xx",
        2 => "2xx",
        3 => "3xx",
        4 => "4xx",
        _ => "5xx",
    }
}

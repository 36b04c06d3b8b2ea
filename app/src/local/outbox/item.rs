//! One report on its way, as a row of the outbox.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::said::Said;
use crate::domain::geo::Wgs84;
use crate::domain::ids::{PhotoHash, ReportId};
use crate::domain::report::ReportState;
use crate::domain::time::{DAY, Minute};
use crate::json::FromJson;
use crate::local::clock;
use crate::local::draft::{Draft, Place};
use crate::wire::problem::FieldError;
use crate::wire::report::{MergedInto, Receipt, ReportBody, TimelineEntry};

/// A report that its writer has finished.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, FromJson)]
#[expect(clippy::struct_excessive_bools, reason = "each is a field of rows that lie on phones")]
pub struct Item {
    pub id: ReportId,
    /// What is sent, word for word.
    pub body: ReportBody,
    /// Photos the server has said it has.
    #[serde(default)]
    pub uploaded: Vec<PhotoHash>,
    /// Something of the photos may be on the server, so it is asked how much before they are sent again.
    #[serde(default)]
    pub upload_begun: bool,
    /// The report itself has left the phone at least once, so the server may have it although no answer came. From
    /// then on its content may not change under this id.
    #[serde(default)]
    pub put_begun: bool,
    /// Milliseconds since 1970, this phone's clock: oldest first.
    pub queued_at: i64,
    pub stage: Stage,
    /// Its writer wants it back from the server; it goes from this phone when the server has let go of it.
    #[serde(default)]
    pub withdrawal: Option<Wait>,
    /// It could not be taken back: it is public, or no longer this phone's.
    #[serde(default)]
    pub stays: bool,
    /// When it was last sent again because the server had lost it: milliseconds since 1970.
    #[serde(default)]
    pub resent_at: i64,
    /// What the server said when it had it, while it is sent again.
    #[serde(default)]
    pub receipt: Option<Receipt>,
    /// What its writer says of the repair, while the server has not heard it.
    #[serde(default)]
    pub said: Option<Said>,
    /// There is news that nobody has looked at.
    #[serde(default)]
    pub unseen: bool,
}

/// Days for which the photos of a report stay on this phone after it has arrived: as long as the server may have to go
/// back to a backup.
const DAYS_AFTER_RECEIPT: i64 = 3;
/// A report that the server has lost is not sent again more often, in milliseconds.
const RESEND_MS: i64 = 86_400_000;

/// Where the report stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, FromJson)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// To be sent, at once or later.
    Queued(Wait),
    /// A tab is sending it now; found at start, it was interrupted.
    Sending(Wait),
    /// The server has it.
    Received {
        receipt: Receipt,
        #[serde(default)]
        news: Option<News>,
    },
    /// The server does not take it as it is; a person must decide.
    NeedsYou(Refusal),
}

/// How long a report has been trying, and why it is still here.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJson)]
pub struct Wait {
    /// Failed tries so far.
    #[serde(default)]
    pub tries: u32,
    /// Not before this moment, milliseconds since 1970 by this phone's clock.
    #[serde(default)]
    pub not_before: i64,
    /// Why the last try failed.
    #[serde(default)]
    pub reason: Option<Reason>,
}

impl Wait {
    /// Makes it last as long as another, for that one's reason; true if it was shorter.
    pub(super) fn prolong(&mut self, to: &Self) -> bool {
        let shorter = self.not_before < to.not_before;
        if shorter {
            (self.not_before, self.reason) = (to.not_before, to.reason);
        }
        shorter
    }
}

/// Why a report waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// No answer came.
    NoAnswer,
    /// Something answered, but not our server: a Wi-Fi login page, a proxy.
    NotOurServer,
    /// The server has trouble of its own.
    ServerTrouble,
    /// The server asks for patience.
    Busy,
    /// This phone could not read or write its own storage.
    PhoneTrouble,
    /// The server does not know who we are.
    SignIn,
    /// The server had it and has it no more: it was set back to a backup.
    ServerForgot,
    /// A reason of a newer build.
    #[serde(other)]
    Other,
}

/// Why the server does not take a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
pub struct Refusal {
    pub kind: RefusalKind,
    /// The server's own words; may be empty.
    #[serde(default)]
    pub detail: String,
    /// Fields it names.
    #[serde(default)]
    pub errors: Vec<FieldError>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
#[serde(rename_all = "snake_case")]
pub enum RefusalKind {
    /// The server has another report under this id.
    Conflict,
    /// Something is larger than the server takes.
    TooLarge,
    /// A photo is of a kind the server does not take, or cannot be read.
    BadPhoto,
    /// Fields are missing or wrong.
    Invalid,
    /// A photo's bytes are no longer on this phone.
    PhotoLost,
    /// Another phone, to which it was carried over, has sent it.
    SentElsewhere,
    /// It was taken back from the server.
    TakenBack,
    #[serde(other)]
    Other,
}

/// What has become of a received report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
pub struct News {
    pub state: ReportState,
    /// Oldest first.
    pub timeline: Vec<TimelineEntry>,
    /// The server no longer knows the report (it was restored from an old backup).
    #[serde(default)]
    pub forgotten: bool,
    /// The report whose state and timeline these are, if this one says the same.
    #[serde(default)]
    pub merged_into: Option<MergedInto>,
}

impl Item {
    /// The finished draft, ready to be sent.
    #[must_use]
    pub fn new(draft: &Draft, body: ReportBody, now: i64) -> Self {
        Self {
            id: draft.id,
            body,
            uploaded: Vec::new(),
            upload_begun: false,
            put_begun: false,
            queued_at: now,
            stage: Stage::Queued(Wait::default()),
            withdrawal: None,
            stays: false,
            resent_at: 0,
            receipt: None,
            said: None,
            unseen: false,
        }
    }

    /// The same report on a phone that knows nothing of what the other one has sent already. Under its old id, so that
    /// it is stored once whichever of them sends it.
    #[must_use]
    pub fn carried_over(self) -> Self {
        let stage = match self.stage {
            Stage::NeedsYou(refusal) => Stage::NeedsYou(refusal),
            _ => Stage::Queued(Wait::default()),
        };
        Self { uploaded: Vec::new(), upload_begun: false, stage, ..self }
    }

    /// Sends the report again that the server has lost; false if that was tried a moment ago.
    pub fn send_again(&mut self, now: i64) -> bool {
        if (now - self.resent_at).abs() < RESEND_MS || self.withdrawal.is_some() {
            return false;
        }
        self.resent_at = now;
        if let Stage::Received { receipt, .. } = &self.stage {
            self.receipt = Some(receipt.clone());
        }
        self.uploaded.clear();
        self.stage = Stage::Queued(Wait { reason: Some(Reason::ServerForgot), ..Wait::default() });
        true
    }

    /// The row's key.
    #[must_use]
    pub fn key(&self) -> String {
        self.id.to_string()
    }

    /// Still only on this phone, as far as is known.
    #[must_use]
    pub const fn is_unsent(&self) -> bool {
        !matches!(self.stage, Stage::Received { .. }) && !self.is_sent_elsewhere()
    }

    /// Another phone has sent it: there is nothing left to do. It stands as a refusal, which an earlier build can read, too.
    #[must_use]
    pub const fn is_sent_elsewhere(&self) -> bool {
        matches!(self.stage, Stage::NeedsYou(Refusal { kind: RefusalKind::SentElsewhere, .. }))
    }

    /// Its photos, in order. Names that are not hashes are left out; a row never has any.
    #[must_use]
    pub fn photos(&self) -> Vec<PhotoHash> {
        self.body.photos.iter().filter_map(|name| PhotoHash::parse(name).ok()).collect()
    }

    /// The server has it after all and only does not show it to this phone any more: false if it was not sent again.
    pub fn keep_receipt(&mut self) -> bool {
        let Some(receipt) = self.receipt.take() else { return false };
        let news = News { state: receipt.state, timeline: Vec::new(), merged_into: None, forgotten: true };
        self.stage = Stage::Received { receipt, news: Some(news) };
        true
    }

    /// A tab, or the service worker, is at it.
    #[must_use]
    pub const fn is_sending(&self) -> bool {
        matches!(self.stage, Stage::Sending(_))
    }

    /// No longer being sent: back into the queue.
    pub fn requeue(&mut self) {
        if let Stage::Sending(wait) = &self.stage {
            self.stage = Stage::Queued(wait.clone());
        }
    }

    /// What it waits for: to be sent, to be taken back, or to say something of its repair.
    #[must_use]
    pub const fn wait(&self) -> Option<&Wait> {
        match (&self.withdrawal, &self.stage, &self.said) {
            (Some(wait), ..) | (None, Stage::Queued(wait), _) => Some(wait),
            (None, Stage::Received { .. }, Some(said)) if !said.refused => Some(&said.wait),
            _ => None,
        }
    }

    /// The same, to be changed.
    pub const fn wait_mut(&mut self) -> Option<&mut Wait> {
        match (&mut self.withdrawal, &mut self.stage, &mut self.said) {
            (Some(wait), ..) | (None, Stage::Queued(wait) | Stage::Sending(wait), _) => Some(wait),
            (None, Stage::Received { .. }, Some(said)) if !said.refused => Some(&mut said.wait),
            _ => None,
        }
    }

    /// Whether its photos stay here although it has arrived; see [`DAYS_AFTER_RECEIPT`].
    #[must_use]
    pub fn keeps_photos(&self, now: Minute) -> bool {
        match &self.stage {
            Stage::Received { receipt, .. } => {
                clock::parse_rfc3339(&receipt.received_at).is_some_and(|at| now < at.plus(DAYS_AFTER_RECEIPT * DAY))
            }
            _ => self.is_unsent(),
        }
    }

    /// Whether the writer may take it back and change it. Not while it may already be on the server in this form:
    /// then the change would be refused, or be a second report.
    #[must_use]
    pub const fn can_edit(&self) -> bool {
        match self.stage {
            _ if self.withdrawal.is_some() => false,
            // Photos that are on their way say nothing yet: whoever sends them finds that it was taken back.
            Stage::Queued(_) | Stage::Sending(_) => !self.put_begun,
            Stage::NeedsYou(_) => !self.is_sent_elsewhere(),
            Stage::Received { .. } => false,
        }
    }

    /// The report as a draft again. Where the server keeps the old id for what it has or had under it, this one needs
    /// `new_id`.
    #[must_use]
    pub fn to_draft(&self, new_id: ReportId, now: i64) -> Draft {
        let refusal = match &self.stage {
            Stage::NeedsYou(refusal) => Some(refusal),
            _ => None,
        };
        let is_taken = |refusal: &Refusal| matches!(refusal.kind, RefusalKind::Conflict | RefusalKind::TakenBack);
        let id = if refusal.is_some_and(is_taken) { new_id } else { self.id };
        let position = self.body.lat.zip(self.body.lng).and_then(|(lat, lng)| Wgs84::new(lat, lng));
        Draft {
            category: self.body.category.clone(),
            description: self.body.description.clone().unwrap_or_default(),
            landmark: self.body.landmark.clone().unwrap_or_default(),
            place: position.map(|position| Place::read_back(position, self.body.accuracy_m)),
            captured_at: self.body.captured_at.clone(),
            photos: self.photos(),
            parked: true,
            changed_at: now,
            refused: refusal.map(|refusal| refusal.detail.clone()).filter(|detail| !detail.is_empty()),
            same_as: self.body.same_as.as_deref().and_then(|id| Uuid::try_parse(id).ok()).map(ReportId),
            ..Draft::new(id)
        }
    }

    /// When the next try is, if one will come by itself.
    #[must_use]
    pub const fn next_try(&self) -> Option<i64> {
        match self.wait() {
            Some(wait) => Some(wait.not_before),
            None => None,
        }
    }
}

#[cfg(test)]
mod tests;

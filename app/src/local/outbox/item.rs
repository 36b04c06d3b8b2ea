//! One report on its way, as a row of the outbox.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::domain::geo::Wgs84;
use crate::domain::ids::{PhotoHash, ReportId};
use crate::domain::report::ReportState;
use crate::json::FromJson;
use crate::local::draft::{Draft, Place};
use crate::wire::problem::FieldError;
use crate::wire::report::{MergedInto, Receipt, ReportBody, TimelineEntry};

/// A report that its writer has finished.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, FromJson)]
pub struct Item {
    pub id: ReportId,
    /// What is sent, word for word.
    pub body: ReportBody,
    /// Photos the server has said it has.
    #[serde(default)]
    pub uploaded: Vec<PhotoHash>,
    /// The report itself has left the phone at least once, so the server may have it although no answer came. From
    /// then on its content may not change under this id.
    #[serde(default)]
    pub put_begun: bool,
    /// Milliseconds since 1970, this phone's clock: oldest first.
    pub queued_at: i64,
    pub stage: Stage,
}

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
            put_begun: false,
            queued_at: now,
            stage: Stage::Queued(Wait::default()),
        }
    }

    /// The row's key.
    #[must_use]
    pub fn key(&self) -> String {
        self.id.to_string()
    }

    /// Still only on this phone, as far as is known.
    #[must_use]
    pub const fn is_unsent(&self) -> bool {
        !matches!(self.stage, Stage::Received { .. })
    }

    /// Its photos, in order. Names that are not hashes are left out; a row never has any.
    #[must_use]
    pub fn photos(&self) -> Vec<PhotoHash> {
        self.body.photos.iter().filter_map(|name| PhotoHash::parse(name).ok()).collect()
    }

    /// Whether the writer may take it back and change it. Not while it may already be on the server in this form:
    /// then the change would be refused, or be a second report.
    #[must_use]
    pub const fn can_edit(&self) -> bool {
        match self.stage {
            Stage::Queued(_) => !self.put_begun,
            Stage::NeedsYou(_) => true,
            Stage::Sending(_) | Stage::Received { .. } => false,
        }
    }

    /// The report as a draft again. After a conflict the server's report keeps the old id, so this one needs `new_id`.
    #[must_use]
    pub fn to_draft(&self, new_id: ReportId, now: i64) -> Draft {
        let refusal = match &self.stage {
            Stage::NeedsYou(refusal) => Some(refusal),
            _ => None,
        };
        let id = if refusal.is_some_and(|refusal| refusal.kind == RefusalKind::Conflict) { new_id } else { self.id };
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
        match &self.stage {
            Stage::Queued(wait) => Some(wait.not_before),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(stage: Stage, put_begun: bool) -> Item {
        let draft = Draft::new(ReportId(uuid::Uuid::from_u128(1)));
        Item { put_begun, stage, ..Item::new(&draft, ReportBody::default(), 5) }
    }

    fn refused(kind: RefusalKind) -> Stage {
        Stage::NeedsYou(Refusal { kind, detail: "why".to_owned(), errors: Vec::new() })
    }

    #[test]
    fn a_report_that_may_be_on_the_server_cannot_be_changed() {
        assert!(item(Stage::Queued(Wait::default()), false).can_edit());
        assert!(!item(Stage::Queued(Wait::default()), true).can_edit());
        assert!(!item(Stage::Sending(Wait::default()), false).can_edit());
        assert!(item(refused(RefusalKind::Invalid), true).can_edit());
    }

    #[test]
    fn only_a_conflict_gives_a_mended_report_a_new_id() {
        let fresh = ReportId(uuid::Uuid::from_u128(2));
        assert_eq!(item(refused(RefusalKind::Invalid), true).to_draft(fresh, 9).id, ReportId(uuid::Uuid::from_u128(1)));
        let draft = item(refused(RefusalKind::Conflict), true).to_draft(fresh, 9);
        assert_eq!((draft.id, draft.refused.as_deref()), (fresh, Some("why")));
    }

    #[test]
    fn a_report_that_follows_another_still_does_when_it_is_taken_back() {
        let other = ReportId(uuid::Uuid::from_u128(9));
        let body = ReportBody { same_as: Some(other.to_string()), ..ReportBody::default() };
        let item = Item { body, ..item(Stage::Queued(Wait::default()), false) };
        assert_eq!(item.to_draft(ReportId(uuid::Uuid::nil()), 9).same_as, Some(other));
    }

    #[test]
    fn a_row_survives_being_written_and_read() {
        for stage in [
            Stage::Queued(Wait { tries: 3, not_before: 77, reason: Some(Reason::NoAnswer) }),
            Stage::Sending(Wait::default()),
            refused(RefusalKind::TooLarge),
        ] {
            let before = item(stage, true);
            let text = serde_json::to_string(&before).unwrap();
            assert_eq!(serde_json::from_str::<Item>(&text).unwrap(), before);
        }
    }

    #[test]
    fn a_reason_of_a_newer_build_is_read_as_some_other_reason() {
        let wait: Wait = serde_json::from_str(r#"{"reason":"battery_low"}"#).unwrap();
        assert_eq!(wait.reason, Some(Reason::Other));
    }
}

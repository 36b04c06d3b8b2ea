//! Everything the server has stored about one phone.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::report::ReportView;
use crate::domain::ids::ReportId;
use crate::json::{FromJson, IgnoredAny};

/// Answer of `GET /api/v1/device`. Moments are RFC 3339 with offset.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DeviceView {
    /// `None`: the server has never heard of this phone, or has forgotten it.
    #[serde(default)]
    pub first_seen_at: Option<String>,
    /// To the day.
    #[serde(default)]
    pub last_seen_at: Option<String>,
    /// Days without a sign of life after which the phone is forgotten.
    pub forgotten_after_days: u32,
    /// Newest first.
    #[serde(default)]
    pub reports: Vec<ReportView>,
    #[serde(default)]
    pub photos: Vec<StoredPhoto>,
    /// Photos of which only the beginning has arrived.
    #[serde(default)]
    pub uploads: Vec<UnfinishedUpload>,
    #[serde(default)]
    pub verifications: Vec<StoredVerification>,
    #[serde(default)]
    pub answers: Vec<StoredAnswer>,
}

/// Body of `PUT /api/v1/device/membership`: a courier joins with a code from the staff. 201, or 200 for one who has joined
/// before and may leave the code out, with the name that is kept; 422 naming the field.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MembershipBody {
    #[serde(default)]
    pub code: String,
    pub name: String,
    /// May be empty.
    #[serde(default)]
    pub phone: String,
}

/// What a phone reads of [`DeviceView`]: how much there is. The whole is for the person, as a file.
#[derive(Clone, Debug, Default, PartialEq, FromJson)]
#[from_json(fill)]
pub struct DeviceCounts {
    #[serde(default)]
    pub first_seen_at: Option<String>,
    #[serde(default)]
    pub last_seen_at: Option<String>,
    pub forgotten_after_days: u32,
    #[serde(default)]
    pub reports: Vec<IgnoredAny>,
    #[serde(default)]
    pub photos: Vec<IgnoredAny>,
    #[serde(default)]
    pub uploads: Vec<IgnoredAny>,
    #[serde(default)]
    pub verifications: Vec<IgnoredAny>,
    #[serde(default)]
    pub answers: Vec<IgnoredAny>,
}

/// A photo that the phone has sent, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredPhoto {
    /// Of the bytes as they were sent.
    pub sha256: String,
    /// Of the picture as it is kept, in pixels and bytes.
    pub width: u32,
    pub height: u32,
    pub bytes: i64,
    pub received_at: String,
}

/// A photo of which a part has arrived.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnfinishedUpload {
    pub sha256: String,
    pub received_bytes: i64,
    /// Bytes of the whole photo.
    pub length: i64,
    /// When it is dropped unless more comes.
    pub expires_at: String,
}

/// What the phone has said of a station.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredVerification {
    pub id: Uuid,
    /// Its slug.
    pub station: String,
    /// A code of `VerificationKind`.
    pub kind: String,
    pub at: String,
}

/// What the phone has said of a repair.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredAnswer {
    /// The phone's own, also where it is followed through another.
    pub report: ReportId,
    /// A code of `Says`.
    pub kind: String,
    /// For staff only; may be empty.
    pub words: String,
    pub at: String,
}

//! Verifications on the wire.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::domain::verification::VerificationKind;
use crate::json::FromJson;

/// Body of `PUT /api/v1/verifications/{uuid}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
pub struct VerificationBody {
    /// The station's slug.
    pub station: String,
    /// A code of [`VerificationKind`].
    pub kind: String,
    /// RFC 3339 with offset: when it was said.
    pub at: String,
}

/// The server's word that a verification is stored. The same one is always answered with the same bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerificationReceipt {
    pub id: Uuid,
    /// The station's slug, as it was said.
    pub station: String,
    pub kind: VerificationKind,
    /// RFC 3339 with offset, the server's clock.
    pub received_at: String,
}

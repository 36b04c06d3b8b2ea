//! What reporters say of a repair.

use serde::{Deserialize, Serialize};

use crate::domain::case::Says;
use crate::json::FromJson;

/// Body of `PUT /api/v1/reports/{uuid}/answers/{uuid}`, by the report's own phone; the second id is made by the phone, so that
/// what is sent twice is said once. 200 with the report; 409 if it is not said to be fixed, or if it is too late to say that
/// it is not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
pub struct AnswerBody {
    pub says: Says,
    /// For staff only: nobody has looked at it yet.
    #[serde(default)]
    pub note: String,
}

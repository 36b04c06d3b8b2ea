//! Phones, known only by the hash of the token each made for itself.

use sha2::{Digest, Sha256};
use sqlx::AssertSqlSafe;
use waypost_app::domain::ids::{PhotoHash, ReportId, StaffId, UnitId};

use super::rows::{is_common, places};
use super::{Connection, StoreError};
use crate::clock::DAY_MS;

/// Who sent something: the SHA-256 of a token, as 64 hex digits. Knowing it does not let anybody act as the device.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DeviceId(String);

/// The text is not 32 random bytes in hex or base64.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a token is 32 random bytes, as 64 hex digits or in base64")]
pub struct NotAToken;

impl DeviceId {
    /// The device that holds a token: 64 hex digits, or 43 characters of base64 (either alphabet, padding optional).
    ///
    /// # Errors
    /// Anything else is [`NotAToken`].
    pub fn of_token(token: &str) -> Result<Self, NotAToken> {
        let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_');
        let unpadded = token.strip_suffix('=').unwrap_or(token);
        if token.len() == 64 && token.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            Ok(Self::hash(token.to_ascii_lowercase().as_bytes()))
        } else if unpadded.len() == 43 && unpadded.bytes().all(is_base64) {
            Ok(Self::hash(unpadded.as_bytes()))
        } else {
            Err(NotAToken)
        }
    }

    /// The device of a report sent by the plain HTML form, which has no token. What is hashed is not a token, so nobody
    /// can hold it; and it depends on the report only, so that a form sent twice comes from the same device.
    #[must_use]
    pub fn of_form(report: ReportId) -> Self {
        Self::hash(format!("form:{report}").as_bytes())
    }

    /// Under which what somebody of the staff sends is counted and kept until an event shows it. Nobody can hold it either.
    #[must_use]
    pub fn of_staff(staff: StaffId) -> Self {
        Self::hash(format!("staff:{staff}").as_bytes())
    }

    /// The same of what a unit sends through the link of a case.
    #[must_use]
    pub fn of_link(case: ReportId, unit: UnitId) -> Self {
        Self::hash(format!("link:{case}:{unit}").as_bytes())
    }

    /// From how it stands in the database; `None` if that is no hash.
    #[must_use]
    pub fn from_stored(text: &str) -> Option<Self> {
        PhotoHash::parse(text).ok().map(|hash| Self(hash.into()))
    }

    fn hash(bytes: &[u8]) -> Self {
        Self(PhotoHash::from_digest(&Sha256::digest(bytes)).into())
    }

    /// As it stands in the database.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A device that was seen is noted once in so many milliseconds.
const SEEN_MS: i64 = DAY_MS;

/// A device that was last noted as seen by then is due again.
pub(super) const fn due_before(now_ms: i64) -> i64 {
    now_ms.saturating_sub(SEEN_MS)
}

/// Makes sure that a device has a row before something refers to it, and notes, once a day, that it was seen.
///
/// # Errors
/// Those of the database.
pub async fn ensure(conn: &mut Connection, device: &DeviceId, now_ms: i64) -> Result<(), StoreError> {
    ensure_all(conn, &[(device, now_ms)]).await
}

/// The same for several, each of them once, with the time at which each was seen.
///
/// # Errors
/// Those of the database.
pub(super) async fn ensure_all(conn: &mut Connection, seen: &[(&DeviceId, i64)]) -> Result<(), StoreError> {
    if seen.is_empty() {
        return Ok(());
    }
    let sql = format!(
        "INSERT INTO devices (token_sha256, first_seen_ms, last_seen_ms) VALUES {}
         ON CONFLICT (token_sha256) DO UPDATE SET last_seen_ms = excluded.last_seen_ms
           WHERE devices.last_seen_ms <= excluded.last_seen_ms - {SEEN_MS}",
        places(seen.len(), 3)
    );
    let mut insert = sqlx::query(AssertSqlSafe(sql)).persistent(is_common(seen.len()));
    for (device, at_ms) in seen {
        insert = insert.bind(device.as_str()).bind(*at_ms).bind(*at_ms);
    }
    insert.execute(conn).await?;
    Ok(())
}

/// Whether a known device was last noted as seen so long ago that it is due again.
///
/// # Errors
/// Those of the database.
pub async fn is_due(conn: &mut Connection, device: &DeviceId, now_ms: i64) -> Result<bool, StoreError> {
    let row = sqlx::query("SELECT 1 FROM devices WHERE token_sha256 = $1 AND last_seen_ms <= $2")
        .bind(device.as_str())
        .bind(due_before(now_ms))
        .fetch_optional(conn)
        .await?;
    Ok(row.is_some())
}

/// Whether a device was heard of first before a moment, in milliseconds since 1970.
///
/// # Errors
/// Those of the database.
pub async fn was_seen_before(conn: &mut Connection, device: &DeviceId, before_ms: i64) -> Result<bool, StoreError> {
    let row = sqlx::query("SELECT 1 FROM devices WHERE token_sha256 = $1 AND first_seen_ms <= $2")
        .bind(device.as_str())
        .bind(before_ms)
        .fetch_optional(conn)
        .await?;
    Ok(row.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_32_bytes_in_hex_or_base64() {
        let hex = "0123456789abcdefABCDEF".repeat(3)[..64].to_owned();
        let base64 = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNO-_";
        assert!(DeviceId::of_token(&hex).is_ok());
        assert_eq!(DeviceId::of_token(&hex.to_uppercase()), DeviceId::of_token(&hex));
        assert_eq!(DeviceId::of_token(&format!("{base64}=")), DeviceId::of_token(base64));
        assert_ne!(DeviceId::of_token(&hex), DeviceId::of_token(base64));
        for wrong in
            ["", "secret", &hex[1..], &format!("{hex}0"), &base64[1..], &format!("{base64}=="), &"驿".repeat(22)]
        {
            assert_eq!(DeviceId::of_token(wrong), Err(NotAToken), "{wrong}");
        }
    }

    #[test]
    fn a_token_cannot_be_read_from_its_device() {
        let token = "a".repeat(64);
        let device = DeviceId::of_token(&token).unwrap();
        assert!(!format!("{device:?}").contains(&token));
    }
}

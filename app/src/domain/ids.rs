//! Identifiers as types, so that one cannot be passed where another is meant.

use std::fmt;

use crate::json::{FromJson, Unreadable};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, FromJson)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl $name {
            /// The id as it stands in URLs, the database and the wire.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }
    };
}

text_id!(
    /// A station. Never reused, even after the station is gone.
    StationId
);
text_id!(
    /// A weekly or one-off offer at a station.
    ServiceId
);
text_id!(
    /// A skills market.
    MarketId
);
text_id!(
    /// One rule with its exceptions, shared by everything that keeps the same hours.
    ScheduleId
);
text_id!(
    /// A place people know by name, to stand in for GPS.
    LandmarkId
);

/// A report: a version 7 UUID made on the phone before anything is sent, so that sending twice is harmless.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, FromJson)]
#[serde(transparent)]
pub struct ReportId(pub Uuid);

impl fmt::Display for ReportId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

uuid_id!(
    /// Somebody on the staff. Never reused: what they did keeps saying that it was them.
    StaffId
);
uuid_id!(
    /// A unit that repairs: a department or a firm.
    UnitId
);

/// The SHA-256 of a photo's bytes, written as 64 lower-case hex digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PhotoHash(String);

/// The text is not 64 hex digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a photo is named by the 64 hex digits of its SHA-256")]
pub struct NotAPhotoHash;

impl PhotoHash {
    /// Reads 64 hex digits; upper case is accepted and kept as lower case.
    ///
    /// # Errors
    /// Anything else is [`NotAPhotoHash`].
    pub fn parse(text: &str) -> Result<Self, NotAPhotoHash> {
        if text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit()) {
            Ok(Self(text.to_ascii_lowercase()))
        } else {
            Err(NotAPhotoHash)
        }
    }

    /// From the 32 bytes of a digest.
    #[must_use]
    pub fn from_digest(digest: &[u8]) -> Self {
        use fmt::Write;
        let mut text = String::with_capacity(64);
        for byte in digest {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        Self(text)
    }

    /// The 64 hex digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromJson for PhotoHash {
    fn from_json(value: crate::json::Value) -> Result<Self, Unreadable> {
        Self::parse(&String::from_json(value)?).map_err(|_| Unreadable("photo"))
    }
}

impl TryFrom<String> for PhotoHash {
    type Error = NotAPhotoHash;
    fn try_from(text: String) -> Result<Self, NotAPhotoHash> {
        Self::parse(&text)
    }
}

impl From<PhotoHash> for String {
    fn from(hash: PhotoHash) -> Self {
        hash.0
    }
}

impl fmt::Display for PhotoHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_photo_hash_is_64_hex_digits_kept_in_lower_case() {
        let lower = "0123456789abcdef".repeat(4);
        assert_eq!(PhotoHash::parse(&lower).expect("a hash").as_str(), lower);
        assert_eq!(PhotoHash::parse(&lower.to_uppercase()).expect("a hash").as_str(), lower);
        for text in [
            String::new(),
            lower[1..].to_owned(),
            format!("{lower}0"),
            format!("{}g", &lower[1..]),
            format!(" {}", &lower[1..]),
            format!("0x{}", &lower[2..]),
            // 64 bytes, but not 64 digits.
            "é".repeat(32),
            "../".repeat(21) + "a",
        ] {
            assert_eq!(PhotoHash::parse(&text), Err(NotAPhotoHash), "{text}");
        }
    }

    #[test]
    fn ids_are_plain_text_on_the_wire() {
        let station = StationId::from("xinxin");
        assert_eq!(serde_json::to_string(&station).expect("json"), "\"xinxin\"");
        assert_eq!(serde_json::from_str::<StationId>("\"xinxin\"").expect("read"), station);
        let report = ReportId(Uuid::nil());
        assert_eq!(serde_json::to_string(&report).expect("json"), format!("\"{report}\""));
    }

    #[test]
    fn a_name_that_is_no_hash_cannot_come_in_through_json() {
        assert!(serde_json::from_str::<PhotoHash>("\"../../etc/passwd\"").is_err());
        let upper = format!("\"{}\"", "AB".repeat(32));
        assert_eq!(serde_json::from_str::<PhotoHash>(&upper).expect("read").as_str(), "ab".repeat(32));
    }

    proptest! {
        #[test]
        fn a_digest_and_its_hash_name_each_other(digest in any::<[u8; 32]>()) {
            let hash = PhotoHash::from_digest(&digest);
            prop_assert_eq!(PhotoHash::parse(hash.as_str()), Ok(hash.clone()));
            let bytes: Vec<u8> = (0..32).map(|at| u8::from_str_radix(&hash.as_str()[2 * at..2 * at + 2], 16).expect("hex")).collect();
            prop_assert_eq!(bytes, digest);
        }

        #[test]
        fn any_text_is_either_a_hash_or_refused(text in any::<String>()) {
            let hex = text.chars().count() == 64 && text.chars().all(|c| c.is_ascii_hexdigit());
            prop_assert_eq!(PhotoHash::parse(&text).is_ok(), hex);
        }
    }
}

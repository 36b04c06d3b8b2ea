//! Who is on the staff, how they sign in, and whom they invite. Moments are RFC 3339 with offset.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::domain::ids::{StaffId, UnitId};
use crate::domain::staff::Role;

/// What is said to nobody, also not to a log.
macro_rules! unspoken {
    ($($name:ident),*) => {$(
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(stringify!($name))
            }
        }
    )*};
}

unspoken!(SignIn, Link, SetUp, NewPassword, SecondFactor, Code, RecoveryCodes, Invitation);

/// Body of `POST /api/v1/staff/session`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignIn {
    pub name: String,
    pub password: String,
    /// Six digits of the second factor, or a recovery code; asked for (401 with `code` in `errors`) where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

/// Who is signed in: answer of `POST` and `GET /api/v1/staff/session`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionView {
    pub staff: StaffView,
    /// When it ends at the latest; unused it ends earlier.
    pub expires_at: String,
}

/// Somebody on the staff, to themselves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaffView {
    pub id: StaffId,
    pub name: String,
    pub role: Role,
    #[serde(default)]
    pub unit: Option<UnitId>,
    /// Whether signing in asks for a code besides the password.
    pub second_factor: bool,
    /// Nothing else is open to them until they have set up the second factor.
    #[serde(default)]
    pub must_set_second_factor: bool,
}

/// One place where somebody is signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceSession {
    pub id: Uuid,
    /// The one that asks.
    pub current: bool,
    /// Browser and system in words, such as `Chrome, Android`; empty if it did not say.
    pub agent: String,
    pub signed_in_at: String,
    /// To five minutes.
    pub last_seen_at: String,
    pub expires_at: String,
}

/// Answer of `GET /api/v1/staff/sessions`, the latest used first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceSessions {
    pub sessions: Vec<DeviceSession>,
}

/// Somebody on the staff, to admins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    pub id: StaffId,
    pub name: String,
    pub role: Role,
    #[serde(default)]
    pub unit: Option<UnitId>,
    pub second_factor: bool,
    /// Whether they have a password yet.
    pub joined: bool,
    pub disabled: bool,
    pub created_at: String,
    /// Of the session that was used last; `None`: signed in nowhere.
    #[serde(default)]
    pub last_seen_at: Option<String>,
}

/// Answer of `GET /api/v1/staff/people`, by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct People {
    pub people: Vec<Person>,
}

/// Body of `POST /api/v1/staff/people`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewPerson {
    pub name: String,
    pub role: Role,
    /// For the role `unit` only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<UnitId>,
}

/// Body of `PATCH /api/v1/staff/people/{id}`; what is left out stays. 422 names the field: a unit that is not there, what would
/// leave nobody to sign in as an admin, and `reset` or `drop_second_factor` of oneself, which another admin does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonChange {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<UnitId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disabled: Option<bool>,
    /// Makes a link with which they choose another password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reset: Option<bool>,
    /// Takes the second factor away from somebody who has lost it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drop_second_factor: Option<bool>,
}

/// A person, and the link that lets them choose a password where one was made. It is shown this once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonAndLink {
    pub person: Person,
    #[serde(default)]
    pub link: Option<Link>,
}

/// An address that works once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    pub url: String,
    pub expires_at: String,
}

/// Body of `POST /api/v1/staff/setup`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetUp {
    /// What stands after `#` in the link.
    pub token: String,
    /// For the first admin only; everybody else has a name already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    pub password: String,
}

/// Answer of `POST /api/v1/staff/setup`: the name to sign in with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetUpDone {
    pub name: String,
}

/// Body of `PUT /api/v1/staff/password`: 204, and all other sessions end.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewPassword {
    pub old: String,
    pub new: String,
}

/// Answer of `POST /api/v1/staff/second-factor`: what an authenticator app needs. Not in force until a code confirms it, which has
/// to come within ten minutes; after that `PUT` answers 422 naming `code`, and it is begun anew. Wrong codes count as failed
/// sign-ins do: 429 after too many.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecondFactor {
    /// `otpauth://totp/…`, to be shown as a QR code or opened.
    pub uri: String,
    /// The same secret to type, in base32.
    pub secret: String,
}

/// Body of `PUT` and `DELETE /api/v1/staff/second-factor`, and of `POST` where there is one already.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Code {
    pub code: String,
}

/// Answer of `PUT /api/v1/staff/second-factor`. They are shown this once; each works once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecoveryCodes {
    pub recovery_codes: Vec<String>,
}

/// Body of `POST /api/v1/staff/invitations`, with which couriers join.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewInvitation {
    /// How many may join with it: 1 if left out, at most 200.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uses: Option<u32>,
    /// How many days it is good for: 7 if left out, at most 30.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<u32>,
}

/// Its answer. The code is shown this once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    pub code: String,
    /// To be shown as a QR code.
    pub url: String,
    pub uses: u32,
    pub expires_at: String,
}

/// A courier who has joined.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    pub name: String,
    /// Whole for admins only; `138****1234` for everybody else. Empty if it was not given.
    pub phone: String,
    pub joined_at: String,
}

/// Answer of `GET /api/v1/staff/members`, the latest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Members {
    pub members: Vec<Member>,
}

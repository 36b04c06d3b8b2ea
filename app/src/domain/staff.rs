//! Who works behind the pages, and what kind of work it is.

use serde::{Deserialize, Serialize};

/// What somebody on the staff may do; which route is open to whom is the server's table of access.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Everything, and who else is on the staff.
    Admin,
    /// The district's queue and its stations.
    Worker,
    /// Repairs: only the cases that are assigned to the own unit.
    Unit,
}

impl Role {
    pub const ALL: [Self; 3] = [Self::Admin, Self::Worker, Self::Unit];

    /// The code on the wire, in the database and on the command line.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Worker => "worker",
            Self::Unit => "unit",
        }
    }

    /// The role a code names.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.code() == code)
    }

    /// Whether a password alone is not enough: who can let others in needs a second factor.
    #[must_use]
    pub const fn needs_second_factor(self) -> bool {
        matches!(self, Self::Admin)
    }
}

#[cfg(test)]
mod tests {
    use super::Role;

    #[test]
    fn a_role_is_written_the_same_everywhere() {
        for role in Role::ALL {
            assert_eq!(Role::from_code(role.code()), Some(role));
            assert_eq!(serde_json::to_string(&role).expect("json"), format!("\"{}\"", role.code()));
        }
        assert_eq!(Role::from_code("Admin"), None);
        assert_eq!(Role::from_code(""), None);
    }
}

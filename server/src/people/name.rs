//! Names of people on the staff.

/// Characters a name may have.
pub const MAX_NAME: usize = 40;

/// Why a name is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameFault {
    #[error("is empty")]
    Empty,
    #[error("must have at most {MAX_NAME} characters")]
    Long,
    // Authenticator apps take what stands before a colon for the issuer.
    #[error("must not contain control characters or colons")]
    Letters,
}

/// Whether it may be somebody's name; without spaces around it.
///
/// # Errors
/// In words.
pub fn check(name: &str) -> Result<&str, NameFault> {
    let name = name.trim();
    if name.is_empty() {
        Err(NameFault::Empty)
    } else if name.chars().count() > MAX_NAME {
        Err(NameFault::Long)
    } else if name.chars().any(|letter| letter.is_control() || letter == ':') {
        Err(NameFault::Letters)
    } else {
        Ok(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short_and_plain() {
        assert_eq!(check(" 王芳 "), Ok("王芳"));
        assert_eq!(check("O'Brien-Li (night)"), Ok("O'Brien-Li (night)"));
        assert_eq!(check("  "), Err(NameFault::Empty));
        assert_eq!(check(&"驿".repeat(41)), Err(NameFault::Long));
        for wrong in ["a\nb", "a:b", "a\u{0}"] {
            assert_eq!(check(wrong), Err(NameFault::Letters), "{wrong:?}");
        }
    }
}

//! The second factor: six digits that an authenticator app shows for half a minute (TOTP, RFC 6238), and recovery codes.

use anyhow::anyhow;
use rand::Rng;
use totp_rs::{Builder, Secret, Totp};

use super::secret::Recovery;

/// For so long a proposed secret waits for its first code, in milliseconds: as long as it takes to set up an app.
pub const PROPOSED_MS: i64 = 10 * 60 * 1000;

/// The step of the clock for which the code was made, if it is the right one; the steps before and after count as well, because
/// clocks differ. Whether it has been taken before is for others to say.
///
/// # Errors
/// If the secret is none.
pub(super) fn step_of(secret: &str, code: &str, now_ms: i64) -> anyhow::Result<Option<i64>> {
    let code: String = code.chars().filter(|letter| !letter.is_whitespace()).collect();
    if code.len() != 6 || !code.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(None);
    }
    let step = totp(secret, None)?.check(&code, u64::try_from(now_ms / 1000).unwrap_or_default());
    Ok(step.and_then(|step| i64::try_from(step).ok()))
}

/// A secret of 160 random bits, in base32.
pub fn new_secret() -> String {
    Secret::from(rand::rng().random::<[u8; 20]>()).to_base32()
}

/// What an authenticator app reads to make the codes of somebody.
///
/// # Errors
/// If the secret is none, or the name has a colon in it.
pub fn uri(secret: &str, name: &str) -> anyhow::Result<String> {
    totp(secret, Some(name))?.to_url().map_err(|fault| anyhow!("no address for an authenticator: {fault}"))
}

/// Ten codes, each of which stands in once for a lost authenticator.
pub fn new_recovery_codes() -> Vec<Recovery> {
    (0..10).map(|_| Recovery::new()).collect()
}

fn totp(secret: &str, name: Option<&str>) -> anyhow::Result<Totp> {
    let secret = Secret::try_from_base32(secret).map_err(|fault| anyhow!("a second factor's secret: {fault}"))?;
    let builder = Builder::new().with_secret(secret).with_issuer(Some("Waypost"));
    let builder = match name {
        Some(name) => builder.with_account_name(name),
        None => builder,
    };
    builder.build().map_err(|fault| anyhow!("a second factor: {fault}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_rfc_6238() {
        // The RFC's own secret and times (appendix B), with the last six of its eight digits.
        let secret = Secret::from(*b"12345678901234567890").to_base32();
        for (seconds, code) in
            [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924"), (2_000_000_000, "279037")]
        {
            assert_eq!(step_of(&secret, code, seconds * 1000).unwrap(), Some(seconds / 30), "{code}");
            assert_eq!(step_of(&secret, code, (seconds + 30) * 1000).unwrap(), Some(seconds / 30), "a slow clock");
            assert_eq!(step_of(&secret, code, (seconds + 90) * 1000).unwrap(), None, "too old");
        }
        assert_eq!(step_of(&secret, " 287 082 ", 59_000).unwrap(), Some(1), "as people read it");
        for wrong in ["", "28708", "2870820", "28708a", "２８７０８２", "000000"] {
            assert_eq!(step_of(&secret, wrong, 59_000).unwrap(), None, "{wrong}");
        }
    }

    #[test]
    fn an_authenticator_is_told_the_secret_and_whose_it_is() {
        let secret = new_secret();
        assert_ne!(secret, new_secret());
        let uri = uri(&secret, "王芳").unwrap();
        assert!(uri.starts_with("otpauth://totp/Waypost:") && uri.contains(&format!("secret={secret}")), "{uri}");
        assert!(uri.is_ascii(), "{uri}");
    }
}

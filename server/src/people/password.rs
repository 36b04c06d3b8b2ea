//! Passwords: how they are kept, and which are taken.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::anyhow;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

use crate::error::{Error, later};

/// Characters a password must have. Nothing is asked of which.
pub const MIN_PASSWORD: usize = 12;
/// Characters it may have: a sentence, and not a book that keeps the server busy.
pub const MAX_PASSWORD: usize = 256;

/// Memory (KiB), passes and lanes of a hash, as OWASP recommends them: 20 ms on a small server.
const COST: (u32, u32, u32) = (19_456, 2, 1);

/// A hash of nothing that anybody knows, with [`COST`]: a name that nobody has takes as long as one that somebody has.
const NOBODYS: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$c29tZSBzYWx0IG9mIG91cnM$AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

/// How long a password waits for its turn before its owner is asked to come again.
const TURN: Duration = Duration::from_secs(5);

/// Hashes passwords, a few at a time: each takes a processor and 19 MB. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Passwords {
    turns: Arc<Semaphore>,
    hashed: Arc<AtomicU64>,
}

impl Default for Passwords {
    fn default() -> Self {
        Self::new()
    }
}

impl Passwords {
    /// As many at a time as there are processors, but leaving some to everybody else.
    pub fn new() -> Self {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        Self { turns: Arc::new(Semaphore::new((processors / 2).max(1))), hashed: Arc::default() }
    }

    /// How many were hashed until now: that is nearly all the time that signing in takes, and each takes the same.
    pub fn hashed(&self) -> u64 {
        self.hashed.load(Ordering::Relaxed)
    }

    /// What is kept of a password.
    ///
    /// # Errors
    /// 503 while too many wait.
    pub async fn hash(&self, password: String) -> Result<String, Error> {
        self.in_turn(move || Ok(argon2()?.hash_password(password.as_bytes())?.to_string())).await
    }

    /// Whether a password is the one that was kept. Takes as long where none was.
    ///
    /// # Errors
    /// 503 while too many wait.
    pub async fn verify(&self, password: String, kept: Option<String>) -> Result<bool, Error> {
        self.in_turn(move || {
            let hash = PasswordHash::new(kept.as_deref().unwrap_or(NOBODYS))?;
            let right = argon2()?.verify_password(password.as_bytes(), &hash).is_ok();
            Ok(right && kept.is_some())
        })
        .await
    }

    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, argon2::password_hash::Error> + Send + 'static,
    ) -> Result<T, Error> {
        let turn = tokio::time::timeout(TURN, self.turns.clone().acquire_owned());
        let turn = turn.await.map_err(|_| later("Too many people are signing in; please try again in a moment."))?;
        let turn = turn.map_err(anyhow::Error::from)?;
        let hashed = self.hashed.clone();
        let worked = tokio::task::spawn_blocking(move || {
            // Until the work is done, also if whoever waits for it has gone.
            let _turn = turn;
            hashed.fetch_add(1, Ordering::Relaxed);
            work()
        });
        let worked = worked.await.map_err(anyhow::Error::from)?;
        Ok(worked.map_err(|fault| anyhow!("a password cannot be hashed: {fault}"))?)
    }
}

fn argon2() -> Result<Argon2<'static>, argon2::password_hash::Error> {
    let (memory, passes, lanes) = COST;
    let params = Params::new(memory, passes, lanes, None)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// Why a password is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordFault {
    #[error("must have at least {MIN_PASSWORD} characters")]
    Short,
    #[error("must have at most {MAX_PASSWORD} characters")]
    Long,
    #[error("must not contain your name")]
    Name,
    #[error(
        "is one of the first that anybody would try; a few words that have nothing to do with each other are better"
    )]
    Common,
}

/// Characters that are looked at for being common: what follows only makes it harder to guess.
const LOOKED_AT: usize = 64;
/// Of those whose guesses are fewer than ten to this power, an attacker who is made to wait finds some.
const GUESSES_LOG10: f64 = 8.0;

/// Whether a password may be somebody's. Takes a few milliseconds.
///
/// # Errors
/// In words for whoever chose it.
pub fn check(name: &str, password: &str) -> Result<(), PasswordFault> {
    let length = password.chars().count();
    if length < MIN_PASSWORD {
        return Err(PasswordFault::Short);
    }
    if length > MAX_PASSWORD {
        return Err(PasswordFault::Long);
    }
    let name = name.trim().to_lowercase();
    if name.chars().count() > 1 && password.to_lowercase().contains(&name) {
        return Err(PasswordFault::Name);
    }
    let looked_at: String = password.chars().take(LOOKED_AT).collect();
    let entropy = zxcvbn::zxcvbn(&looked_at, &[&name, "waypost", "驿友", "yiyou"]);
    if entropy.guesses_log10() < GUESSES_LOG10 { Err(PasswordFault::Common) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_is_known_again_and_no_other_is() {
        let passwords = Passwords::new();
        let kept = passwords.hash("修鞋 and 磨刀 on Saturdays".to_owned()).await.unwrap();
        assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{kept}");
        assert!(passwords.verify("修鞋 and 磨刀 on Saturdays".to_owned(), Some(kept.clone())).await.unwrap());
        assert!(!passwords.verify("修鞋 and 磨刀 on saturdays".to_owned(), Some(kept.clone())).await.unwrap());
        let again = passwords.hash("修鞋 and 磨刀 on Saturdays".to_owned()).await.unwrap();
        assert_ne!(kept, again, "each has a salt of its own");
    }

    #[tokio::test]
    async fn nobodys_password_costs_the_same_work_and_is_never_right() {
        let nobodys = PasswordHash::new(NOBODYS).unwrap();
        let ours = argon2().unwrap().hash_password(b"anything").unwrap();
        assert_eq!(nobodys.params, ours.params);
        assert_eq!(nobodys.algorithm, ours.algorithm);
        assert!(!Passwords::new().verify("anything".to_owned(), None).await.unwrap());
    }

    #[test]
    fn length_counts_and_composition_does_not() {
        assert_eq!(check("张三", "短密码"), Err(PasswordFault::Short));
        assert_eq!(check("张三", "dgpw xuzk ei"), Ok(()));
        assert_eq!(check("张三", "correct horse battery staple"), Ok(()));
        assert_eq!(check("张三", "春江潮水连海平海上明月共潮生"), Ok(()));
        let mixed = "kerb lamp 8 ".repeat(22);
        assert_eq!(check("张三", &mixed), Err(PasswordFault::Long));
    }

    #[test]
    fn the_commonest_and_the_own_name_are_refused() {
        for common in [
            "123456789012",
            "password1234",
            "qwertyuiop12",
            "1q2w3e4r5t6y",
            "aaaaaaaaaaaa",
            "iloveyou1234",
            "waypost12345",
        ] {
            assert_eq!(check("Wang Fang", common), Err(PasswordFault::Common), "{common}");
        }
        assert_eq!(check("Wang Fang", "wang fang kerb 93 lamp"), Err(PasswordFault::Name));
        assert_eq!(check("张三", "张三 kerb 93 lamp tree"), Err(PasswordFault::Name));
    }

    #[test]
    fn a_password_as_long_as_is_taken_is_looked_at_in_no_time() {
        let begun = std::time::Instant::now();
        for long in ["1q2w3e4r".repeat(32), "a".repeat(256), "password".repeat(32)] {
            assert!(matches!(check("x", &long), Ok(()) | Err(PasswordFault::Common)));
        }
        assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    }
}

//! The phone's own secret: what lets it see its reports again. Made here, never shown, sent only to our server, which
//! keeps no more than its hash.

use std::cell::RefCell;
use std::fmt;

use wasm_bindgen::JsValue;

use super::db::{self, DbError, Store};
use super::{random, storage};

/// In localStorage, where versions before the `device` drawer kept the token, and where it goes if there is no database.
const KEY: &str = "waypost.token.v1";
/// In the database, which the service worker can read, too.
const ROW: &str = "token";
/// 256 bits.
const BYTES: usize = 32;

/// A device token: 64 lower-case hex digits.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

impl Token {
    /// The value of an `Authorization` header.
    #[must_use]
    pub fn bearer(&self) -> String {
        format!("Bearer {}", self.0)
    }

    fn parse(text: String) -> Option<Self> {
        let hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        (text.len() == 2 * BYTES && text.bytes().all(hex)).then_some(Self(text))
    }

    fn from_bytes(bytes: &[u8; BYTES]) -> Self {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble & 15)]);
        Self(bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(*byte)]).collect())
    }
}

/// A token, and whether it will still be here next time.
#[derive(Clone, Debug)]
pub struct Device {
    pub token: Token,
    /// False where the browser keeps nothing: reports sent now can be followed only until the page closes.
    pub kept: bool,
}

thread_local! {
    static DEVICE: RefCell<Option<Device>> = const { RefCell::new(None) };
}

/// This phone's token, made on first use. `None` only if the browser has no random numbers.
pub async fn device() -> Option<Device> {
    if let Some(device) = DEVICE.with_borrow(Clone::clone) {
        return Some(device);
    }
    let known = storage::get(KEY).and_then(Token::parse);
    let device = if let Ok(token) = from_database(known.clone()).await {
        Device { token: token?, kept: true }
    } else {
        let token = known.or_else(random)?;
        let kept = storage::set(KEY, &token.0).is_ok();
        Device { token, kept }
    };
    DEVICE.set(Some(device.clone()));
    Some(device)
}

/// Has the token read anew when it is needed next.
pub(super) fn forget() {
    DEVICE.set(None);
}

/// The token in the database; the first tab to ask puts it there, for all of them.
async fn from_database(known: Option<Token>) -> Result<Option<Token>, DbError> {
    let read = db::read(&[Store::Device]).await?.get_raw(Store::Device, ROW).await?;
    if let Some(kept) = read.and_then(|row| row.as_string()).and_then(Token::parse)
        && known.as_ref() == Some(&kept)
    {
        return Ok(Some(kept));
    }
    let tx = db::write(&[Store::Device]).await?;
    let kept = tx.get_raw(Store::Device, ROW).await?.and_then(|row| row.as_string()).and_then(Token::parse);
    let token = if let Some(kept) = kept {
        kept
    } else {
        let Some(token) = known.clone().or_else(random) else { return Ok(None) };
        tx.put_raw(Store::Device, ROW, &JsValue::from_str(&token.0))?;
        token
    };
    tx.commit().await?;
    if known.as_ref() != Some(&token) {
        // A second place costs nothing; the database is the one that counts.
        let _ = storage::set(KEY, &token.0);
    }
    Ok(Some(token))
}

fn random() -> Option<Token> {
    let mut bytes = [0; BYTES];
    random::fill(&mut bytes)?;
    Some(Token::from_bytes(&bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_64_hex_digits_and_reads_back() {
        let mut bytes = [0; BYTES];
        bytes[0] = 0x0f;
        bytes[31] = 0xa5;
        let token = Token::from_bytes(&bytes);
        assert_eq!(token.0.len(), 64);
        assert!(token.0.starts_with("0f00") && token.0.ends_with("00a5"));
        assert_eq!(Token::parse(token.0.clone()), Some(token));
    }

    #[test]
    fn a_damaged_token_is_not_used() {
        for text in ["", "abc", &"g".repeat(64), &"A".repeat(64), &"a".repeat(65)] {
            assert_eq!(Token::parse(text.to_owned()), None);
        }
    }

    #[test]
    fn a_token_never_shows_up_in_debug_output() {
        assert_eq!(format!("{:?}", Token::from_bytes(&[0xab; BYTES])), "Token(…)");
    }
}

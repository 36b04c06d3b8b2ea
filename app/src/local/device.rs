//! The phone's own secret: what lets it see its reports again. Made here, never shown, sent only to our server, which
//! keeps no more than its hash.

use std::cell::RefCell;
use std::fmt;

use super::storage;

const KEY: &str = "waypost.token.v1";
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
#[must_use]
pub fn device() -> Option<Device> {
    if let Some(device) = DEVICE.with_borrow(Clone::clone) {
        return Some(device);
    }
    let device = if let Some(token) = storage::get(KEY).and_then(Token::parse) {
        Device { token, kept: true }
    } else {
        let mut bytes = [0; BYTES];
        web_sys::window()?.crypto().ok()?.get_random_values_with_u8_array(&mut bytes).ok()?;
        let token = Token::from_bytes(&bytes);
        let kept = storage::set(KEY, &token.0).is_ok();
        Device { token, kept }
    };
    DEVICE.set(Some(device.clone()));
    Some(device)
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

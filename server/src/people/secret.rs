//! Random secrets, of which only hashes are kept. They need no slow hash: nobody can try all of them.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::Rng;
use sha2::{Digest, Sha256};
use waypost_app::domain::ids::PhotoHash;

/// 256 random bits, in base64url: a session's cookie, the end of a link.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// Another one.
    pub fn new() -> Self {
        Self(URL_SAFE_NO_PAD.encode(rand::rng().random::<[u8; 32]>()))
    }

    /// The text as a token; `None` if it cannot be one.
    pub fn parse(text: &str) -> Option<Self> {
        let plain = text.len() == 43 && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
        plain.then(|| Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// How it stands in the database.
    pub fn hash(&self) -> String {
        hash(&self.0)
    }
}

impl Default for Token {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token")
    }
}

/// Letters and digits that nobody takes for one another, 32 of them.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LENGTH: usize = 10;

/// 50 random bits to be typed or read out: an invitation, a recovery code. Looked at only a few times a minute.
#[derive(Clone, PartialEq, Eq)]
pub struct Code(String);

impl Code {
    /// Another one.
    pub fn new() -> Self {
        let mut rng = rand::rng();
        Self((0..LENGTH).map(|_| char::from(ALPHABET[rng.random_range(0..ALPHABET.len())])).collect())
    }

    /// The code that somebody means: capitals, spaces, dashes and the letters that look like digits do not matter.
    pub fn parse(text: &str) -> Option<Self> {
        let mut code = String::with_capacity(LENGTH);
        for letter in text.chars().filter(|letter| !letter.is_whitespace() && *letter != '-') {
            let letter = match letter.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                letter => letter,
            };
            let known = u8::try_from(letter).is_ok_and(|byte| ALPHABET.contains(&byte));
            if !known || code.len() == LENGTH {
                return None;
            }
            code.push(letter);
        }
        (code.len() == LENGTH).then_some(Self(code))
    }

    /// In two halves, as people read it.
    pub fn shown(&self) -> String {
        let (first, second) = self.0.split_at(LENGTH / 2);
        format!("{first}-{second}")
    }

    /// How it stands in the database.
    pub fn hash(&self) -> String {
        hash(&self.0)
    }
}

impl Default for Code {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Code")
    }
}

fn hash(text: &str) -> String {
    PhotoHash::from_digest(&Sha256::digest(text.as_bytes())).into()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn tokens_carry_256_bits_and_never_repeat() {
        let tokens: HashSet<String> = (0..1_000).map(|_| Token::new().as_str().to_owned()).collect();
        assert_eq!(tokens.len(), 1_000);
        for token in &tokens {
            assert_eq!(URL_SAFE_NO_PAD.decode(token).unwrap().len(), 32);
            assert_eq!(Token::parse(token).unwrap().hash(), hash(token));
        }
    }

    #[test]
    fn neither_token_nor_code_can_be_read_from_what_is_kept_or_logged() {
        let (token, code) = (Token::new(), Code::new());
        assert!(!format!("{token:?} {code:?} {}", token.hash()).contains(token.as_str()));
        assert!(!code.hash().contains(&code.0));
    }

    #[test]
    fn what_cannot_be_a_token_is_none() {
        for text in ["", "short", &"a".repeat(42), &"a".repeat(44), &format!("{};", "a".repeat(42)), &"驿".repeat(43)]
        {
            assert_eq!(Token::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_code_is_understood_as_people_type_it() {
        for _ in 0..200 {
            let code = Code::new();
            assert_eq!(Code::parse(&code.shown()), Some(code.clone()));
            assert_eq!(Code::parse(&format!(" {} ", code.shown().to_lowercase().replace('-', " "))), Some(code));
        }
        assert_eq!(Code::parse("OIL00-abcde"), Code::parse("01100-ABCDE"));
        assert!(Code::parse("01100-ABCDE").is_some());
        for wrong in ["", "01100-ABCD", "01100-ABCDEF", "01100-ABCDU", "01100_ABCDE", "驿驿驿驿驿驿驿驿驿驿"]
        {
            assert_eq!(Code::parse(wrong), None, "{wrong}");
        }
    }
}

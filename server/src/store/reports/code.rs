//! Codes short enough to read out on the phone.

use rand::Rng;

/// Digits and letters without those that look or sound alike in print, handwriting or a bad line: no 0/O, 1/I/L, 2/Z,
/// 5/S, 8/B, U/V; and no A or E, so that fewer words appear by accident.
pub(super) const ALPHABET: &[u8] = b"2345679CDFGHJKMNPQRTVWXY";
const LENGTH: usize = 4;
/// Collisions before codes grow by a character. The first collisions say little; many say that the space is filling up.
const COLLISIONS_PER_LENGTH: usize = 3;

/// A random code; longer the more often this report's codes were already taken.
pub(super) fn random(collisions: usize) -> String {
    let mut rng = rand::rng();
    let length = LENGTH + collisions / COLLISIONS_PER_LENGTH;
    (0..length).map(|_| char::from(ALPHABET[rng.random_range(0..ALPHABET.len())])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_four_characters_nobody_mixes_up() {
        for _ in 0..1000 {
            let code = random(0);
            assert_eq!(code.len(), 4);
            assert!(!code.contains(['0', 'O', '1', 'I', 'L', '8', 'B', 'S', 'Z', 'U']), "{code}");
        }
    }

    #[test]
    fn codes_grow_when_they_keep_colliding() {
        assert_eq!(random(2).len(), 4);
        assert_eq!(random(3).len(), 5);
        assert_eq!(random(30).len(), 14);
    }
}

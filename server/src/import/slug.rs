//! A station's name in URLs, made from its name.

use pinyin::ToPinyin;
use sha2::{Digest, Sha256};

use super::cells::{MAX_SLUG, half_width};
use crate::schedule::calendar::hex;

/// The name spelt in pinyin: `“新新首护”驿站` is `xin-xin-shou-hu-yi-zhan`. Always the same for the same name; names that
/// sound alike get the same one. A name without a letter that can be spelt gets a hash.
pub(crate) fn made_from(name: &str) -> String {
    let mut slug = String::new();
    // Latin letters and digits that follow each other are one word, each Chinese character is one of its own.
    let mut in_word = false;
    for letter in half_width(name).chars() {
        if letter.is_ascii_alphanumeric() {
            separate(&mut slug, in_word);
            slug.push(letter.to_ascii_lowercase());
            in_word = true;
        } else {
            in_word = false;
            if let Some(syllable) = letter.to_pinyin() {
                separate(&mut slug, false);
                // Keyboards have no ü and write v.
                slug.extend(
                    syllable.plain().chars().map(|c| if c == 'ü' { 'v' } else { c }).filter(char::is_ascii_alphabetic),
                );
            } else if letter == '\'' || letter == '’' {
                // "Courier's" is one word.
                in_word = slug.ends_with(|last: char| last.is_ascii_alphanumeric());
            }
        }
    }
    if slug.len() > MAX_SLUG {
        let end = slug.get(..MAX_SLUG).and_then(|start| start.rfind('-')).unwrap_or(MAX_SLUG);
        slug.truncate(end);
    }
    if slug.is_empty() { format!("s-{}", hex(&Sha256::digest(name.trim())[..5])) } else { slug }
}

fn separate(slug: &mut String, in_word: bool) {
    if !in_word && !slug.is_empty() && !slug.ends_with('-') {
        slug.push('-');
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::import::cells;

    #[test]
    fn names_are_spelt() {
        for (name, slug) in [
            ("“新新首护”驿站", "xin-xin-shou-hu-yi-zhan"),
            ("小哥之家 · 吴家墩新公寓", "xiao-ge-zhi-jia-wu-jia-dun-xin-gong-yu"),
            ("暖新驿站2号", "nuan-xin-yi-zhan-2-hao"),
            ("Ｃafé Wantong", "caf-wantong"),
            ("Courier's Home", "couriers-home"),
            ("绿洲驿站", "lv-zhou-yi-zhan"),
        ] {
            assert_eq!(made_from(name), slug, "{name}");
        }
    }

    #[test]
    fn a_name_that_cannot_be_spelt_has_a_hash_of_its_own() {
        assert_eq!(made_from("★☆"), made_from(" ★☆ "));
        assert_ne!(made_from("★☆"), made_from("☆★"));
    }

    #[test]
    fn a_long_name_ends_with_a_whole_word() {
        let slug = made_from(&"驿站".repeat(40));
        assert!(slug.len() <= MAX_SLUG && (slug.ends_with("-yi") || slug.ends_with("-zhan")), "{slug}");
    }

    proptest! {
        #[test]
        fn what_is_made_from_any_name_is_a_slug(name in any::<String>()) {
            let slug = made_from(&name);
            prop_assert_eq!(cells::slug(&slug), Ok(slug));
        }
    }
}

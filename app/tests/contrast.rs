//! The colours themselves: what the eye can read is arithmetic, so it is tested as such.

#![expect(clippy::expect_used, reason = "a broken stylesheet may end the test where it is found")]

use std::collections::HashMap;

const TOKENS: &str = include_str!("../../style/tokens.css");

/// The custom properties of the block that follows `selector`.
fn palette(selector: &str) -> HashMap<&'static str, &'static str> {
    let block = TOKENS.split_once(selector).expect("the block is there").1;
    let block = block.split_once('}').expect("the block ends").0;
    block
        .lines()
        .filter_map(|line| line.trim().strip_prefix("--")?.strip_suffix(';')?.split_once(": "))
        .filter(|(_, value)| value.starts_with('#'))
        .collect()
}

fn luminance(hex: &str) -> f64 {
    let digits = hex.trim_start_matches('#');
    let digits = if digits.len() == 3 { digits.chars().flat_map(|c| [c, c]).collect() } else { digits.to_owned() };
    let channel = |at: usize| {
        let value = f64::from(u8::from_str_radix(&digits[at..at + 2], 16).expect("two hex digits")) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * channel(0) + 0.7152 * channel(2) + 0.0722 * channel(4)
}

fn contrast(a: &str, b: &str) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

const THEMES: [&str; 4] =
    [":root {", "[data-theme=\"dark\"] {", "[data-theme=\"sunlight\"]) {", "[data-theme=\"sunlight\"] {"];

#[test]
fn every_text_colour_keeps_seven_to_one_on_every_ground_it_is_put_on() {
    let grounds = ["bg", "surface", "sunk", "wash"];
    for theme in THEMES {
        let colours = palette(theme);
        let mut pairs = vec![("on-fill", "fill"), ("bg", "ink"), ("bg", "accent"), ("ink", "soon-wash")];
        for text in ["ink", "muted", "accent", "danger"] {
            pairs.extend(grounds.map(|ground| (text, ground)));
        }
        for text in ["ok", "soon"] {
            pairs.extend(["bg", "surface", "sunk"].map(|ground| (text, ground)));
        }
        pairs.extend([("ok", "ok-wash"), ("soon", "soon-wash")]);
        for (text, ground) in pairs {
            let ratio = contrast(colours[text], colours[ground]);
            assert!(ratio >= 7.0, "{theme} {text} on {ground} is {ratio:.2}");
        }
    }
}

#[test]
fn every_shape_that_carries_meaning_keeps_three_to_one() {
    for theme in THEMES {
        let colours = palette(theme);
        for shape in ["glow", "edge", "ok-glow", "soon-glow"] {
            for ground in ["bg", "surface"] {
                let ratio = contrast(colours[shape], colours[ground]);
                assert!(ratio >= 3.0, "{theme} {shape} on {ground} is {ratio:.2}");
            }
        }
    }
}

#[test]
fn a_phone_that_is_dark_by_itself_looks_like_one_told_to_be() {
    assert_eq!(palette("[data-theme=\"dark\"] {"), palette("[data-theme=\"sunlight\"]) {"));
}

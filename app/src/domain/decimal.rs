//! Numbers as text. The standard library's exact formatting of any float at any length is a large part of a small
//! program; degrees, metres and sizes need only integers.

/// `value` with so many digits (at most 15) after the point, rounded half away from zero. For values whose digits, with the point
/// left out, fit 53 bits; beyond that they are as exact as the value itself.
#[must_use]
pub fn decimal(value: f64, places: u32) -> String {
    let places = places.min(15);
    let scale = 10_i64.pow(places);
    let scaled = (value * scale as f64).round() as i64;
    let sign = if scaled < 0 { "-" } else { "" };
    let (whole, part) = (scaled.unsigned_abs() / scale.unsigned_abs(), scaled.unsigned_abs() % scale.unsigned_abs());
    if places == 0 {
        format!("{sign}{whole}")
    } else {
        format!("{sign}{whole}.{part:0width$}", width = places as usize)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_are_rounded_and_keep_their_zeros() {
        for (value, places, text) in [
            (0.0, 0, "0"),
            (-0.04, 1, "0.0"),
            (0.05, 1, "0.1"),
            (-1.25, 1, "-1.3"),
            (30.3172, 6, "30.317200"),
            (120.138_600_4, 6, "120.138600"),
            (999.96, 1, "1000.0"),
            (2.5, 0, "3"),
        ] {
            assert_eq!(decimal(value, places), text, "{value} to {places}");
        }
    }

    proptest! {
        #[test]
        fn the_text_is_the_number_to_half_its_last_digit(value in -1e6..1e6_f64, places in 0..7_u32) {
            let read: f64 = decimal(value, places).parse().unwrap();
            prop_assert!((read - value).abs() <= 0.5 / 10_f64.powi(places as i32) + 1e-9);
        }

        #[test]
        fn no_number_is_too_much(value in any::<f64>(), places in any::<u32>()) {
            prop_assert!(!decimal(value, places).is_empty());
        }
    }
}

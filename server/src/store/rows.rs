//! Statements for several rows at once.

use std::fmt::Write as _;

/// Places for the values of so many rows, of so many columns each: `($1, $2), ($3, $4)`. Neither SQLite nor PostgreSQL takes
/// more than 32,766 values.
pub(super) fn places(rows: usize, columns: usize) -> String {
    let mut text = String::with_capacity(rows * columns * 6);
    for row in 0..rows {
        text.push_str(if row == 0 { "(" } else { ", (" });
        for column in 0..columns {
            let gap = if column == 0 { "" } else { ", " };
            // Writing to a string cannot fail.
            let _ = write!(text, "{gap}${}", row * columns + column + 1);
        }
        text.push(')');
    }
    text
}

/// The places of the `nth` value (from 1) of each of so many rows, of so many columns each: `$2, $5`.
pub(super) fn keys(rows: usize, columns: usize, nth: usize) -> String {
    let places: Vec<_> = (0..rows).map(|row| format!("${}", row * columns + nth)).collect();
    places.join(", ")
}

/// Some items, and the last one again until there are as many as a power of two, where few are missing: so there are few
/// statements, and each is prepared once. What is the same twice must do no harm.
pub(super) fn padded<T>(items: &[T]) -> impl ExactSizeIterator<Item = &T> {
    let most = items.len().saturating_sub(1);
    (0..padded_len(items.len())).map(move |at| &items[at.min(most)])
}

/// How many [`padded`] makes of so many: a quarter of them, at most, is there again.
pub(super) const fn padded_len(len: usize) -> usize {
    let whole = len.next_power_of_two();
    if len > 0 && len * 4 >= whole * 3 { whole } else { len }
}

/// Whether a statement for so many rows comes often enough to be kept prepared: there is room for about a hundred.
pub(super) const fn is_common(rows: usize) -> bool {
    rows.is_power_of_two() && rows <= 64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nearly_comes_to_a_power_of_two_is_filled_up_to_it() {
        let lens: Vec<_> = (0..=8).chain([11, 12, 48]).map(padded_len).collect();
        assert_eq!(lens, [0, 1, 2, 4, 4, 5, 8, 8, 8, 11, 16, 64]);
        assert_eq!(padded(&['a', 'b', 'c']).collect::<String>(), "abcc");
        assert_eq!(padded::<u8>(&[]).len(), 0);
    }

    #[test]
    fn every_value_has_its_place() {
        assert_eq!(places(0, 3), "");
        assert_eq!(places(1, 1), "($1)");
        assert_eq!(places(2, 3), "($1, $2, $3), ($4, $5, $6)");
        assert_eq!(keys(3, 2, 1), "$1, $3, $5");
    }
}

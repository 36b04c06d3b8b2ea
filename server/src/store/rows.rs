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

/// Whether a statement for so many rows comes often enough to be kept prepared: there is room for about a hundred.
pub(super) const fn is_common(rows: usize) -> bool {
    rows.is_power_of_two() && rows <= 64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_has_its_place() {
        assert_eq!(places(0, 3), "");
        assert_eq!(places(1, 1), "($1)");
        assert_eq!(places(2, 3), "($1, $2, $3), ($4, $5, $6)");
    }
}

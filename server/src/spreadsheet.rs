//! Texts in files that people open with a spreadsheet.

use std::borrow::Cow;

/// A text that a spreadsheet takes for one. What begins like a formula, also with the wide signs of Chinese keyboards, would be
/// carried out by whoever opens the file: it gets an apostrophe in front, which spreadsheets do not show.
#[must_use]
pub(crate) fn harmless(text: &str) -> Cow<'_, str> {
    let formula = text.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']);
    if formula || text.starts_with(['\t', '\r', '\n']) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

#[cfg(test)]
mod tests {
    use super::harmless;

    #[test]
    fn what_begins_like_a_formula_is_a_text() {
        for text in
            ["=1+1", "+1", "-1", "@SUM(A1)", " =cmd|' /C calc'!A0", "\t=1", "\r=1", "\n", "＝1", "＋1", "－1", "＠x"]
        {
            assert_eq!(harmless(text), format!("'{text}"));
        }
        for text in ["", "坏了", "路沿石断了", "a=1", "'", "2026-11-24"] {
            assert_eq!(harmless(text), text);
        }
    }
}

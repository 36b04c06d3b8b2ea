//! One spelling for what keyboards, spreadsheets and chat programs write in several ways.

/// Full-width forms become ASCII, every dash `-`, every bracket `(` or `)`, whatever ends a sentence `;`.
///
/// Nothing is lost: a character without another spelling stays, and invisible ones only are dropped.
pub(super) fn normalise(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        let one = match character {
            // Zero-width marks, copied along with text from web pages and at the start of files saved by Excel.
            '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}' => continue,
            '\n' | '\r' | '\u{2028}' | '\u{2029}' | '。' | '；' => ';',
            space if space.is_whitespace() => ' ',
            '：' | '∶' | '﹕' | '︰' => ':',
            '，' | '﹐' => ',',
            '．' | '﹒' => '.',
            // The hyphens, the en and em dashes, the minus, the box-drawing line and the long vowel mark all pass for one.
            '‐'..='―' | '−' | '─' | '━' | '－' | 'ー' | '﹣' | '~' | '～' | '〜' | '∼' | '˜' | '→' => {
                '-'
            }
            '【' | '［' | '[' | '〔' | '｛' | '{' => '(',
            '】' | '］' | ']' | '〕' | '｝' | '}' => ')',
            '｜' => '|',
            '！'..='｝' => char::from_u32(character as u32 - 0xfee0).unwrap_or(character),
            '×' | '✕' | '*' => 'x',
            '〇' | '○' => '零',
            '两' | '兩' => '二',
            other => other,
        };
        // A Chinese dash is two characters long.
        if one != '-' || !out.ends_with('-') {
            out.push(one);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::normalise;

    #[test]
    fn full_width_forms_and_dashes_get_one_spelling() {
        for (text, expected) in [
            ("０８：３０－１２：００", "08:30-12:00"),
            ("8:00——20:00", "8:00-20:00"),
            ("8:00～20:00", "8:00-20:00"),
            ("【周一】", "(周一)"),
            ("\u{feff}周一\u{3000}休息。", "周一 休息;"),
            ("两点", "二点"),
            ("7×24", "7x24"),
            ("驿站", "驿站"),
        ] {
            assert_eq!(normalise(text), expected, "{text}");
        }
    }
}

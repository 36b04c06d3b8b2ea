//! Bytes to text: the encodings that spreadsheets and offices in China write.

use std::fmt;

use encoding_rs::{Encoding, GB18030, UTF_16BE, UTF_16LE};

use super::FileError;

/// How a file was encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Charset {
    Utf8,
    /// What Excel saves as "Unicode text".
    Utf16,
    /// The national standard; GBK and GB2312 are parts of it.
    Gb18030,
}

impl fmt::Display for Charset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Utf8 => "UTF-8",
            Self::Utf16 => "UTF-16",
            Self::Gb18030 => "GB18030",
        })
    }
}

/// The text of a file, without a byte order mark and with plain line feeds. What is not valid UTF-8 is taken for
/// GB18030: the bytes of Chinese text in one are hardly ever valid in the other.
///
/// # Errors
/// If it is no text in any of the encodings.
pub(crate) fn decode(bytes: &[u8]) -> Result<(String, Charset), FileError> {
    // A workbook is a zip archive, or in the old format a compound document.
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]) {
        return Err(FileError::Workbook);
    }
    let (text, charset) = match Encoding::for_bom(bytes) {
        Some((encoding, _)) if encoding == UTF_16LE || encoding == UTF_16BE => {
            (strict(encoding, bytes)?, Charset::Utf16)
        }
        _ => match std::str::from_utf8(bytes) {
            Ok(text) => (text.strip_prefix('\u{FEFF}').unwrap_or(text).to_owned(), Charset::Utf8),
            Err(_) => (strict(GB18030, bytes)?, Charset::Gb18030),
        },
    };
    if text.contains('\0') {
        return Err(FileError::NotText);
    }
    // Excel ends lines with both, old Macs with the first only.
    let text = if text.contains('\r') { text.replace("\r\n", "\n").replace('\r', "\n") } else { text };
    Ok((text, charset))
}

fn strict(encoding: &'static Encoding, bytes: &[u8]) -> Result<String, FileError> {
    let (text, damaged) = encoding.decode_with_bom_removal(bytes);
    if damaged { Err(FileError::NotText) } else { Ok(text.into_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_text_is_read_from_every_encoding() {
        let text = "名称,经度\r\n“新新首护”驿站,120.1386\n";
        let plain = "名称,经度\n“新新首护”驿站,120.1386\n";
        let utf16 = |big: bool| -> Vec<u8> {
            let units = std::iter::once(0xFEFF).chain(text.encode_utf16());
            units.flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
        };
        let gb = GB18030.encode(text).0.into_owned();
        for (bytes, charset) in [
            (text.as_bytes().to_vec(), Charset::Utf8),
            ([b"\xEF\xBB\xBF", text.as_bytes()].concat(), Charset::Utf8),
            (gb, Charset::Gb18030),
            (utf16(false), Charset::Utf16),
            (utf16(true), Charset::Utf16),
        ] {
            assert_eq!(decode(&bytes).expect("text"), (plain.to_owned(), charset));
        }
    }

    #[test]
    fn old_line_ends_are_line_ends() {
        assert_eq!(decode(b"a\rb\r\nc\n").expect("text").0, "a\nb\nc\n");
    }

    #[test]
    fn workbooks_and_pictures_are_not_text() {
        assert!(matches!(decode(b"PK\x03\x04rest"), Err(FileError::Workbook)));
        assert!(matches!(decode(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"), Err(FileError::Workbook)));
        assert!(matches!(decode(b"\xFF\xD8\xFF\xE0\x00\x10JFIF"), Err(FileError::NotText)));
        assert!(matches!(decode(b"a\0b"), Err(FileError::NotText)));
    }
}

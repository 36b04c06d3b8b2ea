//! Couriers' phone numbers: kept whole, shown masked to everybody but admins.

/// The text is no mobile number of mainland China.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a mobile number of eleven digits, such as 138 0013 8000")]
pub struct NotAPhone;

/// The eleven digits, without spaces, dashes and the country's code.
///
/// # Errors
/// If it is no such number.
pub fn parse(text: &str) -> Result<String, NotAPhone> {
    let plain: String = text.chars().filter(|letter| !letter.is_whitespace() && *letter != '-').collect();
    let plain = plain.strip_prefix("+86").unwrap_or(&plain);
    let mobile = plain.len() == 11
        && plain.bytes().all(|byte| byte.is_ascii_digit())
        && matches!(plain.as_bytes(), [b'1', b'3'..=b'9', ..]);
    if mobile { Ok(plain.to_owned()) } else { Err(NotAPhone) }
}

/// As everybody but admins sees it: `138****8000`.
pub fn masked(phone: &str) -> String {
    match (phone.get(..3), phone.get(7..)) {
        (Some(first), Some(last)) => format!("{first}****{last}"),
        // None, or nothing that this program has stored.
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_people_write_them_and_masked() {
        for text in ["13800138000", "138 0013 8000", "138-0013-8000", "+86 138 0013 8000", " 13800138000 "] {
            assert_eq!(parse(text).as_deref(), Ok("13800138000"), "{text}");
        }
        for wrong in
            ["", "1380013800", "138001380000", "12800138000", "0571-88888888", "1380013800a", "１３８００１３８０００"]
        {
            assert_eq!(parse(wrong), Err(NotAPhone), "{wrong}");
        }
        assert_eq!(masked("13800138000"), "138****8000");
        assert_eq!(masked(""), "");
        assert_eq!(masked("驿友"), "");
    }
}

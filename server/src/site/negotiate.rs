//! `Accept-Encoding` and `If-None-Match`.

use axum::http::{HeaderMap, header};

/// How a body is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    Brotli,
    Gzip,
    Identity,
}

impl Encoding {
    /// The value of `Content-Encoding`.
    pub(super) const fn name(self) -> Option<&'static str> {
        match self {
            Self::Brotli => Some("br"),
            Self::Gzip => Some("gzip"),
            Self::Identity => None,
        }
    }

    /// Makes the strong entity tags of the variants differ.
    pub(super) const fn suffix(self) -> &'static str {
        match self {
            Self::Brotli => "-br",
            Self::Gzip => "-gz",
            Self::Identity => "",
        }
    }
}

/// The smallest variant the client takes: brotli before gzip wherever neither is refused (`q=0`).
pub(super) fn choose(headers: &HeaderMap, br: bool, gzip: bool) -> Encoding {
    let accepts = |wanted: &str| {
        let mut any = None;
        for value in headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok()) {
            for item in value.split(',') {
                let mut parts = item.split(';').map(str::trim);
                let name = parts.next().unwrap_or_default();
                let refused = parts
                    .filter_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")))
                    .any(|q| q.parse::<f32>().is_ok_and(|q| q <= 0.0));
                if name.eq_ignore_ascii_case(wanted) {
                    return !refused;
                }
                if name == "*" {
                    any = Some(!refused);
                }
            }
        }
        any.unwrap_or(false)
    };
    if br && accepts("br") {
        Encoding::Brotli
    } else if gzip && accepts("gzip") {
        Encoding::Gzip
    } else {
        Encoding::Identity
    }
}

/// Whether `If-None-Match` names this tag (weak comparison, RFC 9110 §13.1.2).
pub(super) fn matches_etag(headers: &HeaderMap, etag: &str) -> bool {
    let bare = etag.trim_start_matches("W/");
    headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|candidate| matches!(candidate.trim(), "*") || candidate.trim().trim_start_matches("W/") == bare)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asking(value: &'static str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_ENCODING, value.parse().unwrap());
        headers
    }

    #[test]
    fn the_smallest_accepted_variant_is_chosen() {
        assert_eq!(choose(&asking("gzip, deflate, br, zstd"), true, true), Encoding::Brotli);
        assert_eq!(choose(&asking("gzip, deflate, br"), false, true), Encoding::Gzip);
        assert_eq!(choose(&asking("br;q=0, gzip;q=0.5"), true, true), Encoding::Gzip);
        assert_eq!(choose(&asking("*"), true, true), Encoding::Brotli);
        assert_eq!(choose(&asking("*;q=0, gzip"), true, true), Encoding::Gzip);
        assert_eq!(choose(&asking("identity"), true, true), Encoding::Identity);
        assert_eq!(choose(&HeaderMap::new(), true, true), Encoding::Identity);
    }
}

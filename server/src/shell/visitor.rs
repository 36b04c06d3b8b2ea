//! How somebody wants the pages: in which language, in which colours.

use axum::http::{HeaderMap, header};
use waypost_app::local::prefs::{Lang, Theme};

/// What a request says of the person behind it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Visitor {
    pub lang: Lang,
    pub theme: Theme,
}

impl Visitor {
    /// What was chosen (cookies `lang` and `theme`), else the browser's first language that we speak, else Chinese.
    pub fn of(headers: &HeaderMap) -> Self {
        let chosen = cookie(headers, "lang").and_then(Lang::from_tag);
        Self {
            lang: chosen.or_else(|| spoken(headers)).unwrap_or_default(),
            theme: cookie(headers, "theme").and_then(Theme::from_code).unwrap_or_default(),
        }
    }
}

fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    lines
        .flat_map(|line| line.split(';'))
        .filter_map(|cookie| cookie.trim().split_once('='))
        .find_map(|(found, value)| (found == name).then_some(value))
}

/// The language of `Accept-Language` that is liked best (RFC 9110 §12.5.4) among those we speak.
fn spoken(headers: &HeaderMap) -> Option<Lang> {
    let listed = headers.get_all(header::ACCEPT_LANGUAGE).into_iter().filter_map(|value| value.to_str().ok());
    let mut best: Option<(f32, Lang)> = None;
    for item in listed.flat_map(|line| line.split(',')) {
        let mut parts = item.split(';').map(str::trim);
        let Some(lang) = parts.next().and_then(Lang::from_tag) else { continue };
        let liked = parts.find_map(|part| part.strip_prefix("q=")).map_or(1.0, |q| q.parse().unwrap_or(0.0));
        if liked > best.map_or(0.0, |(most, _)| most) {
            best = Some((liked, lang));
        }
    }
    best.map(|(_, lang)| lang)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lang(accept: &'static str, cookies: &'static str) -> Lang {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_LANGUAGE, accept.parse().unwrap());
        headers.insert(header::COOKIE, cookies.parse().unwrap());
        Visitor::of(&headers).lang
    }

    #[test]
    fn the_language_is_what_was_chosen_or_else_what_the_browser_speaks() {
        for (accept, cookies, expected) in [
            ("", "", Lang::Zh),
            ("en-GB,en;q=0.9", "", Lang::En),
            ("en-GB,en;q=0.9", "theme=dark; lang=zh-CN", Lang::Zh),
            ("zh-CN,zh;q=0.9,en;q=0.8", "lang=en", Lang::En),
            ("fr-FR, en;q=0.5, zh;q=0.8", "", Lang::Zh),
            ("fr, de;q=0.5", "", Lang::Zh),
            ("en;q=0, zh;q=0.1", "", Lang::Zh),
            ("en;q=nonsense", "lang=klingon", Lang::Zh),
        ] {
            assert_eq!(lang(accept, cookies), expected, "{accept:?} {cookies:?}");
        }
    }
}

//! `POST /prefs`: language and theme for people whose browser runs no script.

use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use waypost_app::local::prefs::{Lang, Theme};

use crate::error::{Error, field, refused};

/// A year, in seconds.
const MAX_AGE: u32 = 31_536_000;

#[derive(Debug, Deserialize)]
pub struct Chosen {
    lang: Option<String>,
    theme: Option<String>,
    /// Where the form was.
    back: Option<String>,
}

/// Keeps what was chosen in cookies and goes back to the page.
///
/// # Errors
/// 422 for a language or theme that does not exist; 4xx for a body that is not a form.
pub async fn choose(form: Result<Form<Chosen>, FormRejection>) -> Result<Response, Error> {
    let Form(chosen) = form.map_err(|rejection| refused(rejection.status(), rejection.body_text()))?;
    let mut response = StatusCode::SEE_OTHER.into_response();
    let mut set = |name: &str, value: &str| {
        let cookie = format!("{name}={value}; Path=/; Max-Age={MAX_AGE}; SameSite=Lax");
        HeaderValue::try_from(cookie).map(|cookie| {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        })
    };
    if let Some(lang) = &chosen.lang {
        let lang = Lang::from_tag(lang).ok_or_else(|| field("lang", "is not a language we speak: zh, en"))?;
        set("lang", lang.tag()).map_err(anyhow::Error::from)?;
    }
    if let Some(theme) = &chosen.theme {
        let theme = Theme::from_code(theme).ok_or_else(|| field("theme", "must be auto, light, dark or sunlight"))?;
        set("theme", theme.code()).map_err(anyhow::Error::from)?;
    }
    let back = chosen.back.as_deref().filter(|back| is_local_path(back)).unwrap_or("/");
    let back = HeaderValue::try_from(back).unwrap_or(HeaderValue::from_static("/"));
    response.headers_mut().insert(header::LOCATION, back);
    Ok(response)
}

/// A path on this site. `//host` and `/\host` are other sites to a browser, and it drops tabs and line breaks.
fn is_local_path(back: &str) -> bool {
    back.starts_with('/')
        && !back.starts_with("//")
        && !back.contains('\\')
        && back.chars().all(|c| c.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::is_local_path;

    #[test]
    fn only_paths_on_this_site_are_gone_back_to() {
        for local in ["/", "/stations/leshi-container?x=1#y", "/more"] {
            assert!(is_local_path(local), "{local}");
        }
        for foreign in ["", "//evil.example", "/\\evil.example", "https://evil.example", "/\t/evil.example", "more"] {
            assert!(!is_local_path(foreign), "{foreign}");
        }
    }
}

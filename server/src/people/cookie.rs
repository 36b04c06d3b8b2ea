//! The cookie of a session.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

use super::secret::Token;
use super::session::LONGEST_MS;
use crate::config::{Config, PublicUrl};
use crate::error::Error;

const PLAIN: &str = "waypost_staff";
/// A browser takes this name only over TLS, for this host alone and the whole site: no neighbour can set it.
const HOST: &str = "__Host-waypost_staff";

fn is_https(config: &Config) -> bool {
    config.public_url.as_ref().is_some_and(PublicUrl::is_https)
}

/// The token that came with a request.
pub(crate) fn token(config: &Config, headers: &HeaderMap) -> Option<Token> {
    let name = if is_https(config) { HOST } else { PLAIN };
    let lines = headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    let cookies = lines.flat_map(|line| line.split(';'));
    let mut named = cookies.filter_map(|cookie| cookie.trim().split_once('=')).filter(|(found, _)| *found == name);
    Token::parse(named.next()?.1)
}

/// Gives a browser its session: never to scripts, to no other site, and not in the clear where there is TLS.
///
/// # Errors
/// None that a token could give.
pub(crate) fn set(config: &Config, token: &Token) -> Result<(HeaderName, HeaderValue), Error> {
    of(config, token.as_str(), LONGEST_MS / 1000)
}

/// Takes it away.
///
/// # Errors
/// None that could happen.
pub(crate) fn clear(config: &Config) -> Result<(HeaderName, HeaderValue), Error> {
    of(config, "", 0)
}

fn of(config: &Config, value: &str, seconds: i64) -> Result<(HeaderName, HeaderValue), Error> {
    let (name, secure) = if is_https(config) { (HOST, "; Secure") } else { (PLAIN, "") };
    let cookie = format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}");
    Ok((header::SET_COOKIE, HeaderValue::try_from(cookie).map_err(anyhow::Error::from)?))
}

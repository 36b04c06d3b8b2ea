//! Who asks: a phone, by the token it made for itself.

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};

use crate::error::{Error, unauthorized};
use crate::store::devices::DeviceId;

/// The device whose bearer token came with the request; 401 without one. `Option<Device>` where strangers are welcome:
/// no token at all is then fine, a malformed one still is not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device(pub DeviceId);

impl<S: Sync> FromRequestParts<S> for Device {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Error> {
        device(&parts.headers)?.ok_or_else(|| unauthorized("Send this device's token as `Authorization: Bearer …`."))
    }
}

impl<S: Sync> OptionalFromRequestParts<S> for Device {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Option<Self>, Error> {
        device(&parts.headers)
    }
}

/// The device whose token is in the headers of a request; `None` if none is, also where something else is in its place.
pub(crate) fn device_in(headers: &HeaderMap) -> Option<DeviceId> {
    device(headers).ok().flatten().map(|Device(device)| device)
}

fn device(headers: &HeaderMap) -> Result<Option<Device>, Error> {
    let Some(value) = headers.get(header::AUTHORIZATION) else { return Ok(None) };
    let bearer = value.to_str().ok().and_then(|value| value.split_once(' '));
    let token = bearer.and_then(|(scheme, token)| scheme.eq_ignore_ascii_case("bearer").then_some(token.trim()));
    let token = token.ok_or_else(|| unauthorized("The Authorization header is not of the form `Bearer TOKEN`."))?;
    let device = DeviceId::of_token(token).map_err(|fault| unauthorized(format!("Not accepted: {fault}.")))?;
    Ok(Some(Device(device)))
}

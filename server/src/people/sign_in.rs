//! Signing in.

use std::net::IpAddr;
use std::time::Duration;

use axum::http::StatusCode;

use super::session::{self, Session, idle_since_ms};
use super::{Recovery, Token, backoff, factor};
use crate::error::{Error, field, named, share_used_up, unauthorized};
use crate::metrics::SignIn;
use crate::state::AppState;
use crate::store::people::{self, Person, factors, failures, sessions};
use crate::store::{Connection, StoreError};

/// What somebody who wants in says, and what is seen of them.
pub(crate) struct Asked {
    pub(crate) name: String,
    pub(crate) password: String,
    pub(crate) code: Option<String>,
    pub(crate) from: Option<IpAddr>,
    /// Their browser in words.
    pub(crate) agent: String,
    /// The session that this browser has had until now: it ends, whoever's it was.
    pub(crate) before: Option<Token>,
}

/// Somebody's proof besides the password.
#[derive(Clone)]
pub(crate) enum Proof {
    /// There is no second factor.
    None,
    /// A code of this step of the clock.
    Step(i64),
    Recovery(Recovery),
}

/// Signs somebody in: the cookie's token, and the session.
///
/// # Errors
/// 401 in the same words whether the name, the password or the person is wrong; 401 with the field `code` where only that is
/// missing or wrong; 429 to whoever has failed too often lately; 503 while too many wait.
pub(crate) async fn sign_in(state: &AppState, asked: Asked) -> Result<(Token, Session), Error> {
    let signed_in = attempt(state, asked).await;
    let outcome = match &signed_in {
        Ok(_) => SignIn::In,
        Err(Error::TooMuch { .. }) => SignIn::Wait,
        Err(Error::Named { .. }) => SignIn::Code,
        Err(Error::Refused { status: StatusCode::UNAUTHORIZED, .. }) => SignIn::Wrong,
        Err(_) => SignIn::Failed,
    };
    state.metrics.sign_in(outcome);
    signed_in
}

async fn attempt(state: &AppState, asked: Asked) -> Result<(Token, Session), Error> {
    let now_ms = state.clock.now_ms();
    if let Some(wait_ms) = asked.from.and_then(|from| state.people.addresses.begin(from, now_ms)) {
        return Err(too_often(wait_ms));
    }
    count(state, &asked.name, now_ms).await?;
    let mut conn = state.store.pool().acquire().await.map_err(StoreError::from)?;
    let person = people::named(&mut conn, &asked.name).await?.filter(|person| !person.disabled);
    drop(conn);
    let kept = person.as_ref().and_then(|person| person.password.clone());
    let right = state.people.passwords.verify(asked.password, kept).await?;
    let Some(person) = person.filter(|_| right) else {
        return Err(unauthorized("Name or password is not right."));
    };
    let proof = match (&person.totp_secret, asked.code.as_deref().filter(|code| !code.trim().is_empty())) {
        (None, _) => Proof::None,
        (Some(_), None) => {
            // Half an attempt: the other half is still to come.
            let name = asked.name;
            state.store.write(move |conn| Box::pin(async move { failures::take_back(conn, &name).await })).await?;
            take_back(state, asked.from);
            return Err(code_fault("is needed besides the password"));
        }
        (Some(secret), Some(code)) => read_proof(secret, code, now_ms)?.ok_or_else(wrong_code)?,
    };
    let (token, before, agent) = (Token::new(), asked.before, asked.agent);
    let begun = {
        let token = token.clone();
        let job = state.store.write(move |conn| {
            Box::pin(async move { begin(conn, &person, &proof, &token, before.as_ref(), &agent, now_ms).await })
        });
        job.await?
    };
    let session = begun?;
    take_back(state, asked.from);
    Ok((token, session))
}

/// Counts an attempt by a name.
async fn count(state: &AppState, name: &str, now_ms: i64) -> Result<(), Error> {
    let name = name.to_owned();
    let wait = state.store.write(move |conn| {
        Box::pin(async move { failures::begin(conn, &name, now_ms, backoff::FORGOTTEN_MS, backoff::wait_ms).await })
    });
    wait.await?.map_or(Ok(()), |wait_ms| Err(too_often(wait_ms)))
}

fn take_back(state: &AppState, from: Option<IpAddr>) {
    if let Some(from) = from {
        state.people.addresses.take_back(from);
    }
}

/// The session, if everything is still as it was when the password was looked at.
async fn begin(
    conn: &mut Connection,
    person: &Person,
    proof: &Proof,
    token: &Token,
    before: Option<&Token>,
    agent: &str,
    now_ms: i64,
) -> Result<Result<Session, Error>, StoreError> {
    if people::find(conn, person.id).await?.as_ref() != Some(person) {
        return Ok(Err(unauthorized("Name or password is not right.")));
    }
    if !take(conn, person, proof).await? {
        return Ok(Err(wrong_code()));
    }
    failures::forgive(conn, &person.name).await?;
    if let Some(before) = before {
        sessions::end_token(conn, &before.hash()).await?;
    }
    session::begin(conn, person.id, token, agent, now_ms).await?;
    let session = sessions::of_token(conn, &token.hash(), now_ms, idle_since_ms(now_ms)).await?;
    Ok(session.as_ref().map(Session::from).ok_or_else(|| anyhow::anyhow!("a new session is not there").into()))
}

/// What somebody with a second factor proves by a code; `None` if it is a wrong one.
///
/// # Errors
/// If their secret is damaged.
fn read_proof(secret: &str, code: &str, now_ms: i64) -> Result<Option<Proof>, Error> {
    let step = factor::step_of(secret, code, now_ms)?.map(Proof::Step);
    Ok(step.or_else(|| Recovery::parse(code).map(Proof::Recovery)))
}

/// Uses up a proof; false if it has been used before, or never was one.
async fn take(conn: &mut Connection, person: &Person, proof: &Proof) -> Result<bool, StoreError> {
    match proof {
        Proof::None => Ok(person.totp_secret.is_none()),
        Proof::Step(step) => factors::take_step(conn, person.id, *step).await,
        Proof::Recovery(code) => factors::take_code(conn, person.id, &code.hash()).await,
    }
}

/// Takes a code of somebody who is signed in, before they change what they prove themselves by. Counted like signing in.
///
/// # Errors
/// 422 for the field `code` if it is wrong; 429 after too many.
pub(crate) async fn prove_code(state: &AppState, person: Person, code: &str) -> Result<(), Error> {
    let wrong = || field("code", "is not right, or has been used before");
    let now_ms = state.clock.now_ms();
    count(state, &person.name, now_ms).await?;
    let secret = person.totp_secret.as_deref().ok_or_else(wrong)?;
    let proof = read_proof(secret, code, now_ms)?.ok_or_else(wrong)?;
    let taken = state.store.write(move |conn| {
        Box::pin(async move {
            let taken = take(conn, &person, &proof).await?;
            if taken {
                failures::forgive(conn, &person.name).await?;
            }
            Ok(taken)
        })
    });
    if taken.await? { Ok(()) } else { Err(wrong()) }
}

/// Takes the first code of a secret that was proposed to somebody who is signed in, and gives its step of the clock. Counted like
/// signing in; what has failed is forgiven by whoever puts the secret in force.
///
/// # Errors
/// 422 for the field `code` if it is wrong; 429 after too many.
pub(crate) async fn prove_proposed(state: &AppState, name: &str, secret: &str, code: &str) -> Result<i64, Error> {
    let now_ms = state.clock.now_ms();
    count(state, name, now_ms).await?;
    let wrong = || field("code", "is not right; the clocks of phone and server must agree to half a minute");
    factor::step_of(secret, code, now_ms)?.ok_or_else(wrong)
}

/// The same with the password.
///
/// # Errors
/// 422 for the field `old` if it is wrong; 429 after too many; 503 while too many wait.
pub(crate) async fn prove_password(state: &AppState, person: Person, password: String) -> Result<(), Error> {
    count(state, &person.name, state.clock.now_ms()).await?;
    if !state.people.passwords.verify(password, person.password).await? {
        return Err(field("old", "is not right"));
    }
    let name = person.name;
    state.store.write(move |conn| Box::pin(async move { failures::forgive(conn, &name).await })).await?;
    Ok(())
}

fn wrong_code() -> Error {
    code_fault("is not right, or has been used before")
}

fn code_fault(message: &str) -> Error {
    named(StatusCode::UNAUTHORIZED, "code", message)
}

fn too_often(wait_ms: i64) -> Error {
    let wait = Duration::from_millis(u64::try_from(wait_ms).unwrap_or_default());
    share_used_up("Too many attempts that failed. Please wait a little and try again.", wait)
}

//! Links that work once, with which people choose their password: nobody is told one that somebody else has made up.

use waypost_app::domain::ids::StaffId;

use super::secret::Token;
use crate::clock::DAY_MS;
use crate::store::people::links::{self, For};
use crate::store::people::{self};
use crate::store::{Connection, StoreError};

/// How long a link works, in milliseconds.
pub const LINK_MS: i64 = DAY_MS;

/// The address of a link on a site such as `https://waypost.example`. The token stands behind `#`, which browsers send to nobody.
pub fn url(site: &str, token: &Token) -> String {
    format!("{site}/staff/setup#{}", token.as_str())
}

/// A new link for somebody; their earlier ones stop working.
///
/// # Errors
/// Those of the database.
pub async fn link(conn: &mut Connection, staff: StaffId, now_ms: i64) -> Result<Token, StoreError> {
    make(conn, For::Person(staff), now_ms).await
}

/// A link that makes the first admin; `None` if there is somebody already.
///
/// # Errors
/// Those of the database.
pub async fn first_link(conn: &mut Connection, now_ms: i64) -> Result<Option<Token>, StoreError> {
    if people::is_anybody(conn).await? {
        return Ok(None);
    }
    make(conn, For::First, now_ms).await.map(Some)
}

async fn make(conn: &mut Connection, whom: For, now_ms: i64) -> Result<Token, StoreError> {
    let token = Token::new();
    links::forget_dead(conn, now_ms).await?;
    links::make(conn, &token.hash(), whom, now_ms.saturating_add(LINK_MS)).await?;
    Ok(token)
}

//! Drafts as they are kept: from the first word or picture on, whichever page or tab it comes from.

use super::{changed, new_id};
use crate::domain::ids::{PhotoHash, ReportId};
use crate::local::db::{self, DbError, Store, Tx};
use crate::local::draft::{Draft, Fresh, Place};
use crate::local::{Phone, clock, room};

/// The draft under an id.
///
/// # Errors
/// [`DbError`]
pub async fn draft(id: ReportId) -> Result<Option<Draft>, DbError> {
    db::read(&[Store::Drafts]).await?.get(Store::Drafts, &id.to_string()).await
}

/// Keeps what is new of a draft, or all of one that is not kept yet; one with nothing in it is removed. On the disk when
/// this returns. Returns it as it is kept: see [`put_draft`].
///
/// # Errors
/// [`DbError`]; what was kept before stays.
pub async fn save_draft(phone: Phone, draft: &Draft, fresh: Fresh) -> Result<Draft, DbError> {
    let tx = db::write(&[Store::Drafts, Store::Outbox]).await?;
    let kept = put_draft(&tx, draft, fresh, None).await?;
    tx.commit().await?;
    changed(phone).await;
    room::ask_to_persist();
    Ok(kept)
}

/// The same draft may be open twice. Photos that only the kept copy has are taken over; and if the other copy has been
/// finished meanwhile, this one becomes a draft of its own, because its id belongs to that report.
pub(super) async fn put_draft(
    tx: &Tx,
    draft: &Draft,
    fresh: Fresh,
    photo: Option<&PhotoHash>,
) -> Result<Draft, DbError> {
    let mut kept = Draft { changed_at: clock::now_millis(), ..draft.clone() };
    let key = draft.id.to_string();
    if tx.get_raw(Store::Outbox, &key).await?.is_some() {
        kept.id = new_id();
    } else if let Some(before) = tx.get::<Draft>(Store::Drafts, &key).await? {
        kept.take_photos_of(&before, photo);
        kept.take_rest_of(&before, fresh);
    }
    let key = kept.id.to_string();
    if kept.is_empty() {
        tx.delete(Store::Drafts, &key)?;
    } else {
        tx.put(Store::Drafts, &key, &kept)?;
    }
    Ok(kept)
}

/// Gives a draft that has no place the one that was found for it: its page was left, or it was put aside, before the
/// phone knew where it was.
///
/// # Errors
/// [`DbError`]
pub async fn place_draft(phone: Phone, id: ReportId, place: Place) -> Result<(), DbError> {
    let key = id.to_string();
    let tx = db::write(&[Store::Drafts]).await?;
    let Some(draft) = tx.get::<Draft>(Store::Drafts, &key).await?.filter(|draft| draft.place.is_none()) else {
        return Ok(());
    };
    tx.put(Store::Drafts, &key, &Draft { place: Some(place), ..draft })?;
    tx.commit().await?;
    changed(phone).await;
    Ok(())
}

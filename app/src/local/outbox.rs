//! Reports on this phone: drafts, those on their way, and what became of them.
//!
//! Every change is one transaction, written before it is acted upon, and then shown: the [`Shelf`] signal of
//! [`Phone`] always tells what is on the disk. Sending is in [`drain`], detached from any page.

pub mod answer;
pub mod background;
pub mod backoff;
mod drafts;
pub mod drain;
pub mod item;
pub mod news;
mod photos;
pub mod said;
pub(super) mod send;
mod upload;

pub use drafts::{draft, place_draft, save_draft};
pub use photos::{Keep, drop_unneeded_photos, photo, replace_photo, save_photo, thumb};

use crate::local::spawn;
use std::cell::RefCell;
use std::future::Future;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{BroadcastChannel, MessageEvent};

use super::db::{self, DbError, Store};
use super::draft::Draft;
use super::verify::Verification;
use super::wipe;
use super::{Phone, Trouble};
use super::{clock, random};
use crate::domain::ids::ReportId;
use crate::domain::report::ReportContent;
use crate::wire::report::ReportBody;
use item::{Item, Stage, Wait};

/// Name of the channel on which tabs tell each other that something changed.
const CHANNEL: &str = "waypost-outbox";
/// Said there when everything was taken off this phone.
const WIPED: &str = "wiped";

/// Everything about reports that is on this phone, as last read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shelf {
    pub state: ShelfState,
    /// Latest change first.
    pub drafts: Vec<Draft>,
    /// Oldest first.
    pub items: Vec<Item>,
    /// Rows that this build cannot read. They are left alone.
    pub strange: usize,
    /// What was said of stations, oldest first; see [`super::verify`].
    pub verifications: Vec<Verification>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ShelfState {
    /// Not read yet.
    #[default]
    Unread,
    Ready,
    /// This browser keeps nothing; reports can only be sent at once.
    Unavailable,
}

impl Shelf {
    /// How many reports exist nowhere but here.
    #[must_use]
    pub fn unsent(&self) -> usize {
        self.drafts.len() + self.items.iter().filter(|item| item.is_unsent()).count()
    }

    /// The same with what was said of stations: all that another phone could send in place of this one. What was said of
    /// repairs only their reporter may say, whom the server knows by this phone.
    #[must_use]
    pub fn portable(&self) -> usize {
        self.unsent() + self.verifications.iter().filter(|said| said.is_unsent()).count()
    }

    /// All that still has to reach the server: also what was said of stations and repairs, and what is to be taken back
    /// there.
    #[must_use]
    pub fn all_unsent(&self) -> usize {
        let waits = |item: &&Item| !item.is_unsent() && item.wait().is_some();
        self.portable() + self.items.iter().filter(waits).count()
    }

    /// Reports of which there is news that nobody has looked at.
    pub fn unseen(&self) -> impl Iterator<Item = ReportId> {
        self.items.iter().filter(|item| item.unseen).map(|item| item.id)
    }

    /// Since when the oldest of them has waited: milliseconds since 1970.
    #[must_use]
    pub fn oldest_unsent(&self) -> Option<i64> {
        let items = self.items.iter().filter(|item| item.is_unsent()).map(|item| item.queued_at);
        items.chain(self.drafts.iter().map(|draft| draft.changed_at)).min()
    }

    #[must_use]
    pub fn item(&self, id: ReportId) -> Option<&Item> {
        self.items.iter().find(|item| item.id == id)
    }
}

/// A new report's id.
#[must_use]
pub fn new_id() -> ReportId {
    ReportId(random::new_id())
}

/// Reads everything again and shows it.
pub async fn reload(phone: Phone) {
    let shelf = match read_shelf().await {
        Ok(shelf) => {
            if shelf.strange > 0 {
                phone.trouble.set(Some(Trouble::StrangeRows(shelf.strange)));
            }
            shelf
        }
        Err(error) => {
            crate::local::log::error("reports cannot be read", &error);
            // What was read last is still there, as far as is known: only this try has failed.
            if !matches!(error, DbError::Unavailable(_))
                && phone.shelf.look_untracked(|shelf| shelf.state == ShelfState::Ready)
            {
                return;
            }
            Shelf { state: ShelfState::Unavailable, ..Shelf::default() }
        }
    };
    show(phone, shelf);
}

async fn read_shelf() -> Result<Shelf, DbError> {
    let tx = db::read(&[Store::Drafts, Store::Outbox, Store::Verifications]).await?;
    let (mut drafts, strange_drafts) = tx.all::<Draft>(Store::Drafts).await?;
    let (mut items, strange_items) = tx.all::<Item>(Store::Outbox).await?;
    let (verifications, strange) = db::rows::<Verification>(&tx.all_raw(Store::Verifications).await?);
    drafts.retain(|draft| !draft.is_empty());
    drafts.sort_by_key(|draft| std::cmp::Reverse(draft.changed_at));
    items.sort_by_key(|item| item.queued_at);
    let strange = strange_drafts + strange_items + strange;
    Ok(Shelf { state: ShelfState::Ready, drafts, items, strange, verifications })
}

fn show(phone: Phone, shelf: Shelf) {
    phone.unsent.set(shelf.unsent());
    if phone.shelf.look_untracked(|shown| *shown != shelf) {
        phone.shelf.set(shelf);
    }
}

/// Tells the other tabs that everything was taken off this phone.
pub(super) fn tell_wiped() {
    tell(&WIPED.into());
}

/// Shows a change here and tells the other tabs.
pub(super) async fn changed(phone: Phone) {
    reload(phone).await;
    tell(&JsValue::NULL);
}

thread_local! {
    static CHANNEL_OPEN: RefCell<Option<BroadcastChannel>> = const { RefCell::new(None) };
}

/// The channel to the other tabs and the service worker, opened on first use. Without `BroadcastChannel` a tab only sees
/// its own changes until it is opened again.
fn channel() -> Option<BroadcastChannel> {
    if let Some(open) = CHANNEL_OPEN.with_borrow(Clone::clone) {
        return Some(open);
    }
    let channel = BroadcastChannel::new(CHANNEL).ok()?;
    CHANNEL_OPEN.set(Some(channel.clone()));
    Some(channel)
}

fn tell(what: &JsValue) {
    if let Some(channel) = channel() {
        // A closed channel belongs to a page that is going away.
        let _ = channel.post_message(what);
    }
}

/// Follows what other tabs and the service worker do.
pub(super) fn follow_other_tabs(phone: Phone) {
    let Some(channel) = channel() else { return };
    let heard = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        if event.data().as_string().as_deref() == Some(WIPED) {
            // What this page still holds in memory must not come back.
            wipe::start_again();
            return;
        }
        spawn(async move {
            reload(phone).await;
            drain::kick(phone, false);
        });
    });
    channel.set_onmessage(Some(heard.as_ref().unchecked_ref()));
    heard.forget();
}

/// Moves a finished draft into the outbox and sets off sending. Safe on this phone when this returns. Returns the id it
/// is sent under.
///
/// # Errors
/// [`DbError`]; the draft as it was kept before stays.
pub async fn enqueue(phone: Phone, draft: &Draft, content: &ReportContent) -> Result<ReportId, DbError> {
    let key = draft.id.to_string();
    let body = ReportBody::from(content);
    let tx = db::write(&[Store::Drafts, Store::Outbox]).await?;
    let mut item = Item::new(draft, body, clock::now_millis());
    match tx.get::<Item>(Store::Outbox, &key).await? {
        // Two taps, or the same draft in two tabs: once is enough.
        Some(sent) if ReportBody { captured_at: item.body.captured_at.clone(), ..sent.body.clone() } == item.body => {}
        sent => {
            if sent.is_some() {
                // Another tab has finished this draft with other content: both are worth sending.
                item.id = new_id();
            }
            tx.put(Store::Outbox, &item.key(), &item)?;
        }
    }
    if let Some(kept) = tx.get::<Draft>(Store::Drafts, &key).await? {
        tx.delete(Store::Drafts, &key)?;
        // A picture that another tab has added meanwhile is not in this report; it stays as a draft of its own.
        let mut rest =
            Draft { id: new_id(), photos: Vec::new(), removed: draft.photos.clone(), parked: true, ..kept.clone() };
        rest.removed.extend(draft.removed.iter().cloned());
        rest.take_photos_of(&kept, None);
        if !rest.photos.is_empty() {
            tx.put(Store::Drafts, &rest.id.to_string(), &rest)?;
        }
    }
    tx.commit().await?;
    changed(phone).await;
    // Before the first try: what follows may be the end of this page.
    background::ask();
    drain::kick(phone, true);
    Ok(item.id)
}

/// Takes a report out of the outbox to be changed. `None` if it may no longer be changed: it may have arrived, or
/// is gone.
///
/// # Errors
/// [`DbError`]; then it stays where it was.
pub async fn take_back(phone: Phone, id: ReportId) -> Result<Option<ReportId>, DbError> {
    let key = id.to_string();
    let tx = db::write(&[Store::Drafts, Store::Outbox]).await?;
    let Some(item) = tx.get::<Item>(Store::Outbox, &key).await?.filter(Item::can_edit) else { return Ok(None) };
    let draft = item.to_draft(new_id(), clock::now_millis());
    tx.put(Store::Drafts, &draft.id.to_string(), &draft)?;
    tx.delete(Store::Outbox, &key)?;
    tx.commit().await?;
    changed(phone).await;
    Ok(Some(draft.id))
}

/// Ends the wait of a report that waits, and sends a refused one again as it is.
///
/// # Errors
/// [`DbError`]
pub async fn send_now(phone: Phone, id: ReportId) -> Result<(), DbError> {
    advance(phone, id, |item| match &item.stage {
        _ if item.withdrawal.is_some() => {
            item.withdrawal = Some(Wait::default());
            true
        }
        Stage::Queued(wait) => {
            item.stage = Stage::Queued(Wait { not_before: 0, reason: None, ..wait.clone() });
            true
        }
        Stage::NeedsYou(_) => {
            item.stage = Stage::Queued(Wait::default());
            true
        }
        Stage::Sending(_) | Stage::Received { .. } => false,
    })
    .await?;
    drain::kick(phone, true);
    Ok(())
}

/// Takes a report back from the server, if that has it, and then from this phone. Without a network it waits for one.
///
/// # Errors
/// [`DbError`]; then everything stays.
pub async fn withdraw(phone: Phone, id: ReportId) -> Result<(), DbError> {
    advance(phone, id, |item| {
        item.withdrawal = Some(Wait::default());
        true
    })
    .await?;
    background::ask();
    drain::kick(phone, true);
    Ok(())
}

/// Removes a draft or report from this phone, and the photos nothing else needs.
///
/// # Errors
/// [`DbError`]; then nothing is removed.
pub async fn delete(phone: Phone, id: ReportId) -> Result<(), DbError> {
    let key = id.to_string();
    let tx = db::write(&[Store::Drafts, Store::Outbox]).await?;
    tx.delete(Store::Drafts, &key)?;
    tx.delete(Store::Outbox, &key)?;
    tx.commit().await?;
    drop_unneeded_photos(Keep::Recent).await?;
    changed(phone).await;
    Ok(())
}

/// Changes one report of the outbox in a transaction of its own. `change` says whether it changed anything. Returns the
/// report as it is now, `None` if it is gone.
fn advance<'a>(
    phone: Phone,
    id: ReportId,
    change: impl FnOnce(&mut Item) -> bool + 'a,
) -> impl Future<Output = Result<Option<Item>, DbError>> + 'a {
    // Boxed, so that the transaction is written out once and not once a change.
    advance_boxed(phone, id, Box::new(change))
}

async fn advance_boxed(
    phone: Phone,
    id: ReportId,
    change: Box<dyn FnOnce(&mut Item) -> bool + '_>,
) -> Result<Option<Item>, DbError> {
    let key = id.to_string();
    let tx = db::write(&[Store::Outbox]).await?;
    let Some(mut item) = tx.get::<Item>(Store::Outbox, &key).await? else { return Ok(None) };
    if change(&mut item) {
        tx.put(Store::Outbox, &key, &item)?;
        tx.commit().await?;
        changed(phone).await;
    }
    Ok(Some(item))
}

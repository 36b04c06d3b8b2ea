//! Who is signed in, as the device and its tabs know it: whose copies are kept, and a sign-out of which the server does not
//! know yet.

use std::cell::{Cell, RefCell};

use gloo_net::http::Method;
use js_sys::Promise;
use serde::{Deserialize, Serialize};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, future_to_promise};
use waypost_app::domain::ids::StaffId;
use waypost_app::local::db::{self, DbError, Store};
use waypost_app::wire::staff::people::{SessionView, SignIn};
use web_sys::BroadcastChannel;

use crate::ask::{self, Trouble};
use crate::street;

pub(crate) const SESSION: &str = "/api/v1/staff/session";
/// Under which the device keeps who was signed in last, so that the program starts without a network. Not in localStorage,
/// which browsers write down late: a browser that is ended loses it.
const KEPT: &str = "session";
/// Under which it is kept that somebody has signed out, until the server knows: till then the browser's cookie lets in.
const OUT: &str = "signed out";
/// On which tabs tell each other that somebody has signed in or out.
const CHANNEL: &str = "waypost-staff";

thread_local! {
    /// The same as [`OUT`], where the browser keeps nothing.
    static OUT_HERE: Cell<bool> = const { Cell::new(false) };
    /// Somebody is signing in, which ends the session before: the server is told of nothing until it has answered.
    static SIGNING_IN: Cell<bool> = const { Cell::new(false) };
    /// Telling the server, while it goes on.
    static TELLING: RefCell<Option<Promise>> = const { RefCell::new(None) };
    static OPEN: RefCell<Option<BroadcastChannel>> = const { RefCell::new(None) };
}

/// As much of who was signed in as says whose the copies are.
#[derive(Debug, Serialize, Deserialize)]
struct Owner {
    staff: Id,
}

#[derive(Debug, Serialize, Deserialize)]
struct Id {
    id: StaffId,
}

async fn owner() -> Result<Option<StaffId>, DbError> {
    let row = db::read(&[Store::Desk]).await?.get_raw(Store::Desk, KEPT).await?;
    let text = row.as_ref().and_then(db::row_text);
    Ok(text.and_then(|text| serde_json::from_str::<Owner>(&text).ok()).map(|owner| owner.staff.id))
}

/// Who was signed in last and may go on without a network.
pub(crate) async fn kept() -> Option<SessionView> {
    street::kept(KEPT).await
}

/// The device is this person's from now on: what somebody else, or nobody knows who, read and did here goes.
pub(crate) async fn take_over(view: &SessionView) {
    // What cannot be looked at cannot be shown to anybody either.
    if owner().await.is_ok_and(|owner| owner != Some(view.staff.id)) {
        // Nothing is kept where it cannot be erased.
        let _ = street::clear().await;
    }
    // Where nothing can be kept, work goes on as long as there is a network.
    let _ = street::keep(KEPT, view).await;
}

/// A session has ended: nobody goes on without a network, but what is kept stays for whose it is.
pub(crate) async fn ended() {
    if let Ok(Some(id)) = owner().await {
        // Unwritten, it is found out again with the next request.
        let _ = street::keep(KEPT, &Owner { staff: Id { id } }).await;
    }
}

/// Somebody signs out: all that is kept here goes but that they did.
pub(crate) async fn leave() {
    // Fails only where the browser keeps nothing.
    OUT_HERE.set(street::clear_but(Some(OUT)).await.is_err());
}

/// Whether somebody has signed out of whom the server does not know it yet.
pub(crate) async fn is_leaving() -> bool {
    OUT_HERE.get() || street::kept::<bool>(OUT).await.is_some()
}

/// The server knows, or somebody has signed in since.
pub(crate) async fn settled() {
    OUT_HERE.set(false);
    let erased = async {
        let tx = db::write(&[Store::Desk]).await?;
        tx.delete(Store::Desk, OUT)?;
        tx.commit().await
    };
    // One that stays ends a session once too often.
    let _: Result<(), DbError> = erased.await;
}

/// Tells the server of a sign-out; false: it does not know yet. Whoever calls it meanwhile waits for the same answer, so
/// that none comes after somebody has signed in, and takes the new session's cookie away.
pub(crate) async fn tell() -> bool {
    if SIGNING_IN.get() {
        return false;
    }
    let under_way = TELLING.with_borrow(Clone::clone).unwrap_or_else(|| {
        let begun = future_to_promise(async {
            let told = matches!(ask::bare(Method::DELETE, SESSION).await, Ok(()) | Err(Trouble::SignedOut(_)));
            if told {
                settled().await;
            }
            TELLING.set(None);
            Ok(JsValue::from(told))
        });
        TELLING.set(Some(begun.clone()));
        begun
    });
    JsFuture::from(under_way).await.is_ok_and(|told| told.is_truthy())
}

/// Signs in, once the server has answered to the sign-out before, if there was one.
pub(crate) async fn sign_in(body: &SignIn) -> Result<SessionView, Trouble> {
    if is_leaving().await {
        // Unanswered, it makes no difference: signing in ends the session before.
        tell().await;
    }
    SIGNING_IN.set(true);
    let outcome = ask::send(Method::POST, SESSION, body).await;
    if outcome.is_ok() {
        settled().await;
    }
    SIGNING_IN.set(false);
    outcome
}

fn channel() -> Option<BroadcastChannel> {
    if let Some(open) = OPEN.with_borrow(Clone::clone) {
        return Some(open);
    }
    let channel = BroadcastChannel::new(CHANNEL).ok()?;
    OPEN.set(Some(channel.clone()));
    Some(channel)
}

/// Tells the other tabs that somebody has signed in or out.
pub(crate) fn tell_tabs() {
    if let Some(channel) = channel() {
        // A closed channel belongs to a page that is going away.
        let _ = channel.post_message(&JsValue::NULL);
    }
}

/// Calls this whenever somebody signs in or out in another tab, for as long as the page lives.
pub(crate) fn follow_tabs(heard: impl Fn() + 'static) {
    let Some(channel) = channel() else { return };
    let heard = Closure::<dyn FnMut()>::new(move || {
        OUT_HERE.set(false);
        heard();
    });
    channel.set_onmessage(Some(heard.as_ref().unchecked_ref()));
    heard.forget();
}

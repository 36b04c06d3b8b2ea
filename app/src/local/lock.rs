//! Web Locks: one tab at a time. Called through reflection because web-sys still counts the interface as unstable.

use std::future::Future;
use std::pin::Pin;

use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, future_to_promise};
use web_sys::AbortSignal;

/// Whether the work was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    Done,
    /// Another tab holds the lock.
    Taken,
}

/// What to do while another tab, or the service worker, holds the lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Patience {
    /// Leave the work to it.
    None,
    /// Work after it.
    Wait,
    /// Work after it, unless that takes longer than so many milliseconds.
    Until(u32),
}

/// Work under the lock.
pub(super) type Work = Pin<Box<dyn Future<Output = ()>>>;

/// Runs `work` while holding the lock `name`. In a browser without Web Locks the work is done without one: everything
/// sent is idempotent, so that costs traffic, not truth.
pub(super) async fn with_lock(name: &str, patience: Patience, work: Work) -> Turn {
    let Some((locks, request)) = manager() else {
        work.await;
        return Turn::Done;
    };
    let options = Object::new();
    // Setting a property of a plain new object cannot fail.
    let _ = Reflect::set(&options, &"ifAvailable".into(), &(patience == Patience::None).into());
    if let Patience::Until(limit_ms) = patience {
        let _ = Reflect::set(&options, &"signal".into(), &AbortSignal::timeout_with_u32(limit_ms));
    }
    let holding = Closure::once_into_js(move |lock: JsValue| -> Promise {
        if lock.is_null() {
            return Promise::resolve(&JsValue::FALSE);
        }
        future_to_promise(async move {
            work.await;
            Ok(JsValue::TRUE)
        })
    });
    let turn = match request.call3(&locks, &name.into(), &options, &holding).and_then(JsCast::dyn_into::<Promise>) {
        Ok(promise) => JsFuture::from(promise).await,
        Err(error) => Err(error),
    };
    // A refused request (a page being frozen) is like a lock that is taken: somebody tries again later.
    if turn.is_ok_and(|done| done.is_truthy()) { Turn::Done } else { Turn::Taken }
}

fn manager() -> Option<(JsValue, Function)> {
    let navigator = Reflect::get(&js_sys::global(), &"navigator".into()).ok()?;
    let locks = Reflect::get(&navigator, &"locks".into()).ok().filter(|locks| !locks.is_undefined())?;
    let request = Reflect::get(&locks, &"request".into()).ok()?.dyn_into().ok()?;
    Some((locks, request))
}

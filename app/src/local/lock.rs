//! Web Locks: one tab at a time. Called through reflection because web-sys still counts the interface as unstable.

use std::future::Future;

use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, future_to_promise};

/// Whether the work was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    Done,
    /// Another tab holds the lock.
    Taken,
}

/// Runs `work` while holding the lock `name`, unless another tab holds it. In a browser without Web Locks the work is
/// done without one: everything sent is idempotent, so that costs traffic, not truth.
pub(super) async fn with_lock<F: Future<Output = ()> + 'static>(
    name: &str,
    work: impl FnOnce() -> F + 'static,
) -> Turn {
    let Some((locks, request)) = manager() else {
        work().await;
        return Turn::Done;
    };
    let options = Object::new();
    // Setting a property of a plain new object cannot fail.
    let _ = Reflect::set(&options, &"ifAvailable".into(), &JsValue::TRUE);
    let holding = Closure::once_into_js(move |lock: JsValue| -> Promise {
        if lock.is_null() {
            return Promise::resolve(&JsValue::FALSE);
        }
        let work = work();
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
    let navigator = web_sys::window()?.navigator();
    let locks = Reflect::get(&navigator, &"locks".into()).ok().filter(|locks| !locks.is_undefined())?;
    let request = Reflect::get(&locks, &"request".into()).ok()?.dyn_into().ok()?;
    Some((locks, request))
}

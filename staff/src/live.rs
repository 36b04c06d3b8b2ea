//! News of the queue as they happen, from the server's event stream.

use std::cell::RefCell;

use gloo_timers::future::TimeoutFuture;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use waypost_app::local::spawn;
use web_sys::EventSource;

use crate::desk::Session;
use crate::work::Work;

/// After a stream that the server refused, in milliseconds. One that broke the browser begins again by itself.
const AGAIN_MS: u32 = 30_000;

thread_local! {
    static OPEN: RefCell<Option<EventSource>> = const { RefCell::new(None) };
}

/// Listens from now on, instead of whatever was listened to before.
pub fn follow(work: Work) {
    stop();
    // Fails only for an address that is none.
    let Ok(source) = EventSource::new("/api/v1/staff/events") else { return };
    let news = Closure::<dyn FnMut()>::new(move || {
        work.live.set(true);
        work.look_again();
        if let Some(id) = work.opened.get_untracked() {
            spawn(async move { work.read_case(id).await });
        }
    });
    // Has no documented failure.
    let _ = source.add_event_listener_with_callback("cases", news.as_ref().unchecked_ref());
    let opened = Closure::<dyn FnMut()>::new(move || work.send_held());
    source.set_onopen(Some(opened.as_ref().unchecked_ref()));
    let broken = Closure::<dyn FnMut()>::new({
        let source = source.clone();
        move || {
            // The browser may be at it again already; what happens until then is not heard.
            work.live.set(false);
            if source.ready_state() == EventSource::CLOSED {
                begin_later(work);
            }
        }
    });
    source.set_onerror(Some(broken.as_ref().unchecked_ref()));
    for heard in [news, opened, broken] {
        // A few a day, as often as somebody signs in or the server refuses.
        heard.forget();
    }
    OPEN.set(Some(source));
}

fn begin_later(work: Work) {
    spawn(async move {
        TimeoutFuture::new(AGAIN_MS).await;
        let is_in = work.desk.session.look_untracked(|session| matches!(session, Session::In(_)));
        if is_in && OPEN.with_borrow(|open| open.as_ref().is_none_or(|open| open.ready_state() == EventSource::CLOSED))
        {
            follow(work);
        }
    });
}

/// Listens no longer.
pub fn stop() {
    if let Some(source) = OPEN.take() {
        source.set_onerror(None);
        source.close();
    }
}

//! Handlers of events.

use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;

use leptos::prelude::Owner;
use send_wrapper::SendWrapper;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, UnwrapThrowExt};
use web_sys::{Element, Event};

type Handle = Box<dyn FnMut(Event)>;

/// An event and what to do about it.
pub(super) struct Handler {
    event: Cow<'static, str>,
    // Pieces travel between threads on the server only, and there they have no handlers.
    handle: SendWrapper<Handle>,
}

impl Handler {
    pub(super) fn new<E: JsCast + 'static>(event: Cow<'static, str>, mut handle: impl FnMut(E) + 'static) -> Self {
        // Contexts and signals are those of the place where the handler was written.
        let owner = Owner::current().unwrap_or_default();
        let handle = move |event: Event| owner.with(|| handle(event.unchecked_into()));
        Self { event, handle: SendWrapper::new(Box::new(handle)) }
    }
}

/// A handler on an element of the document.
pub(super) struct Listener {
    event: Cow<'static, str>,
    handle: Rc<RefCell<Handle>>,
    /// Lives as long as the element may fire.
    _heard: Closure<dyn FnMut(Event)>,
}

impl Listener {
    pub(super) fn attach(element: &Element, handler: Handler) -> Self {
        let handle = Rc::new(RefCell::new(handler.handle.take()));
        let called = handle.clone();
        let heard = Closure::<dyn FnMut(Event)>::new(move |event| {
            // An event that is fired while the same handler runs has nothing to add.
            if let Ok(mut handle) = called.try_borrow_mut() {
                handle(event);
            }
        });
        element.add_event_listener_with_callback(&handler.event, heard.as_ref().unchecked_ref()).unwrap_throw();
        Self { event: handler.event, handle, _heard: heard }
    }

    pub(super) fn hears(&self, handler: &Handler) -> bool {
        self.event == handler.event
    }

    /// The same event means something else from now on.
    pub(super) fn replace(&self, handler: Handler) {
        *self.handle.borrow_mut() = handler.handle.take();
    }
}

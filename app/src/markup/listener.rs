//! Handlers of events.

use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;

use leptos::prelude::Owner;
use send_wrapper::SendWrapper;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
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
        Self::boxed(event, Box::new(move |event| handle(event.unchecked_into())))
    }

    /// Apart, so that it is written out once and not once a handler.
    fn boxed(event: Cow<'static, str>, mut handle: Handle) -> Self {
        // Contexts and signals are those of the place where the handler was written.
        let owner = Owner::current().unwrap_or_default();
        let handle = move |event: Event| owner.with(|| handle(event));
        Self { event, handle: SendWrapper::new(Box::new(handle)) }
    }
}

/// A handler on an element of the document.
pub(super) struct Listener {
    event: Cow<'static, str>,
    handle: Slot,
    /// Lives as long as the element may fire.
    _heard: Closure<dyn FnMut(Event)>,
}

/// Empty while its handler runs, so that the handler may be replaced meanwhile.
type Slot = Rc<RefCell<Option<Handle>>>;

impl Listener {
    pub(super) fn attach(element: &Element, handler: Handler) -> Self {
        let slot: Slot = Rc::new(RefCell::new(Some(handler.handle.take())));
        let called = slot.clone();
        let heard = Closure::<dyn FnMut(Event)>::new(move |event| {
            let handle = called.borrow_mut().take();
            // An event that is fired while the same handler runs has nothing to add.
            if let Some(mut handle) = handle {
                handle(event);
                called.borrow_mut().get_or_insert(handle);
            }
        });
        // Fails only for a target that takes no listeners, which no element is.
        let _ = element.add_event_listener_with_callback(&handler.event, heard.as_ref().unchecked_ref());
        Self { event: handler.event, handle: slot, _heard: heard }
    }

    pub(super) fn hears(&self, handler: &Handler) -> bool {
        self.event == handler.event
    }

    /// The same event means something else from now on.
    pub(super) fn replace(&self, handler: Handler) {
        *self.handle.borrow_mut() = Some(handler.handle.take());
    }
}

//! Values that change.

use std::any::Any;
use std::marker::PhantomData;
use std::sync::Arc;

use leptos::prelude::{Get, GetUntracked, IsDisposed, Set, Track};

/// A value that can be set, and that announces when it was.
///
/// leptos' signal is written out whole for each type of value. Here all are one signal, of values behind a pointer.
#[derive(Debug)]
pub struct RwSignal<T> {
    kept: leptos::prelude::RwSignal<Held>,
    of: PhantomData<fn() -> T>,
}

/// A value of a type that only the signal which holds it knows.
type Held = Arc<dyn Any + Send + Sync>;

impl<T> Clone for RwSignal<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for RwSignal<T> {}

fn make(held: Held) -> leptos::prelude::RwSignal<Held> {
    leptos::prelude::RwSignal::new(held)
}

fn put(kept: leptos::prelude::RwSignal<Held>, held: Held) {
    kept.set(held);
}

#[expect(clippy::expect_used, reason = "a signal holds what was put into it, which is of its own type")]
fn seen<T: 'static, U>(held: &Held, at: impl FnOnce(&T) -> U) -> U {
    at(held.downcast_ref().expect("a value of the signal's own type"))
}

impl<T: Send + Sync + 'static> RwSignal<T> {
    #[must_use]
    pub fn new(value: T) -> Self {
        Self { kept: make(Arc::new(value)), of: PhantomData }
    }

    /// Holds another value from now on, and announces it.
    pub fn set(self, value: T) {
        put(self.kept, Arc::new(value));
    }

    /// The same, unless the place the signal belonged to is gone: then the value is given back.
    pub fn try_set(self, value: T) -> Option<T> {
        if self.kept.is_disposed() {
            return Some(value);
        }
        self.set(value);
        None
    }

    /// Looks, and looks again when it changes.
    pub fn look<U>(self, at: impl FnOnce(&T) -> U) -> U {
        seen(&self.kept.get(), at)
    }

    /// Looks once.
    pub fn look_untracked<U>(self, at: impl FnOnce(&T) -> U) -> U {
        seen(&self.kept.get_untracked(), at)
    }

    /// Looks once, if the place the signal belongs to is still there.
    pub fn try_look_untracked<U>(self, at: impl FnOnce(&T) -> U) -> Option<U> {
        self.kept.try_get_untracked().map(|held| seen(&held, at))
    }

    /// Notes that whoever asks is to be told of a change.
    pub fn track(self) {
        self.kept.track();
    }
}

impl<T: Clone + Send + Sync + 'static> RwSignal<T> {
    /// A copy, and another one when it changes.
    #[must_use]
    pub fn get(self) -> T {
        self.look(T::clone)
    }

    /// A copy of what it is now.
    #[must_use]
    pub fn get_untracked(self) -> T {
        self.look_untracked(T::clone)
    }

    /// The same, if the place the signal belongs to is still there.
    #[must_use]
    pub fn try_get_untracked(self) -> Option<T> {
        self.try_look_untracked(T::clone)
    }

    /// Changes a copy and holds that; nothing, if the place the signal belongs to is gone.
    pub fn update(self, change: impl FnOnce(&mut T)) {
        if let Some(mut value) = self.try_get_untracked() {
            change(&mut value);
            self.set(value);
        }
    }
}

//! Values computed from signals.

use std::any::Any;
use std::marker::PhantomData;
use std::sync::Arc;

use leptos::prelude::{Get, GetUntracked, Track};

/// A value computed from signals, computed again when they change, and announced when it is another one.
///
/// leptos' memo is written out whole for each type of value, a tenth of the program. Here all are one memo, of values
/// behind a pointer.
#[derive(Debug)]
pub struct Memo<T> {
    kept: leptos::prelude::Memo<Kept>,
    of: PhantomData<fn() -> T>,
}

impl<T> Clone for Memo<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Memo<T> {}

/// A value of a type that only the memo which made it knows.
#[derive(Clone, Debug)]
struct Kept {
    value: Arc<dyn Any + Send + Sync>,
    same: fn(&dyn Any, &dyn Any) -> bool,
}

impl PartialEq for Kept {
    fn eq(&self, other: &Self) -> bool {
        (self.same)(&*self.value, &*other.value)
    }
}

impl Kept {
    fn new<T: PartialEq + Send + Sync + 'static>(value: T) -> Self {
        Self { value: Arc::new(value), same: |one, other| one.downcast_ref::<T>() == other.downcast_ref::<T>() }
    }

    #[expect(clippy::expect_used, reason = "a memo holds what it has made itself, which is of its own type")]
    fn look<T: 'static, U>(&self, at: impl FnOnce(&T) -> U) -> U {
        at(self.value.downcast_ref().expect("a value of the memo's own type"))
    }
}

/// Makes a [`Memo`].
pub fn memo<T: PartialEq + Send + Sync + 'static>(compute: impl Fn() -> T + Send + Sync + 'static) -> Memo<T> {
    Memo { kept: kept(Box::new(move || Kept::new(compute()))), of: PhantomData }
}

/// Apart, so that it is written out once and not once a memo.
fn kept(compute: Box<dyn Fn() -> Kept + Send + Sync>) -> leptos::prelude::Memo<Kept> {
    leptos::prelude::Memo::new(move |_| compute())
}

impl<T: 'static> Memo<T> {
    /// Looks, and looks again when it changes.
    pub fn look<U>(self, at: impl FnOnce(&T) -> U) -> U {
        self.kept.get().look(at)
    }

    /// Looks once.
    pub fn look_untracked<U>(self, at: impl FnOnce(&T) -> U) -> U {
        self.kept.get_untracked().look(at)
    }

    /// Notes that whoever asks is to be told of a change.
    pub fn track(self) {
        self.kept.track();
    }
}

impl<T: Clone + 'static> Memo<T> {
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
}

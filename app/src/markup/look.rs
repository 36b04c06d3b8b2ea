//! Reading signals, and doing something about them.

use leptos::prelude::{Effect, Get, GetUntracked};

/// Looks at a copy of what a signal holds. `With` looks at the thing itself, but the compiler then writes the way to it
/// out again for each closure; everything that is looked at here is cheap to copy.
pub trait Look {
    type Seen;

    /// Looks, and looks again when it changes.
    fn look<U>(&self, at: impl FnOnce(&Self::Seen) -> U) -> U;

    /// Looks once.
    fn look_untracked<U>(&self, at: impl FnOnce(&Self::Seen) -> U) -> U;
}

impl<T, S> Look for S
where
    S: Get<Value = T> + GetUntracked<Value = T>,
{
    type Seen = T;

    fn look<U>(&self, at: impl FnOnce(&T) -> U) -> U {
        at(&self.get())
    }

    fn look_untracked<U>(&self, at: impl FnOnce(&T) -> U) -> U {
        at(&self.get_untracked())
    }
}

/// Something to do after drawing, and again when the signals it reads change; on the phone only. Boxed, so
/// that leptos' part is written out once and not once a closure.
pub fn react(run: impl FnMut() + 'static) {
    let run: Box<dyn FnMut()> = Box::new(run);
    Effect::new(run);
}

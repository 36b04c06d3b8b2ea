//! What the open form has and the disk has not: it is owed until it is kept, however often that fails.

use std::cell::Cell;

use super::draft::Fresh;

thread_local! {
    /// There is one form at a time.
    static OWED: Cell<Option<Fresh>> = const { Cell::new(None) };
}

/// This, too, is to be kept.
pub fn owe(fresh: Fresh) {
    OWED.set(Some(OWED.get().unwrap_or_default().and(fresh)));
}

/// Everything that is to be kept, by whoever now tries.
#[must_use]
pub fn take() -> Option<Fresh> {
    OWED.take()
}

/// Nothing is to be kept any more.
pub fn forget() {
    OWED.set(None);
}

#[must_use]
pub fn is_owed() -> bool {
    OWED.get().is_some()
}

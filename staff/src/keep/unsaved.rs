//! What was being typed when a session ended, until whoever typed it is back.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use waypost_app::domain::ids::StaffId;

use crate::markup::RwSignal;

#[derive(Clone)]
struct Row {
    by: StaffId,
    /// Of which form.
    key: String,
    typed: Arc<dyn Any + Send + Sync>,
}

/// A handle to all of it, which lasts as long as the page; cheap to copy.
#[derive(Clone, Copy)]
pub struct Unsaved(RwSignal<Vec<Row>>);

impl fmt::Debug for Unsaved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Unsaved")
    }
}

impl Default for Unsaved {
    fn default() -> Self {
        Self(RwSignal::new(Vec::new()))
    }
}

impl Unsaved {
    /// Holds what somebody has typed into a form, instead of what they typed into it before.
    pub fn hold<T: Send + Sync + 'static>(self, by: StaffId, key: &str, typed: T) {
        self.0.update(|rows| {
            rows.retain(|row| row.by != by || row.key != key);
            rows.push(Row { by, key: key.to_owned(), typed: Arc::new(typed) });
        });
    }

    #[must_use]
    pub fn has(self, by: StaffId, key: &str) -> bool {
        self.0.look_untracked(|rows| rows.iter().any(|row| row.by == by && row.key == key))
    }

    /// What somebody typed into a form, once.
    #[must_use]
    pub fn take<T: Clone + 'static>(self, by: StaffId, key: &str) -> Option<T> {
        let found = self.0.look_untracked(|rows| {
            let row = rows.iter().find(|row| row.by == by && row.key == key)?;
            row.typed.downcast_ref::<T>().cloned()
        })?;
        self.0.update(|rows| rows.retain(|row| row.by != by || row.key != key));
        Some(found)
    }

    /// Forgets what was typed by anybody but this person.
    pub fn keep_only(self, by: Option<StaffId>) {
        if self.0.look_untracked(|rows| rows.iter().any(|row| Some(row.by) != by)) {
            self.0.update(|rows| rows.retain(|row| Some(row.by) == by));
        }
    }
}

#[cfg(test)]
mod tests {
    use leptos::prelude::Owner;

    use super::*;

    #[test]
    fn what_was_typed_comes_back_once_and_to_whoever_typed_it_only() {
        let owner = Owner::new();
        owner.set();
        let [one, other] = [1, 2].map(|number| StaffId(uuid::Uuid::from_u128(number)));
        let unsaved = Unsaved::default();
        unsaved.hold(one, "services//st-1", "理".to_owned());
        unsaved.hold(one, "services//st-1", "理发".to_owned());
        assert_eq!(unsaved.take::<String>(other, "services//st-1"), None);
        assert_eq!(unsaved.take::<String>(one, "services//st-2"), None);
        assert!(unsaved.has(one, "services//st-1"));
        assert_eq!(unsaved.take::<String>(one, "services//st-1").as_deref(), Some("理发"));
        assert_eq!(unsaved.take::<String>(one, "services//st-1"), None);
        unsaved.hold(one, "stations//", 1_u32);
        unsaved.keep_only(Some(other));
        assert!(!unsaved.has(one, "stations//"));
    }
}

//! Lists whose entries keep what they know while the list changes.

use std::sync::Arc;

use leptos::prelude::Owner;

use super::node::{Draw, Keyed, Node};

/// A piece for each item. An item whose `key` was there before is not drawn again, wherever in the list it stands now.
pub fn each<T: Send + 'static>(
    mut items: impl FnMut() -> Vec<T> + Send + 'static,
    key: impl Fn(&T) -> String + Send + 'static,
    draw: impl Fn(T) -> Node + Send + Sync + 'static,
) -> Node {
    let owner = Owner::current().unwrap_or_default();
    let draw = Arc::new(draw);
    Node::Live(Box::new(move || {
        let mut entries = Vec::new();
        for item in items() {
            let draw = draw.clone();
            entries.push((key(&item), Box::new(move || draw(item)) as Draw));
        }
        Node::Keyed(Keyed { owner: owner.clone(), entries })
    }))
}

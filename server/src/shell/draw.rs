//! The same interface that the phone runs, as HTML.

use leptos::prelude::*;
use waypost_app::components::page_head::ServerPage;
use waypost_app::local::Seed;
use waypost_app::router::Address;
use waypost_app::{App, AppProps};

/// A page, drawn.
#[derive(Debug)]
pub(super) struct Drawn {
    pub body: String,
    pub title: String,
    /// What was asked for does not exist; the page says so.
    pub missing: bool,
    /// What it was drawn from, as JSON, for the program to start from.
    pub seed: String,
}

/// Draws the page at an address.
///
/// # Errors
/// If the seed cannot be written as JSON.
pub(super) fn draw(seed: Seed, address: Address) -> anyhow::Result<Drawn> {
    let written = serde_json::to_string(&seed)?;
    // Everything reactive belongs to this owner and goes with it.
    let owner = Owner::new_root(None);
    let drawn = owner.with(|| {
        let told = ServerPage::default();
        provide_context(address);
        provide_context(told.clone());
        let body = App(AppProps { seed }).to_html();
        Drawn { body, title: told.title(), missing: told.is_missing(), seed: written }
    });
    owner.cleanup();
    Ok(drawn)
}

//! Waypost's server. `main.rs` is only the command line; everything else is here so that tests can start the real
//! thing on a free port.

pub mod api;
pub mod config;
pub mod error;
pub mod photo;
pub mod router;
pub mod schedule;
pub mod serve;
pub mod shell;
pub mod state;
pub mod store;

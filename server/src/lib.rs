//! Waypost's server. `main.rs` is only the command line; everything else is here so that tests can start the real
//! thing on a free port.

pub mod api;
mod background;
pub mod cli;
pub mod clock;
pub mod config;
pub mod error;
pub mod export;
pub mod hours;
pub mod http;
pub mod import;
pub mod intake;
pub mod keep;
pub mod metrics;
pub mod moving;
pub mod numbers;
pub mod people;
pub mod photo;
pub mod public;
pub mod retention;
pub mod router;
pub mod sample;
pub mod schedule;
pub mod serve;
pub mod shell;
pub mod site;
pub mod snapshots;
mod spreadsheet;
pub mod state;
pub mod store;

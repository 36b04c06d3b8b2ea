//! One file a screen.

pub mod account;
pub mod case;
pub mod join;
pub mod markets;
pub mod numbers;
pub mod people;
pub mod queue;
pub mod routes;
pub mod second;
pub mod setup;
pub mod sign_in;
pub mod station;
pub mod stations;
pub mod templates;
pub mod units;

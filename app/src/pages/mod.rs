//! One file a screen.

pub mod market;
pub mod mine;
pub mod more;
pub mod not_found;
pub mod report;
pub mod station;
pub mod stations;

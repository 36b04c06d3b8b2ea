//! The rules of the district, pure: no interface, no input or output, no clock.
//!
//! Phone and server share this module, so a rule that both must agree on (what is open, which report is
//! acceptable, how a report may change) is written once. Types that travel derive serde and keep the field
//! names of the public contract.

pub mod arrival;
pub mod case;
pub mod decimal;
pub mod geo;
pub mod handoff;
pub mod ical;
pub mod ids;
pub mod market;
pub mod night;
pub mod report;
pub mod schedule;
pub mod service;
pub mod similar;
pub mod staff;
pub mod station;
pub mod time;
pub(crate) mod trig;
pub mod verification;

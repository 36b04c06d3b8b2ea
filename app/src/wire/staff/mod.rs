//! Bodies of `/api/v1/staff`. The phone's program names none of them, so they take no room in it.

pub mod cases;
pub mod numbers;
pub mod people;
pub mod routing;
pub mod stations;

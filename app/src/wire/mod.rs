//! Bodies of `/api/v1`: serde only. Once released a field may be added, never renamed, retyped or removed.

pub mod answer;
pub mod device;
pub mod problem;
pub mod report;
pub mod snapshot;
pub mod staff;
pub mod verification;

//! What two screens share.

pub mod bar;

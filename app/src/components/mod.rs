//! What two screens share.

pub mod bar;
pub mod page_head;

//! What two screens share.

pub mod bar;
pub mod outbox_status;
pub mod outbox_trouble;
pub mod page_head;
pub mod photo_strip;

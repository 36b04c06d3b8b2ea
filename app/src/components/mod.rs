//! What two screens share.

pub mod arrival;
pub mod ask_twice;
pub mod bar;
pub mod calendar;
pub mod icon;
pub mod maps;
pub mod masthead;
pub mod outbox_status;
pub mod outbox_trouble;
pub mod page_head;
pub mod photo_strip;
pub mod pill;
pub mod places;
pub mod update;
pub mod verified;

//! Rules to intervals: the opening-hours crate with the China calendar.

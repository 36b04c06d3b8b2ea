//! A picture on its way in: sniffed, decoded within bounds, upright, metadata gone, stored under its hash.

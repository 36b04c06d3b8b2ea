//! Keeping something that staff write: saving it, what others did to it meanwhile, taking it back, and its versions.

pub mod differences;
pub mod editor;
pub mod undo;
pub mod unsaved;
pub mod versions;

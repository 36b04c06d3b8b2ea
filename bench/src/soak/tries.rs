//! How often phones have tried, and what became of it.

use std::fmt;

#[derive(Debug, Default)]
pub(super) struct Tries {
    pub(super) requests: usize,
    /// No answer, or only a part of one.
    pub(super) no_answer: usize,
    /// An answer that was not our server's.
    pub(super) not_ours: usize,
    /// 5xx and 429.
    pub(super) later: usize,
    /// It had been there already.
    pub(super) again: usize,
    pub(super) uploads: Uploads,
}

impl fmt::Display for Tries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { requests, no_answer, not_ours, later, again, uploads } = self;
        writeln!(
            f,
            "requests {requests}: no answer {no_answer}, a stranger's {not_ours}, asked to come later {later}, stored before {again}"
        )?;
        write!(f, "{uploads}")
    }
}

/// What became of the photos that were sent by tus.
#[derive(Debug, Default)]
pub(super) struct Uploads {
    /// Those that have arrived, and their bytes.
    pub(super) photos: usize,
    pub(super) bytes: usize,
    /// Those that were cut in the middle, and how many bytes had not been sent yet when that happened first.
    pub(super) cut: usize,
    pub(super) remained: usize,
    /// Bytes that had reached the server and that it asked for once more, although it was not killed meanwhile.
    pub(super) again: usize,
    /// The same where it was: it loses what it has not put on its disk yet.
    pub(super) again_after_kills: usize,
}

impl fmt::Display for Uploads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { photos, bytes, cut, remained, again, again_after_kills } = self;
        let share = *again as f64 * 100.0 / (*remained).max(1) as f64;
        writeln!(f, "photos by tus {photos} of {bytes} bytes, {cut} of them cut with {remained} bytes to go")?;
        write!(f, "sent again after cuts {again} bytes, {share:.2} % of those; after SIGKILLs {again_after_kills}")
    }
}

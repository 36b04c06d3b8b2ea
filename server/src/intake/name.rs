//! Naming files in rows while others may be dropping equal ones; see [`crate::store::doomed`].

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::{Intake, IntakeError, Kept};
use crate::photo::Picture;
use crate::store::StoreError;
use crate::store::doomed::{Claim, Doom, Leave};

/// How soon a file is asked for again that is being dropped.
const ASKED_AGAIN: Duration = Duration::from_millis(50);
/// How often files are put because equal ones were dropped since; more than twice in a row is bad luck.
const PUT_AGAIN: u32 = 5;

/// What became of a change that was to name files.
pub(crate) enum Naming<T> {
    Done(T),
    /// Nothing was changed, because there was no leave to name them.
    Refused(Refused),
}

/// Why files may not be named.
pub(crate) enum Refused {
    /// Equal files were dropped since these were put, and these with them.
    Gone(Vec<Doom>),
    /// One is being dropped.
    Going,
}

impl<T> Naming<T> {
    /// The leave of a claim, or what its change answers instead.
    pub(crate) fn leave(claim: Claim) -> Result<Leave, Self> {
        match claim {
            Claim::Free(leave) => Ok(leave),
            Claim::Gone(gone) => Err(Self::Refused(Refused::Gone(gone))),
            Claim::Going => Err(Self::Refused(Refused::Going)),
        }
    }
}

impl Intake {
    /// Keeps the files of pictures, and makes the change that names them: as often as equal files are dropped meanwhile.
    /// `change` is given what was kept, and the ends of equal files that are known.
    ///
    /// # Errors
    /// Those of the files and of the change; [`IntakeError::Going`] if it does not come about within the patience of senders.
    pub(crate) async fn name<T, F>(
        &self,
        pictures: &[&Picture],
        change: impl Fn(Vec<Kept>, Vec<Doom>) -> F,
    ) -> Result<T, IntakeError>
    where
        F: Future<Output = Result<Naming<T>, StoreError>>,
    {
        let began = Instant::now();
        let mut kept = self.keep(pictures).await?;
        let (mut ends, mut put) = (Vec::new(), 1);
        loop {
            match change(kept.clone(), ends.clone()).await? {
                Naming::Done(done) => return Ok(done),
                Naming::Refused(Refused::Gone(gone)) if put < PUT_AGAIN => {
                    kept = self.keep(pictures).await?;
                    (ends, put) = (gone, put + 1);
                }
                Naming::Refused(Refused::Going) if began.elapsed() < self.limits.patience => sleep(ASKED_AGAIN).await,
                Naming::Refused(_) => return Err(IntakeError::Going),
            }
        }
    }

    async fn keep(&self, pictures: &[&Picture]) -> Result<Vec<Kept>, IntakeError> {
        let mut kept = Vec::with_capacity(pictures.len());
        for picture in pictures {
            kept.push(self.archive.keep(picture).await?);
        }
        Ok(kept)
    }
}

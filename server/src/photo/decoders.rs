//! Threads that do nothing but decode and encode pictures, one for each core. A system's allocator keeps what a thread has
//! freed for that thread: spread over the hundreds that wait for files, what a few pictures took would be kept many times.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::{io, thread};

use tokio::sync::oneshot;

use super::PhotoError;

type Work = Box<dyn FnOnce() + Send>;

/// Shared by all photos; cheap to clone. The threads end when the last one is gone.
#[derive(Clone, Debug)]
pub(super) struct Decoders {
    queue: Sender<Work>,
}

impl Decoders {
    /// Starts `threads` of them.
    pub(super) fn start(threads: usize) -> io::Result<Self> {
        let (queue, work) = channel();
        let work = Arc::new(Mutex::new(work));
        for _ in 0..threads.max(1) {
            let work = work.clone();
            thread::Builder::new().name("decoder".to_owned()).spawn(move || {
                while let Some(work) = next(&work) {
                    work();
                }
            })?;
        }
        Ok(Self { queue })
    }

    /// Does work there. A decoder that panics on hostile bytes has met a damaged picture.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, PhotoError> + Send + 'static,
    ) -> Result<T, PhotoError> {
        let (answer, answered) = oneshot::channel();
        let work = move || {
            let done = catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
                tracing::warn!("a decoder panicked");
                Err(PhotoError::Damaged)
            });
            // Whoever asked may have stopped waiting.
            drop(answer.send(done));
        };
        let gone = || PhotoError::File(io::Error::other("the decoding threads have ended"));
        self.queue.send(Box::new(work)).map_err(|_| gone())?;
        answered.await.unwrap_or_else(|_| Err(gone()))
    }
}

fn next(work: &Mutex<Receiver<Work>>) -> Option<Work> {
    work.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_is_a_damaged_picture_and_the_thread_goes_on() {
        let decoders = Decoders::start(1).unwrap();
        let panicked = decoders.run::<()>(|| panic!("hostile bytes")).await;
        assert!(matches!(panicked, Err(PhotoError::Damaged)));
        assert_eq!(decoders.run(|| Ok(7)).await.unwrap(), 7);
    }
}

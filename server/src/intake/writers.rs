//! Who writes to which upload. One connection at a time; a later one that goes on exactly where the file ends takes over,
//! because the earlier one is then dead or as good as dead: a phone does not begin again while its bytes still go through.
//!
//! That is so within one copy of the program. Two copies may write to the same upload at once, and do each other no harm: see
//! [`crate::photo::Partials`].

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;
use waypost_app::domain::ids::PhotoHash;

use crate::store::devices::DeviceId;

type Key = (DeviceId, PhotoHash);

/// Shared by all connections; cheap to clone.
#[derive(Clone, Debug, Default)]
pub(super) struct Writers(Arc<Mutex<HashMap<Key, Arc<watch::Sender<Now>>>>>);

/// What happens to an upload at the moment.
#[derive(Clone, Debug)]
enum Now {
    Nothing,
    /// Somebody has it, for a moment.
    Held,
    /// A connection brings bytes; so many have come, and so many of them are put.
    Writing {
        offset: Arc<AtomicU64>,
        put: watch::Receiver<u64>,
        ask: Arc<Notify>,
        stop: CancellationToken,
    },
    /// All bytes are there and are made into a stored photo, which is not interrupted.
    Finishing,
}

/// The upload is being written, and there are so many bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Elsewhere(pub(super) u64);

impl Writers {
    /// The right to write to an upload. Waits while it is finished or held; takes over from a connection that has brought
    /// exactly `offset` bytes.
    pub(super) async fn go_on(&self, device: &DeviceId, sha256: &PhotoHash, offset: u64) -> Result<Claim, Elsewhere> {
        self.take(device, sha256, |at| if at == offset { Ok(()) } else { Err(Elsewhere(at)) }).await
    }

    /// The right to an upload, whoever is writing to it.
    pub(super) async fn claim(&self, device: &DeviceId, sha256: &PhotoHash) -> Claim {
        loop {
            // Nobody refuses, so this is once.
            if let Ok(claim) = self.take(device, sha256, |_| Ok(())).await {
                return claim;
            }
        }
    }

    /// The right to an upload that nobody has.
    pub(super) fn claim_idle(&self, device: &DeviceId, sha256: &PhotoHash) -> Option<Claim> {
        self.seat(device, sha256).try_claim()
    }

    /// Waits while an upload is being finished.
    pub(super) async fn finished(&self, device: &DeviceId, sha256: &PhotoHash, patience: Duration) {
        let seat = self.seat(device, sha256);
        let mut changes = seat.now.subscribe();
        let over = changes.wait_for(|now| !matches!(now, Now::Finishing));
        // Either way the caller looks at what is there.
        drop(tokio::time::timeout(patience, over).await);
    }

    /// Waits until all that has come of an upload so far is put.
    pub(super) async fn put(&self, device: &DeviceId, sha256: &PhotoHash, patience: Duration) {
        let seat = self.seat(device, sha256);
        let Now::Writing { offset, mut put, ask, .. } = seat.now.borrow().clone() else { return };
        let come = offset.load(Ordering::Acquire);
        if *put.borrow() < come {
            ask.notify_one();
            // Either way the caller looks at what is there; whoever writes puts it also when the connection ends.
            drop(tokio::time::timeout(patience, put.wait_for(|put| *put >= come)).await);
        }
    }

    async fn take(
        &self,
        device: &DeviceId,
        sha256: &PhotoHash,
        may_stop: impl Fn(u64) -> Result<(), Elsewhere>,
    ) -> Result<Claim, Elsewhere> {
        let seat = self.seat(device, sha256);
        let mut changes = seat.now.subscribe();
        loop {
            if let Some(claim) = seat.try_claim() {
                return Ok(claim);
            }
            match &*changes.borrow_and_update() {
                Now::Writing { offset, stop, .. } => {
                    may_stop(offset.load(Ordering::Acquire))?;
                    stop.cancel();
                }
                Now::Nothing => continue,
                Now::Held | Now::Finishing => {}
            }
            // The sender lives as long as this seat.
            drop(changes.changed().await);
        }
    }

    fn seat(&self, device: &DeviceId, sha256: &PhotoHash) -> Seat {
        let key = (device.clone(), sha256.clone());
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = all.entry(key.clone()).or_insert_with(|| Arc::new(watch::Sender::new(Now::Nothing))).clone();
        Seat { writers: self.clone(), key, now }
    }
}

/// Interest in an upload: as long as anybody has it, all look at the same [`Now`].
struct Seat {
    writers: Writers,
    key: Key,
    now: Arc<watch::Sender<Now>>,
}

impl Seat {
    fn try_claim(&self) -> Option<Claim> {
        let free = self.now.send_if_modified(|now| {
            let free = matches!(now, Now::Nothing);
            if free {
                *now = Now::Held;
            }
            free
        });
        free.then(|| Claim { seat: self.writers.seat(&self.key.0, &self.key.1) })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut all = self.writers.0.lock().unwrap_or_else(PoisonError::into_inner);
        // The map's and this one.
        if Arc::strong_count(&self.now) == 2 {
            all.remove(&self.key);
        }
    }
}

/// The right to an upload; given back when dropped.
pub(super) struct Claim {
    seat: Seat,
}

impl Claim {
    /// Begins to write after so many bytes.
    pub(super) fn writing(&self, offset: u64) -> Pen {
        let pen = Pen {
            offset: Arc::new(AtomicU64::new(offset)),
            put: watch::Sender::new(offset),
            ask: Arc::default(),
            stop: CancellationToken::new(),
        };
        self.seat.now.send_replace(Now::Writing {
            offset: pen.offset.clone(),
            put: pen.put.subscribe(),
            ask: pen.ask.clone(),
            stop: pen.stop.clone(),
        });
        pen
    }

    /// From here on nobody takes over.
    pub(super) fn finishing(&self) {
        self.seat.now.send_replace(Now::Finishing);
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.seat.now.send_replace(Now::Nothing);
    }
}

/// What a writing connection shares with its successor, and with who asks how far it is.
pub(super) struct Pen {
    offset: Arc<AtomicU64>,
    put: watch::Sender<u64>,
    ask: Arc<Notify>,
    /// Somebody else goes on.
    pub(super) stop: CancellationToken,
}

impl Pen {
    /// So many bytes have come.
    pub(super) fn wrote(&self, offset: u64) {
        self.offset.store(offset, Ordering::Release);
    }

    /// So many of them are put.
    pub(super) fn put(&self, offset: u64) {
        self.put.send_if_modified(|put| std::mem::replace(put, offset) != offset);
    }

    /// Until somebody asks how far it is, who will wait for [`Pen::put`].
    pub(super) async fn asked(&self) {
        self.ask.notified().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn upload() -> (Writers, DeviceId, PhotoHash) {
        let hash = "0".repeat(64);
        (Writers::default(), DeviceId::from_stored(&hash).unwrap(), PhotoHash::parse(&hash).unwrap())
    }

    fn remembered(writers: &Writers) -> usize {
        writers.0.lock().unwrap().len()
    }

    #[tokio::test]
    async fn a_second_writer_takes_over_only_where_the_first_one_is() {
        let (writers, device, hash) = upload();
        let first = writers.go_on(&device, &hash, 0).await.unwrap_or_else(|_| panic!("free"));
        let pen = first.writing(0);
        pen.wrote(50);
        assert_eq!(writers.go_on(&device, &hash, 49).await.err(), Some(Elsewhere(50)));
        assert!(!pen.stop.is_cancelled());
        let second = writers.go_on(&device, &hash, 50);
        let handing_over = async {
            pen.stop.cancelled().await;
            drop(first);
        };
        let (second, ()) = tokio::join!(second, handing_over);
        assert!(second.is_ok());
        assert!(writers.claim_idle(&device, &hash).is_none());
        drop(second);
        assert_eq!(remembered(&writers), 0);
    }

    #[tokio::test]
    async fn whoever_asks_how_far_it_is_waits_until_what_has_come_is_put() {
        let (writers, device, hash) = upload();
        let patience = Duration::from_secs(20);
        writers.put(&device, &hash, patience).await;
        let claim = writers.claim(&device, &hash).await;
        let pen = claim.writing(7);
        writers.put(&device, &hash, patience).await;
        pen.wrote(50);
        let putting = async {
            pen.asked().await;
            pen.wrote(60);
            pen.put(60);
        };
        tokio::join!(writers.put(&device, &hash, patience), putting);
        // Nobody puts it, but the connection ends.
        pen.wrote(70);
        tokio::join!(writers.put(&device, &hash, patience), async {
            drop(pen);
            drop(claim);
        });
        assert_eq!(remembered(&writers), 0);
    }

    #[tokio::test]
    async fn what_is_being_finished_is_waited_for() {
        let (writers, device, hash) = upload();
        let first = writers.claim(&device, &hash).await;
        first.finishing();
        writers.finished(&device, &hash, Duration::from_millis(1)).await;
        let (second, ()) = tokio::join!(writers.go_on(&device, &hash, 7), async { drop(first) });
        assert!(second.is_ok());
        drop(second);
        assert_eq!(remembered(&writers), 0);
    }

    #[tokio::test]
    async fn whoever_stops_waiting_leaves_nothing_behind() {
        let (writers, device, hash) = upload();
        let first = writers.claim(&device, &hash).await;
        let waiting = writers.claim(&device, &hash);
        assert!(tokio::time::timeout(Duration::from_millis(1), waiting).await.is_err());
        drop(first);
        assert_eq!(remembered(&writers), 0);
    }
}

//! Whose turn it is: to arrive, to be decoded, and to be sent.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore};

use super::each::{Each, Place};
use super::{PhotoError, PhotoLimits};
use crate::store::devices::DeviceId;

/// Shared by all photos; cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Turns {
    of_device: Each<DeviceId>,
    of_network: Each<u64>,
    arriving: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    /// Kilobytes that decoding may take.
    memory: Arc<Semaphore>,
    memory_kb: u32,
    /// Kilobytes of what is being sent.
    sending: Arc<Semaphore>,
    sending_kb: u32,
    /// The same of each network.
    to_network: Each<u64>,
    to_network_kb: u32,
    /// What even the smallest picture takes, so that no more are decoded at once than there are cores.
    least_kb: u32,
    patience: Duration,
    /// Of those that arrive, and those that wait.
    most: (usize, usize),
}

/// Who sends a photo, as far as it is known: what there is room for is not for one of them. No `network`: they do not share
/// what others at their address have.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sender {
    pub(crate) device: Option<DeviceId>,
    pub(crate) network: Option<u64>,
}

/// Leave to receive one body, for as long as this is held.
#[derive(Debug)]
pub(crate) struct Room {
    _devices: Option<Place<DeviceId>>,
    _networks: Option<Place<u64>>,
    _everybodys: OwnedSemaphorePermit,
}

/// Bytes in memory, and leave to have them there.
struct Counted {
    bytes: Bytes,
    _leave: Sending,
}

impl AsRef<[u8]> for Counted {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

/// Leave to send one picture.
#[derive(Debug)]
pub(super) struct Sending {
    _networks: Option<Place<u64>>,
    _everybodys: OwnedSemaphorePermit,
}

impl Sending {
    /// The same bytes. The leave is given back when the last of them is gone from memory, wherever they went meanwhile.
    pub(super) fn counting(self, bytes: Bytes) -> Bytes {
        Bytes::from_owner(Counted { bytes, _leave: self })
    }
}

/// Leave to decode one picture, for as long as this is held.
#[derive(Debug)]
pub(super) struct Turn {
    _place: OwnedSemaphorePermit,
    _memory: OwnedSemaphorePermit,
}

impl Turns {
    pub(super) fn new(limits: &PhotoLimits) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, |cores| u32::try_from(cores.get()).unwrap_or(1));
        let kilobytes = |bytes: u64| u32::try_from(bytes / 1024).unwrap_or(u32::MAX >> 1);
        let (memory_kb, sending_kb) = (kilobytes(limits.memory), kilobytes(limits.sending).max(1));
        let to_network_kb = kilobytes(limits.sending_to_network).max(1);
        Self {
            of_device: Each::new(limits.arriving_of_device),
            of_network: Each::new(limits.arriving_of_network),
            arriving: Arc::new(Semaphore::new(limits.arriving)),
            waiting: Arc::new(Semaphore::new(limits.waiting)),
            memory: Arc::new(Semaphore::new(memory_kb as usize)),
            memory_kb,
            sending: Arc::new(Semaphore::new(sending_kb as usize)),
            sending_kb,
            to_network: Each::new(to_network_kb as usize),
            to_network_kb,
            least_kb: memory_kb / cores.max(1),
            patience: limits.patience,
            most: (limits.arriving, limits.waiting),
        }
    }

    /// How many arrive, and how many are being decoded or wait for it.
    pub(super) fn under_way(&self) -> (usize, usize) {
        let (arriving, waiting) = self.most;
        (arriving - self.arriving.available_permits(), waiting - self.waiting.available_permits())
    }

    /// Waits a moment while too many bodies arrive, from one sender or from all.
    pub(super) async fn arrive(&self, sender: &Sender) -> Result<Room, PhotoError> {
        let room = async {
            // Their own first: while they wait for that they keep nothing from others.
            let of_device = match &sender.device {
                Some(device) => Some(self.of_device.take(device.clone()).await?),
                None => None,
            };
            let of_network = match sender.network {
                Some(network) => Some(self.of_network.take(network).await?),
                None => None,
            };
            let of_all = self.arriving.clone().acquire_owned().await?;
            Ok::<_, AcquireError>(Room { _devices: of_device, _networks: of_network, _everybodys: of_all })
        };
        self.within(room).await
    }

    /// Waits a moment while too much is being sent, to one network or to all; so many `bytes` are to be.
    pub(super) async fn send(&self, bytes: u64, network: Option<u64>) -> Result<Sending, PhotoError> {
        let kilobytes = u32::try_from(bytes.div_ceil(1024)).unwrap_or(u32::MAX);
        let sending = async {
            // As those that arrive: their own first.
            let to_network = match network {
                Some(network) => {
                    Some(self.to_network.take_many(network, kilobytes.clamp(1, self.to_network_kb)).await?)
                }
                None => None,
            };
            let needed = kilobytes.clamp(1, self.sending_kb);
            let to_all = self.sending.clone().acquire_many_owned(needed).await?;
            Ok::<_, AcquireError>(Sending { _networks: to_network, _everybodys: to_all })
        };
        self.within(sending).await
    }

    /// Waits while others decode, unless too many wait already; `memory` in bytes.
    pub(super) async fn decode(&self, memory: u64) -> Result<Turn, PhotoError> {
        let needed = u32::try_from(memory.div_ceil(1024)).unwrap_or(u32::MAX);
        if needed > self.memory_kb {
            return Err(PhotoError::TooManyPixels);
        }
        let place = self.waiting.clone().try_acquire_owned().map_err(|_| PhotoError::Busy)?;
        let memory = self.memory.clone().acquire_many_owned(needed.max(self.least_kb));
        Ok(Turn { _place: place, _memory: self.within(memory).await? })
    }

    async fn within<T, E>(&self, turn: impl Future<Output = Result<T, E>>) -> Result<T, PhotoError> {
        match tokio::time::timeout(self.patience, turn).await {
            Ok(Ok(turn)) => Ok(turn),
            _ => Err(PhotoError::Busy),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MB: u64 = 1024 * 1024;

    fn turns(waiting: usize) -> Turns {
        let patience = Duration::from_millis(10);
        Turns::new(&PhotoLimits { arriving: 1, waiting, patience, memory: 100 * MB, ..PhotoLimits::default() })
    }

    #[tokio::test]
    async fn the_memory_everybodys_pictures_together_stays_within_its_bound() {
        let turns = turns(10);
        let large = turns.decode(90 * MB).await.unwrap();
        assert!(matches!(turns.decode(20 * MB).await, Err(PhotoError::Busy)));
        drop(large);
        assert!(turns.decode(20 * MB).await.is_ok());
        assert!(matches!(turns.decode(101 * MB).await, Err(PhotoError::TooManyPixels)), "it would wait for ever");
    }

    #[tokio::test]
    async fn who_finds_too_many_waiting_is_sent_away_at_once() {
        assert!(matches!(turns(0).decode(MB).await, Err(PhotoError::Busy)));
    }

    #[tokio::test]
    async fn no_more_bodies_arrive_at_once_than_allowed() {
        let (turns, anybody) = (turns(1), Sender::default());
        let first = turns.arrive(&anybody).await.unwrap();
        assert!(matches!(turns.arrive(&anybody).await, Err(PhotoError::Busy)));
        drop(first);
        assert!(turns.arrive(&anybody).await.is_ok());
    }

    #[tokio::test]
    async fn neither_a_device_nor_a_network_takes_all_places() {
        let turns = Turns::new(&PhotoLimits {
            arriving: 6,
            arriving_of_device: 2,
            arriving_of_network: 3,
            patience: Duration::from_millis(10),
            ..PhotoLimits::default()
        });
        let of = |device: u8, network| Sender { device: DeviceId::from_stored(&format!("{device:064}")), network };
        let mut held = Vec::new();
        for (device, network, has_place) in [
            (1, Some(1), true),
            (1, Some(2), true),
            (1, Some(3), false),
            (2, Some(1), true),
            (3, Some(1), true),
            (4, Some(1), false),
            (4, Some(2), true),
            (5, None, true),
            (6, Some(4), false),
        ] {
            let room = turns.arrive(&of(device, network)).await;
            assert_eq!(room.is_ok(), has_place, "{device} from {network:?}");
            held.extend(room.ok());
        }
        assert_eq!(turns.under_way().0, 6);
        drop(held);
        assert_eq!(turns.under_way().0, 0);
    }

    #[tokio::test]
    async fn what_is_sent_counts_until_the_last_of_it_is_gone_from_memory() {
        let patience = Duration::from_millis(10);
        let turns = Turns::new(&PhotoLimits { sending: 4 * 1024, patience, ..PhotoLimits::default() });
        let picture = turns.send(3 * 1024, None).await.unwrap().counting(Bytes::from(vec![7; 3 * 1024]));
        let last = picture.slice(3000..);
        drop(picture);
        assert!(matches!(turns.send(2 * 1024, None).await, Err(PhotoError::Busy)));
        drop(turns.send(1, None).await.unwrap());
        drop(last);
        // One that is larger than all there is goes alone.
        assert!(turns.send(MB, None).await.is_ok());
    }

    #[tokio::test]
    async fn no_network_is_sent_more_than_its_part_while_there_is_room_for_others() {
        let patience = Duration::from_millis(10);
        let limits =
            PhotoLimits { sending: 8 * 1024, sending_to_network: 2 * 1024, patience, ..PhotoLimits::default() };
        let turns = Turns::new(&limits);
        let picture = turns.send(2 * 1024, Some(1)).await.unwrap().counting(Bytes::from_static(&[7; 2 * 1024]));
        assert!(matches!(turns.send(1, Some(1)).await, Err(PhotoError::Busy)));
        // One that is larger than a network's part takes all of that, and of what there is as much as it needs.
        let large = turns.send(3 * 1024, Some(2)).await.unwrap();
        assert!(matches!(turns.send(1, Some(2)).await, Err(PhotoError::Busy)));
        let _nobodys = turns.send(3 * 1024, None).await.unwrap();
        assert!(matches!(turns.send(1, Some(3)).await, Err(PhotoError::Busy)), "all of it is being sent");
        drop((picture, large));
        assert!(turns.send(2 * 1024, Some(1)).await.is_ok());
    }
}

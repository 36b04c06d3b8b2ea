//! What one device may send in a day. Counted over the last 24 hours, so that nobody's share comes back all at once.

use waypost_app::domain::ids::PhotoHash;

use super::{Intake, IntakeError};
use crate::clock::DAY_MS;
use crate::photo::PhotoLimits;
use crate::store::devices::DeviceId;
use crate::store::photos::{self, Sent};
use crate::store::{Connection, StoreError};

/// Whether one more photo is within the share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Within,
    /// In so many milliseconds enough of what was sent is a day ago.
    Wait(i64),
}

impl Intake {
    /// Before anything of a photo is read.
    pub(super) async fn within_share(
        &self,
        device: &DeviceId,
        sha256: &PhotoHash,
        bytes: u64,
    ) -> Result<(), IntakeError> {
        let mut conn = self.store.pool().acquire().await.map_err(StoreError::from)?;
        let now_ms = self.clock.now_ms();
        match verdict(&mut conn, &self.limits, sha256, device, bytes, now_ms).await? {
            Verdict::Within => Ok(()),
            Verdict::Wait(wait_ms) => Err(IntakeError::Share { wait_ms }),
        }
    }
}

/// A photo that the device has sent before costs nothing again.
pub(super) async fn verdict(
    conn: &mut Connection,
    limits: &PhotoLimits,
    sha256: &PhotoHash,
    device: &DeviceId,
    bytes: u64,
    now_ms: i64,
) -> Result<Verdict, StoreError> {
    if photos::sent_by(conn, sha256, device).await? {
        return Ok(Verdict::Within);
    }
    let sent = photos::sent_after(conn, device, now_ms - DAY_MS).await?;
    Ok(weigh(limits, &sent, bytes, now_ms))
}

fn weigh(limits: &PhotoLimits, sent: &[Sent], bytes: u64, now_ms: i64) -> Verdict {
    let mut photos = sent.len() as u64 + 1;
    let mut all = sent.iter().map(|sent| sent.bytes).sum::<u64>() + bytes;
    let mut verdict = Verdict::Within;
    for oldest in sent {
        if photos <= u64::from(limits.photos_a_day) && all <= limits.bytes_a_day {
            break;
        }
        photos -= 1;
        all -= oldest.bytes;
        verdict = Verdict::Wait((oldest.at_ms + DAY_MS - now_ms).max(1));
    }
    verdict
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits() -> PhotoLimits {
        PhotoLimits { photos_a_day: 3, bytes_a_day: 100, ..PhotoLimits::default() }
    }

    fn sent(list: &[(i64, u64)]) -> Vec<Sent> {
        list.iter().map(|&(at_ms, bytes)| Sent { at_ms, bytes }).collect()
    }

    #[test]
    fn a_device_waits_until_enough_of_what_it_sent_is_a_day_ago() {
        let now = DAY_MS;
        for (list, bytes, verdict) in [
            (&[][..], 100, Verdict::Within),
            (&[(10, 40), (20, 40)], 20, Verdict::Within),
            // The number of photos, the bytes, the bytes of two.
            (&[(10, 1), (20, 1), (30, 1)], 1, Verdict::Wait(10)),
            (&[(10, 40), (20, 40)], 21, Verdict::Wait(10)),
            (&[(10, 40), (20, 40)], 61, Verdict::Wait(20)),
        ] {
            assert_eq!(weigh(&limits(), &sent(list), bytes, now), verdict, "{list:?} and {bytes}");
        }
    }

    #[test]
    fn nobody_waits_for_ever() {
        // More than a day's share in one photo: it is let in rather than promised a time that never comes.
        assert_eq!(weigh(&limits(), &[], 1_000, DAY_MS), Verdict::Within);
    }
}

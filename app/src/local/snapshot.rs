//! The district's snapshot on this phone: read, checked, merged with changes, kept.

use super::storage::{self, StorageError};
use crate::json::{self, FromJson};
use crate::wire::snapshot::{CLIENT, Snapshot};

/// The layout is part of the key: a build that writes another layout uses another key and leaves this one alone.
const KEY: &str = "waypost.snapshot.v1";

/// Most bytes of JSON kept. localStorage is read before the first frame, and shares a few megabytes with everything
/// else of this origin.
pub const MAX_BYTES: usize = 1_500_000;

/// Why a snapshot was not accepted. The one that was there before stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SnapshotError {
    #[error("not a snapshot")]
    Malformed,
    #[error("the server needs a newer build of this app")]
    TooOld,
    #[error("larger than {MAX_BYTES} bytes")]
    TooLarge,
    /// Changes that do not follow from what is here: ask for everything.
    #[error("the changes do not fit what is kept")]
    DoesNotFollow,
    #[error(transparent)]
    NotKept(#[from] StorageError),
}

/// Reads a snapshot and checks that this build can use it.
///
/// # Errors
/// [`SnapshotError::Malformed`], [`SnapshotError::TooOld`] or [`SnapshotError::TooLarge`].
pub fn parse(text: &str) -> Result<Snapshot, SnapshotError> {
    if text.len() > MAX_BYTES {
        return Err(SnapshotError::TooLarge);
    }
    let snapshot: Snapshot = json::read(text).map_err(|_| read_failure(text))?;
    if snapshot.min_client > CLIENT {
        return Err(SnapshotError::TooOld);
    }
    if snapshot.rev <= 0 || snapshot.horizon_end_min < snapshot.horizon_start_min {
        return Err(SnapshotError::Malformed);
    }
    Ok(snapshot)
}

/// A newer server may have changed so much that only `min_client` can still be read.
fn read_failure(text: &str) -> SnapshotError {
    #[derive(FromJson)]
    struct Needs {
        rev: i64,
        min_client: u32,
    }
    match json::read::<Needs>(text) {
        Ok(needs) if needs.rev > 0 && needs.min_client > CLIENT => SnapshotError::TooOld,
        _ => SnapshotError::Malformed,
    }
}

/// What `base` becomes with the server's answer to `?since=`.
///
/// # Errors
/// [`SnapshotError::DoesNotFollow`] if these are changes but lead backwards in revisions, or are those of a server that was set
/// back to a backup.
pub fn merge(base: Option<&Snapshot>, answer: Snapshot) -> Result<Snapshot, SnapshotError> {
    let base = match base {
        _ if answer.full => return Ok(Snapshot { removed: Vec::new(), ..answer }),
        Some(base) if base.rev <= answer.rev && base.epoch == answer.epoch => base,
        _ => return Err(SnapshotError::DoesNotFollow),
    };
    let mut removed: Vec<&str> = answer.removed.iter().map(String::as_str).collect();
    removed.sort_unstable();
    let mut open_reports = answer.open_reports;
    let told = open_reports.len();
    for report in &base.open_reports {
        let newer = open_reports.iter().take(told).any(|other| other.id == report.id);
        if !newer && removed.binary_search(&report.id.to_string().as_str()).is_err() {
            open_reports.push(report.clone());
        }
    }
    Ok(Snapshot {
        open_reports,
        stations: upsert(&base.stations, &answer.stations, |it| it.id.as_str(), &removed),
        services: upsert(&base.services, &answer.services, |it| it.id.as_str(), &removed),
        schedules: upsert(&base.schedules, &answer.schedules, |it| it.id.as_str(), &removed),
        markets: upsert(&base.markets, &answer.markets, |it| it.id.as_str(), &removed),
        landmarks: upsert(&base.landmarks, &answer.landmarks, |it| it.id.as_str(), &removed),
        full: true,
        removed: Vec::new(),
        ..answer
    })
}

/// `old` without what is gone, each entry in its newest form, new entries at the end. An entry that is both removed
/// and sent was made again under the same id: the sent one counts.
fn upsert<T: Clone>(old: &[T], new: &[T], id: impl Fn(&T) -> &str, removed: &[&str]) -> Vec<T> {
    let mut by_id: Vec<&T> = new.iter().collect();
    by_id.sort_unstable_by_key(|entry| id(entry));
    let mut known: Vec<&str> = Vec::with_capacity(old.len());
    let mut merged: Vec<T> = Vec::with_capacity(old.len() + new.len());
    for entry in old {
        let own = id(entry);
        known.push(own);
        match by_id.binary_search_by_key(&own, |entry| id(entry)) {
            Ok(at) => merged.extend(by_id.get(at).map(|newer| T::clone(newer))),
            Err(_) if removed.binary_search(&own).is_ok() => {}
            Err(_) => merged.push(entry.clone()),
        }
    }
    known.sort_unstable();
    // What was not there before; in the order it was sent.
    merged.extend(new.iter().filter(|entry| known.binary_search(&id(entry)).is_err()).cloned());
    merged
}

/// The complete snapshot kept on this phone. Anything that cannot be read is as good as nothing and is forgotten.
#[must_use]
pub fn load() -> Option<Snapshot> {
    let text = storage::get(KEY)?;
    match parse(&text) {
        Ok(snapshot) if snapshot.full => Some(snapshot),
        // Kept: an older build may run in this tab while a newer one has already written.
        Err(SnapshotError::TooOld) => None,
        _ => {
            storage::remove(KEY);
            None
        }
    }
}

/// Keeps a complete snapshot.
///
/// # Errors
/// [`SnapshotError::TooLarge`] or [`SnapshotError::NotKept`]; the one that was kept before stays.
pub fn save(snapshot: &Snapshot) -> Result<(), SnapshotError> {
    let text = serde_json::to_string(snapshot).map_err(|_| SnapshotError::Malformed)?;
    if text.len() > MAX_BYTES {
        return Err(SnapshotError::TooLarge);
    }
    Ok(storage::set(KEY, &text)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::{LandmarkId, ReportId};
    use crate::domain::report::{Category, ReportState};
    use crate::domain::station::Landmark;
    use crate::domain::time::Minute;
    use crate::wire::snapshot::OpenReport;

    fn landmark(id: &str, name: &str) -> Landmark {
        Landmark { id: LandmarkId::from(id), name: name.to_owned(), name_en: String::new(), lat: 30.0, lng: 120.0 }
    }

    fn snapshot(rev: i64, full: bool, landmarks: &[(&str, &str)]) -> Snapshot {
        Snapshot {
            rev,
            full,
            min_client: 1,
            horizon_end_min: Minute(1),
            landmarks: landmarks.iter().map(|(id, name)| landmark(id, name)).collect(),
            ..Snapshot::default()
        }
    }

    fn names(snapshot: &Snapshot) -> Vec<&str> {
        snapshot.landmarks.iter().map(|it| it.name.as_str()).collect()
    }

    #[test]
    fn changes_replace_add_and_remove_by_id() {
        let base = snapshot(3, true, &[("a", "old a"), ("b", "b"), ("c", "c")]);
        let mut changes = snapshot(5, false, &[("d", "d"), ("a", "new a")]);
        changes.removed = vec!["b".to_owned(), "never seen".to_owned()];
        let merged = merge(Some(&base), changes).unwrap();
        assert_eq!(names(&merged), ["new a", "c", "d"]);
        assert_eq!((merged.rev, merged.full, merged.removed.len()), (5, true, 0));
    }

    #[test]
    fn open_reports_follow_the_changes() {
        let open = |id: u128, state| OpenReport {
            id: ReportId(uuid::Uuid::from_u128(id)),
            code: "K7Q2".to_owned(),
            category: Category::Road,
            state,
            lat: 30.0,
            lng: 120.0,
            received_at_min: Minute(0),
        };
        let (new, old) = (ReportState::Assigned, ReportState::Accepted);
        let base = Snapshot { open_reports: vec![open(1, old), open(2, old), open(3, old)], ..snapshot(3, true, &[]) };
        let changes = Snapshot {
            open_reports: vec![open(4, new), open(1, new)],
            removed: vec![open(2, old).id.to_string()],
            ..snapshot(5, false, &[])
        };
        let merged = merge(Some(&base), changes).unwrap().open_reports;
        assert_eq!(merged, [open(4, new), open(1, new), open(3, old)]);
    }

    #[test]
    fn what_was_removed_and_made_again_is_there() {
        let base = snapshot(3, true, &[("a", "old")]);
        let mut changes = snapshot(4, false, &[("a", "again")]);
        changes.removed = vec!["a".to_owned()];
        assert_eq!(names(&merge(Some(&base), changes).unwrap()), ["again"]);
    }

    #[test]
    fn a_full_answer_replaces_everything_even_from_a_server_restored_to_yesterday() {
        let base = snapshot(90, true, &[("a", "a")]);
        let merged = merge(Some(&base), snapshot(7, true, &[("b", "b")])).unwrap();
        assert_eq!((merged.rev, names(&merged)), (7, vec!["b"]));
    }

    #[test]
    fn changes_without_a_base_or_leading_backwards_are_refused() {
        assert_eq!(merge(None, snapshot(5, false, &[])), Err(SnapshotError::DoesNotFollow));
        let base = snapshot(6, true, &[]);
        assert_eq!(merge(Some(&base), snapshot(5, false, &[])), Err(SnapshotError::DoesNotFollow));
        let restored = Snapshot { epoch: 1, ..snapshot(base.rev + 1, false, &[]) };
        assert_eq!(
            merge(Some(&base), restored.clone()),
            Err(SnapshotError::DoesNotFollow),
            "of another course of revisions"
        );
        assert!(merge(Some(&base), Snapshot { full: true, ..restored }).is_ok());
    }

    #[test]
    fn merging_nothing_changes_nothing() {
        let base = snapshot(6, true, &[("a", "a"), ("b", "b")]);
        assert_eq!(merge(Some(&base), snapshot(6, false, &[])), Ok(base));
    }

    #[test]
    fn only_a_whole_usable_snapshot_is_read() {
        let good = serde_json::to_string(&snapshot(1, true, &[])).unwrap();
        assert!(parse(&good).is_ok());
        for broken in ["", "<!DOCTYPE html><title>Wi-Fi login</title>", "{}", "[]", &good[..good.len() / 2]] {
            assert_eq!(parse(broken), Err(SnapshotError::Malformed), "{broken}");
        }
        assert_eq!(parse(&" ".repeat(MAX_BYTES + 1)), Err(SnapshotError::TooLarge));
    }

    #[test]
    fn a_server_that_has_moved_on_is_recognised_even_when_nothing_else_can_be_read() {
        let mut newer = snapshot(1, true, &[]);
        newer.min_client = CLIENT + 1;
        assert_eq!(parse(&serde_json::to_string(&newer).unwrap()), Err(SnapshotError::TooOld));
        assert_eq!(parse(r#"{"rev": 9, "min_client": 99, "stations": "elsewhere"}"#), Err(SnapshotError::TooOld));
    }
}

//! From what somebody wants of one thing to all that changes with it.

use std::collections::HashSet;

use waypost_app::domain::ids::StationId;
use waypost_app::domain::time::Minute;
use waypost_app::wire::staff::stations::Entry;

use super::held::{self, Held, all, find};
use super::ready::Ready;
use super::{Outcome, Refusal, Since, prefix};
use crate::store::changes::{self, Author};
use crate::store::devices::DeviceId;
use crate::store::district::Change;
use crate::store::{Connection, StoreError, station_photos};

/// So many minutes the clock of whoever was there may be ahead of the server's.
const CLOCKS_DIFFER_MIN: i64 = 5;
/// Most changes of a thing among which its making is looked for: it is asked for again within minutes.
const MAX_LOOKED_THROUGH: i64 = 100;

/// What somebody wants of one thing.
#[derive(Clone, Debug)]
pub enum Wish {
    /// A new one, whose id is made from this. Asked for again with the same content, it is there already.
    Make(uuid::Uuid, Ready),
    /// Another version of the one that was seen at a version.
    Change(String, i64, Ready),
    /// Retired, with what belongs to it.
    Retire(String, i64),
}

impl Wish {
    /// The id of what is wished for.
    #[must_use]
    pub fn id(&self) -> String {
        match self {
            Self::Make(uuid, ready) => format!("{}-{}", prefix(&ready.entry), uuid.simple()),
            Self::Change(id, ..) | Self::Retire(id, _) => id.clone(),
        }
    }
}

/// One thing that changes.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub(super) id: String,
    pub(super) before: Option<Ready>,
    pub(super) after: Option<Ready>,
}

/// Does what somebody wants, unless it does not fit what is there. Call it inside [`crate::store::Store::write`].
///
/// # Errors
/// Those of the database.
pub async fn carry_out(conn: &mut Connection, wish: Wish, author: &Author) -> Result<Outcome, StoreError> {
    let id = wish.id();
    let before = find(conn, &id).await?;
    if let Wish::Make(_, ready) = &wish
        && let Some(outcome) = made_before(conn, &id, ready, before.as_ref()).await?
    {
        return Ok(outcome);
    }
    let (seen, mut after) = match wish {
        Wish::Make(_, ready) => (None, Some(ready)),
        Wish::Change(_, version, ready) => (Some(version), Some(ready)),
        Wish::Retire(_, version) => (Some(version), None),
    };
    let version = before.as_ref().map(|held| held.version);
    if version != seen {
        if version.is_none() && find_change(conn, &id).await?.is_none() {
            return Ok(Outcome::Refused(Refusal::Gone));
        }
        return Ok(Outcome::Refused(Refusal::Changed(since(conn, &id, version).await?)));
    }
    let before = before.map(|held| held.ready);
    keep_sample(before.as_ref(), after.as_mut());
    if let (Some(before), Some(after)) = (&before, &after) {
        if prefix(&before.entry) != prefix(&after.entry) {
            return Ok(Outcome::Refused(Refusal::Gone));
        }
        if before == after {
            return Ok(Outcome::Same);
        }
    }
    if let Some(refusal) = not_yet(before.as_ref(), after.as_ref(), author) {
        return Ok(Outcome::Refused(refusal));
    }
    if let Some(refusal) = unseen_photo(conn, after.as_ref(), author).await? {
        return Ok(Outcome::Refused(refusal));
    }
    let there = all(conn).await?;
    let mut steps = vec![Step { id, before, after }];
    pull_along(&mut steps, &there);
    if let Some(refusal) = misfit(&steps, &there) {
        return Ok(Outcome::Refused(refusal));
    }
    Ok(Outcome::Done { rev: write(conn, &steps, author).await? })
}

/// Refuses that somebody will have looked at a station: it would be fresh for ever. What was so before is not theirs to mend.
fn not_yet(before: Option<&Ready>, after: Option<&Ready>, author: &Author) -> Option<Refusal> {
    let verified = |ready: Option<&Ready>| match ready.map(|ready| &ready.entry) {
        Some(Entry::Station(station)) => station.verified_at_min,
        _ => None,
    };
    let at = verified(after).filter(|at| verified(before) != Some(*at))?;
    let ahead = at.since(Minute::from_millis(author.at_ms));
    (ahead > CLOCKS_DIFFER_MIN).then_some(Refusal::Field("verified_at_min", "is in the future"))
}

/// What comes of making something under an id under which staff have made something: whoever has lost the answer asks
/// again. `None`: nobody has used it.
async fn made_before(
    conn: &mut Connection,
    id: &str,
    ready: &Ready,
    held: Option<&Held>,
) -> Result<Option<Outcome>, StoreError> {
    let known = changes::list(conn, Some(id), i64::MAX, MAX_LOOKED_THROUGH).await?;
    if known.is_empty() {
        return Ok(None);
    }
    // As it was made: others may have changed it since.
    let entries = known.iter().rev().flat_map(|change| &change.entries);
    let made = entries.filter(|entry| entry.entity == id && entry.before.is_none()).find_map(|it| it.after.as_deref());
    let mut again = ready.clone();
    keep_sample(None, Some(&mut again));
    let is_same = made.and_then(|body| serde_json::from_str::<Entry>(body).ok()).is_some_and(|it| it == again.entry);
    if is_same && held.is_some() {
        return Ok(Some(Outcome::Same));
    }
    let version = held.map(|held| held.version);
    Ok(Some(Outcome::Refused(Refusal::Changed(since(conn, id, version).await?))))
}

/// Refuses photos that are not here, or not for whoever names them to show.
async fn unseen_photo(
    conn: &mut Connection,
    ready: Option<&Ready>,
    author: &Author,
) -> Result<Option<Refusal>, StoreError> {
    let Some(Entry::Station(station)) = ready.map(|ready| &ready.entry) else { return Ok(None) };
    let device = DeviceId::of_staff(author.staff);
    for photo in station.entrance.iter().filter_map(|step| step.photo.as_ref()) {
        if !station_photos::may_be_shown(conn, photo, &device).await? {
            return Ok(Some(Refusal::Field("entrance", "names a photo that you have not sent")));
        }
    }
    Ok(None)
}

/// Whether something is part of the sample is not for staff to say.
fn keep_sample(before: Option<&Ready>, after: Option<&mut Ready>) {
    let was = before.is_some_and(|before| match &before.entry {
        Entry::Station(it) => it.sample,
        Entry::Service(it) => it.sample,
        Entry::Market(it) => it.sample,
        Entry::Exception(_) => false,
    });
    match after.map(|after| &mut after.entry) {
        Some(Entry::Station(it)) => it.sample = was,
        Some(Entry::Service(it)) => it.sample = was,
        Some(Entry::Market(it)) => it.sample = was,
        Some(Entry::Exception(_)) | None => {}
    }
}

/// What belongs to the first step's thing changes with it: the other half of a pair, and all that is at a station that goes.
fn pull_along(steps: &mut Vec<Step>, there: &[Held]) {
    let Some(first) = steps.first().cloned() else { return };
    let linked = |ready: Option<&Ready>| match ready.map(|ready| &ready.entry) {
        Some(Entry::Station(it)) => it.linked.clone(),
        _ => None,
    };
    let (left, joined) = (linked(first.before.as_ref()), linked(first.after.as_ref()));
    let this = StationId(first.id.clone());
    if left != joined {
        for held in there {
            let Entry::Station(other) = held.entry() else { continue };
            let is = |id: &Option<StationId>| id.as_ref().is_some_and(|id| id.as_str() == held.id);
            if is(&left) && other.linked.as_ref() == Some(&this) {
                steps.push(relinked(held, None));
            } else if is(&joined) && other.linked.is_none() && held.id != first.id {
                steps.push(relinked(held, Some(this.clone())));
            }
        }
    }
    if first.after.is_some() {
        return;
    }
    let mut gone: HashSet<&str> = HashSet::from([first.id.as_str()]);
    for held in there {
        match held.entry() {
            Entry::Station(other)
                if other.linked.as_ref() == Some(&this) && !steps.iter().any(|step| step.id == held.id) =>
            {
                steps.push(relinked(held, None));
            }
            Entry::Service(service) if service.station == this => {
                gone.insert(&held.id);
                steps.push(Step { id: held.id.clone(), before: Some(held.ready.clone()), after: None });
            }
            Entry::Market(market) if market.station.as_ref() == Some(&this) => {
                let mut after = held.ready.clone();
                if let Entry::Market(market) = &mut after.entry {
                    market.station = None;
                }
                steps.push(Step { id: held.id.clone(), before: Some(held.ready.clone()), after: Some(after) });
            }
            _ => {}
        }
    }
    for held in there {
        if let Entry::Exception(exception) = held.entry()
            && gone.contains(exception.target.as_str())
        {
            steps.push(Step { id: held.id.clone(), before: Some(held.ready.clone()), after: None });
        }
    }
}

fn relinked(held: &Held, to: Option<StationId>) -> Step {
    let mut after = held.ready.clone();
    if let Entry::Station(station) = &mut after.entry {
        station.linked = to;
    }
    Step { id: held.id.clone(), before: Some(held.ready.clone()), after: Some(after) }
}

/// Why the steps do not fit what is there; `None` if they do.
pub(super) fn misfit(steps: &[Step], there: &[Held]) -> Option<Refusal> {
    let touched: HashSet<&str> = steps.iter().map(|step| step.id.as_str()).collect();
    let untouched =
        there.iter().filter(|held| !touched.contains(held.id.as_str())).map(|held| (&held.id, held.entry()));
    let made = steps.iter().filter_map(|step| Some((&step.id, &step.after.as_ref()?.entry)));
    let then: Vec<(&String, &Entry)> = untouched.chain(made.clone()).collect();
    let is_station =
        |id: &StationId| then.iter().any(|(other, entry)| *other == id.as_str() && matches!(entry, Entry::Station(_)));
    let removed: HashSet<&str> =
        steps.iter().filter(|step| step.after.is_none()).map(|step| step.id.as_str()).collect();
    let still_needed = then.iter().any(|(_, entry)| {
        let of = match entry {
            Entry::Station(it) => it.linked.as_ref().map(StationId::as_str),
            Entry::Service(it) => Some(it.station.as_str()),
            Entry::Market(it) => it.station.as_ref().map(StationId::as_str),
            Entry::Exception(it) => Some(it.target.as_str()),
        };
        of.is_some_and(|of| removed.contains(of))
    });
    if still_needed {
        return Some(Refusal::Field("undo", "would take away what something made since belongs to"));
    }
    made.into_iter().find_map(|(id, entry)| match entry {
        Entry::Station(it) => {
            let same_slug = |(other, entry): &(&String, &Entry)| {
                *other != id && matches!(entry, Entry::Station(other) if other.slug == it.slug)
            };
            if then.iter().any(same_slug) {
                return Some(Refusal::Field("slug", "is another station's"));
            }
            let linked = it.linked.as_ref()?;
            (linked.as_str() == id || !is_station(linked)).then_some(Refusal::Field("linked", "is no other station"))
        }
        Entry::Service(it) => (!is_station(&it.station)).then_some(Refusal::Field("station", "is no station")),
        Entry::Market(it) => {
            let station = it.station.as_ref()?;
            (!is_station(station)).then_some(Refusal::Field("station", "is no station"))
        }
        Entry::Exception(it) => {
            let keeps =
                |(other, entry): &(&String, &Entry)| **other == it.target && !matches!(entry, Entry::Exception(_));
            (!then.iter().any(keeps)).then_some(Refusal::Field("target", "is no station, service or market"))
        }
    })
}

/// Changes the district, and keeps who did it. What is referred to is written first and removed last.
pub(super) async fn write(conn: &mut Connection, steps: &[Step], author: &Author) -> Result<i64, StoreError> {
    let order = |entry: &Entry| match entry {
        Entry::Station(_) => 0,
        Entry::Service(_) => 1,
        Entry::Market(_) => 2,
        Entry::Exception(_) => 3,
    };
    let mut made: Vec<_> = steps.iter().filter_map(|step| Some((&step.id, step.after.as_ref()?))).collect();
    made.sort_by_key(|(_, ready)| order(&ready.entry));
    let mut removed: Vec<_> = steps
        .iter()
        .filter(|step| step.after.is_none())
        .filter_map(|step| Some((&step.id, &step.before.as_ref()?.entry)))
        .collect();
    removed.sort_by_key(|(_, entry)| std::cmp::Reverse(order(entry)));
    let mut change = Change::begin(conn).await?;
    for (id, ready) in made {
        held::write(&mut change, id, ready).await?;
    }
    for (id, entry) in removed {
        held::remove(&mut change, id, entry).await?;
    }
    change.forget_unused_rules().await?;
    let rev = change.rev();
    let json = |ready: Option<&Ready>| {
        ready.map(|ready| serde_json::to_string(&ready.entry)).transpose().map_err(|_| StoreError::Unreadable("change"))
    };
    let entries = steps.iter().map(|step| {
        let (before, after) = (json(step.before.as_ref())?, json(step.after.as_ref())?);
        Ok(changes::Entry { entity: step.id.clone(), before, after })
    });
    let entries = entries.collect::<Result<Vec<_>, StoreError>>()?;
    changes::keep(conn, rev, author, &entries).await?;
    Ok(rev)
}

async fn find_change(conn: &mut Connection, id: &str) -> Result<Option<changes::Change>, StoreError> {
    Ok(changes::list(conn, Some(id), i64::MAX, 1).await?.pop())
}

/// What somebody did to a thing that is at this version now.
pub(super) async fn since(conn: &mut Connection, id: &str, version: Option<i64>) -> Result<Since, StoreError> {
    let last = find_change(conn, id).await?;
    // A later revision than that of the last change by staff is an import's.
    let last = last.filter(|change| version.is_none_or(|version| version == change.rev));
    Ok(Since { version, by: last.map(|change| (change.by, change.by_name, change.at_ms)) })
}

//! Which station a row is about: slugs, names and ids of a file and of the district together.

use std::collections::{HashMap, HashSet};

use waypost_app::domain::ids::StationId;
use waypost_app::domain::station::Station;

use super::columns::Column;
use super::draft::{Draft, Refused, Said};
use super::plan::Found;
use super::reason::Reason;
use super::report::Fault;

/// Who a row's station is.
#[derive(Clone, Debug)]
pub(super) enum Identity<'a> {
    /// It is there.
    Known(&'a Station),
    /// It is not there (any more).
    New(StationId),
    /// An import brought it, people here have removed it, and so it stays removed.
    Removed(StationId),
}

impl Identity<'_> {
    pub(super) fn id(&self) -> &StationId {
        match self {
            Self::Known(station) => &station.id,
            Self::New(id) | Self::Removed(id) => id,
        }
    }
}

/// The identities of a file's rows and of the stations that are there.
#[derive(Debug)]
pub(super) struct Identities<'a> {
    by_slug: HashMap<String, Identity<'a>>,
    /// `None` where more than one has the name.
    by_name: HashMap<String, Option<StationId>>,
}

impl<'a> Identities<'a> {
    /// Rows that are refused count too, so that others may name them as their parent without a fault of their own.
    /// `overwrite` brings back what people here have removed.
    pub(super) fn new(rows: &[Result<Draft, Refused>], found: &'a Found, overwrite: bool) -> Self {
        let known = found.stations.iter().map(|station| (station.slug.clone(), Identity::Known(station)));
        let mut identities = Self { by_slug: known.collect(), by_name: HashMap::new() };
        let mut taken: HashSet<String> = found.gone.clone();
        taken.extend(found.stations.iter().chain(&found.sample).map(|station| station.id.to_string()));
        let before = Before::new(found);
        for row in rows {
            let (slug, name) = match row {
                Ok(draft) => (&draft.said.slug, draft.said.texts.get(&Column::Name).filter(|_| draft.slug_made)),
                Err(refused) => (&refused.slug, None),
            };
            if slug.is_empty() || identities.by_slug.contains_key(slug) {
                continue;
            }
            let identity = match before.of(slug, name) {
                Some(Identity::Removed(id)) if overwrite => Identity::New(id),
                Some(identity) => identity,
                None => Identity::New(free(slug, &taken)),
            };
            taken.insert(identity.id().to_string());
            identities.by_slug.insert(slug.clone(), identity);
        }
        let in_file = rows.iter().flatten().filter_map(|draft| {
            let name = draft.said.texts.get(&Column::Name)?;
            Some((name.clone(), identities.by_slug.get(&draft.said.slug)?.id().clone()))
        });
        let kept = found.stations.iter().map(|station| (station.name.clone(), station.id.clone()));
        let mut by_name: HashMap<String, Option<StationId>> = HashMap::new();
        for (name, id) in in_file.chain(kept) {
            let only = by_name.entry(name).or_insert_with(|| Some(id.clone()));
            if only.as_ref() != Some(&id) {
                *only = None;
            }
        }
        identities.by_name = by_name;
        identities
    }

    /// Who the station of a row with this slug is.
    pub(super) fn of(&self, slug: &str) -> Option<&Identity<'a>> {
        self.by_slug.get(slug)
    }

    /// The station that a cell names as its parent: by slug, or by a name that only one has. `None` for none, and for
    /// one that people here have removed.
    pub(super) fn parent(&self, cell: &str, own: &StationId) -> Result<Option<StationId>, Fault> {
        let fault = |reason| Err(Fault::new(Column::Parent, reason));
        if cell.is_empty() {
            return Ok(None);
        }
        let id = match (self.by_slug.get(&cell.to_ascii_lowercase()), self.by_name.get(cell)) {
            (Some(Identity::Removed(_)), _) => return Ok(None),
            (Some(identity), _) => identity.id(),
            (None, Some(Some(id))) => id,
            (None, Some(None)) => return fault(Reason::SeveralCalled(cell.to_owned())),
            (None, None) => return fault(Reason::NoStation(cell.to_owned())),
        };
        if id == own { fault(Reason::Itself) } else { Ok(Some(id.clone())) }
    }
}

/// Stations as imports and the sample knew them, by the slug they had then.
struct Before<'a> {
    living: HashMap<&'a StationId, &'a Station>,
    imported: HashMap<&'a str, (&'a StationId, &'a Said)>,
    sample: HashMap<&'a str, &'a Station>,
}

impl<'a> Before<'a> {
    fn new(found: &'a Found) -> Self {
        Self {
            living: found.stations.iter().map(|station| (&station.id, station)).collect(),
            imported: found.said.iter().map(|(id, said)| (said.slug.as_str(), (id, said))).collect(),
            sample: found.sample.iter().map(|station| (station.slug.as_str(), station)).collect(),
        }
    }

    /// `made_from`: the name a slug was made from. Another name that is spelt the same is another station.
    fn of(&self, slug: &str, made_from: Option<&String>) -> Option<Identity<'a>> {
        let same = |name: Option<&String>| made_from.is_none() || made_from == name;
        if let Some((id, said)) = self.imported.get(slug)
            && same(said.texts.get(&Column::Name))
        {
            // People here may have given it another slug.
            return Some(match self.living.get(id) {
                Some(station) => Identity::Known(station),
                None => Identity::Removed((*id).clone()),
            });
        }
        let station = self.sample.get(slug)?;
        same(Some(&station.name)).then(|| Identity::New(station.id.clone()))
    }
}

/// An id for a new station: never that of another, even after that is gone.
fn free(slug: &str, taken: &HashSet<String>) -> StationId {
    let plain = format!("st-{slug}");
    let mut number = 1;
    let mut id = plain.clone();
    while taken.contains(&id) {
        number += 1;
        id = format!("{plain}-{number}");
    }
    StationId(id)
}

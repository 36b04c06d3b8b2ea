//! What an import changes, decided before anything is written.

use std::collections::{HashMap, HashSet};

use waypost_app::domain::ids::{ScheduleId, StationId};
use waypost_app::domain::station::Station;

use super::columns::Column;
use super::draft::{Draft, Refused, Said};
use super::identity::{Identities, Identity};
use super::merge::merge;
use super::reason::Reason;
use super::report::{Fault, Outcome, RowReport};

/// The district as an import finds it.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// Those that stay: all but the sample.
    pub(crate) stations: Vec<Station>,
    /// Stations of the sample, which go. A row with the slug of one takes over its id.
    pub(crate) sample: Vec<Station>,
    pub(crate) rules: HashMap<ScheduleId, String>,
    /// What earlier imports have said, also of stations that are gone.
    pub(crate) said: HashMap<StationId, Said>,
    /// Ids of what is gone.
    pub(crate) gone: HashSet<String>,
}

/// What is to be written, and what is to be told.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    pub(crate) rows: Vec<RowReport>,
    /// New or changed, with the rule of those that have one.
    pub(crate) stations: Vec<(Station, Option<String>)>,
    /// What is kept of the file's words, where it differs from what is kept already.
    pub(crate) said: Vec<(StationId, Said)>,
}

impl Plan {
    /// How many rows were refused.
    pub(crate) fn refused(&self) -> usize {
        self.rows.iter().filter(|row| matches!(row.outcome, Outcome::Refused(_))).count()
    }
}

/// Decides what rows do to a district. `overwrite`: what people here have changed gives way to the file.
pub(crate) fn plan(rows: &[Result<Draft, Refused>], found: &Found, overwrite: bool) -> Plan {
    let identities = Identities::new(rows, found, overwrite);
    let mut plan = Plan::default();
    let mut seen = HashMap::new();
    for row in rows {
        let report = match row {
            Ok(draft) => {
                let (row, slug, notes) = (draft.row, draft.said.slug.clone(), draft.notes.clone());
                let (outcome, kept) = decide(draft.clone(), &identities, &mut seen, found, overwrite, &mut plan)
                    .unwrap_or_else(|fault| (Outcome::Refused(vec![fault]), vec![]));
                RowReport { row, slug, outcome, kept, notes }
            }
            Err(Refused { row, slug, faults }) => RowReport {
                row: *row,
                slug: slug.clone(),
                outcome: Outcome::Refused(faults.clone()),
                kept: vec![],
                notes: vec![],
            },
        };
        plan.rows.push(report);
    }
    plan
}

fn decide(
    mut draft: Draft,
    identities: &Identities<'_>,
    seen: &mut HashMap<StationId, usize>,
    found: &Found,
    overwrite: bool,
    plan: &mut Plan,
) -> Result<(Outcome, Vec<Column>), Fault> {
    let slug = |reason| Fault::new(Column::Slug, reason);
    let identity = identities.of(&draft.said.slug).ok_or_else(|| slug(Reason::Missing))?;
    let id = identity.id();
    if let Some(before) = seen.insert(id.clone(), draft.row) {
        return Err(slug(Reason::SameAsRow { row: before, made: draft.slug_made }));
    }
    draft.said.parent = draft.parent.take().map(|cell| identities.parent(&cell, id).map(Into::into)).transpose()?;
    let earlier = found.said.get(id);
    let nothing = Said::default();
    let station = match identity {
        Identity::Known(station) => {
            check_name(&draft, station, earlier)?;
            station
        }
        Identity::Removed(_) => return Ok((Outcome::StaysRemoved, vec![])),
        Identity::New(_) => &fresh(id, &draft.said)?,
    };
    let is_new = !matches!(identity, Identity::Known(_));
    let merged = merge(station, &found.rules, earlier.unwrap_or(&nothing), &draft.said, overwrite || is_new);
    let said = earlier.unwrap_or(&nothing).with(&draft.said);
    if Some(&said) != earlier {
        plan.said.push((id.clone(), said));
    }
    let changed = is_new || merged.station != *station;
    let outcome = match (is_new, changed) {
        (true, _) => Outcome::New,
        (false, true) => Outcome::Updated(merged.updated.into_iter().collect()),
        (false, false) => Outcome::Unchanged,
    };
    if changed {
        plan.stations.push((merged.station, merged.rule));
    }
    Ok((outcome, merged.kept.into_iter().collect()))
}

/// A slug that was made from a name may be that of another station whose name is spelt the same.
fn check_name(draft: &Draft, station: &Station, earlier: Option<&Said>) -> Result<(), Fault> {
    let name = draft.said.texts.get(&Column::Name);
    let before = earlier.and_then(|earlier| earlier.texts.get(&Column::Name));
    if !draft.slug_made || name == Some(&station.name) || name == before {
        return Ok(());
    }
    Err(Fault::new(Column::Slug, Reason::SlugOf(station.name.clone())))
}

/// A station that was not there before.
fn fresh(id: &StationId, said: &Said) -> Result<Station, Fault> {
    let missing = |column: Column| Fault::new(column, Reason::MissingOfNew);
    if !said.texts.contains_key(&Column::Name) {
        return Err(missing(Column::Name));
    }
    let place = said.place.ok_or_else(|| missing(Column::Lat))?;
    Ok(Station::new(id.clone(), said.slug.clone(), place))
}

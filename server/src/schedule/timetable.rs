//! Who keeps which hours, over the whole district.

use std::collections::{BTreeMap, HashMap};

use waypost_app::domain::ids::ScheduleId;

use super::effective::Effective;
use super::exceptions::{Days, Exception, Stretch, lay_over};

/// Something that keeps hours: a station, a service or a market.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keeper {
    pub id: String,
    /// The schedule of its own rule; `None` where nobody has said.
    pub schedule: Option<ScheduleId>,
    /// The station it is at and closed with: services have one.
    pub station: Option<String>,
}

/// Every keeper with its exceptions.
#[derive(Clone, Debug, Default)]
pub struct Timetable {
    keepers: BTreeMap<String, Keeper>,
    /// By target: sorted, without overlap.
    stretches: HashMap<String, Vec<Stretch>>,
}

impl Timetable {
    /// `exceptions` in the order in which they were written: on a day of two, the later counts.
    pub fn new(keepers: impl IntoIterator<Item = Keeper>, exceptions: impl IntoIterator<Item = Exception>) -> Self {
        let mut stretches: HashMap<String, Vec<Stretch>> = HashMap::new();
        for exception in exceptions {
            let of_target = stretches.entry(exception.target.clone()).or_default();
            lay_over(of_target, exception.into());
        }
        Self { keepers: keepers.into_iter().map(|keeper| (keeper.id.clone(), keeper)).collect(), stretches }
    }

    /// The hours of a keeper as far as they matter on some days; `None` if there is no such keeper.
    #[must_use]
    pub fn effective(&self, keeper: &str, days: Days) -> Option<Effective> {
        self.keepers.get(keeper).map(|keeper| self.of(keeper, days))
    }

    /// Every keeper, by id, with its hours as far as they matter on some days.
    pub fn all(&self, days: Days) -> impl Iterator<Item = (&Keeper, Effective)> {
        self.keepers.values().map(move |keeper| (keeper, self.of(keeper, days)))
    }

    fn of(&self, keeper: &Keeper, days: Days) -> Effective {
        let written = |target: &str| self.stretches.get(target).map(Vec::as_slice).unwrap_or_default();
        let mut stretches = written(&keeper.id).to_vec();
        let closures = keeper.station.iter().flat_map(|station| written(station)).filter(|one| one.times.is_closure());
        closures.for_each(|closure| lay_over(&mut stretches, closure.clone()));
        stretches.retain(|one| one.days.meet(days));
        Effective { schedule: keeper.schedule.clone(), stretches }
    }
}

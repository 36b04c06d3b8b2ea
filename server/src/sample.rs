//! The sample district: built in, so that a first start shows something real. Everything in it is marked as sample.

use serde::Deserialize;
use waypost_app::domain::market::Market;
use waypost_app::domain::service::Service;
use waypost_app::domain::station::{Landmark, Station};
use waypost_app::wire::snapshot::District;

use crate::store::district::Change;
use crate::store::{Connection, StoreError};

/// A district as a file: entities in the shape of the API, each with its rule in place of a schedule's id.
#[derive(Clone, Debug, Deserialize)]
pub struct Sample {
    district: District,
    stations: Vec<Kept<Station>>,
    services: Vec<Kept<Service>>,
    markets: Vec<Kept<Market>>,
    landmarks: Vec<Landmark>,
}

/// Something that keeps hours.
#[derive(Clone, Debug, Deserialize)]
struct Kept<T> {
    /// In OSM `opening_hours` syntax; nobody has said where it is missing.
    hours: Option<String>,
    #[serde(flatten)]
    item: T,
}

impl Sample {
    /// The district that is built in: Gongshu, after a newspaper account of 2025.
    ///
    /// # Errors
    /// If the file it was built from is wrong.
    pub fn gongshu() -> serde_json::Result<Self> {
        serde_json::from_str(include_str!("../sample/gongshu.json"))
    }

    /// The rules it uses.
    pub fn rules(&self) -> impl Iterator<Item = &str> {
        let stations = self.stations.iter().map(|kept| &kept.hours);
        let services = self.services.iter().map(|kept| &kept.hours);
        let markets = self.markets.iter().map(|kept| &kept.hours);
        stations.chain(services).chain(markets).filter_map(Option::as_deref)
    }

    /// The places it names.
    pub fn landmarks(&self) -> impl Iterator<Item = &Landmark> {
        self.landmarks.iter()
    }

    /// Puts it into a district that has just been founded.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn load(self, conn: &mut Connection) -> Result<(), StoreError> {
        let mut change = Change::begin(conn).await?;
        change.name(&District { sample: true, ..self.district }).await?;
        for Kept { hours, mut item } in self.stations {
            item.schedule = keep(&mut change, hours).await?;
            change.station(&Station { sample: true, verified_at_min: None, ..item }).await?;
        }
        for Kept { hours, mut item } in self.services {
            item.schedule = keep(&mut change, hours).await?;
            change.service(&Service { sample: true, ..item }).await?;
        }
        for Kept { hours, mut item } in self.markets {
            item.schedule = keep(&mut change, hours).await?;
            change.market(&Market { sample: true, ..item }).await?;
        }
        for landmark in &self.landmarks {
            change.landmark(landmark).await?;
        }
        Ok(())
    }
}

async fn keep(
    change: &mut Change<'_>,
    hours: Option<String>,
) -> Result<Option<waypost_app::domain::ids::ScheduleId>, StoreError> {
    match hours {
        Some(rule) => Ok(Some(change.rule(&rule).await?)),
        None => Ok(None),
    }
}

//! A made-up district, larger than the sample one.

use std::path::Path;

use waypost_app::domain::ids::StationId;
use waypost_app::domain::station::Facility;
use waypost_server::store::{Database, Store, StoreError, district};

/// Rules as stations keep them; a district of hundreds shares a few.
const RULES: [&str; 8] = [
    "Mo-Su 08:00-20:00",
    "Mo-Su 07:00-22:00",
    "Mo-Fr 09:00-17:00; SH 09:00-17:00; PH off",
    "24/7",
    "Mo-Fr 08:30-12:00,13:00-17:30; PH off",
    "Mo-Su 18:00-06:00",
    "Sa,Su 09:00-16:00",
    "Mo-Sa 10:30-13:30,16:30-19:30",
];

/// Adds stations to a district that has been founded, until it has `count`, spread evenly over some 12 km.
pub(crate) async fn fill(data_dir: &Path, count: usize) -> anyhow::Result<()> {
    let store = Store::open(&Database::in_dir(data_dir)).await?;
    let filled = store.write(move |conn| {
        Box::pin(async move {
            let content = district::load(conn).await?.ok_or(StoreError::Unreadable("district"))?;
            let known: Vec<_> = content.stations.into_iter().map(|row| row.item).collect();
            let mut change = district::Change::begin(conn).await?;
            for index in known.len()..count {
                let Some(pattern) = known.get(index % known.len().max(1)) else { break };
                let mut station = pattern.clone();
                station.id = StationId(format!("bench-{index}"));
                station.slug = format!("bench-{index}");
                station.name = format!("{} {index} 号", pattern.name);
                station.name_en = format!("{} No. {index}", pattern.name_en);
                // Steps of the golden ratio and of another irrational number fill a square without a pattern.
                station.lat = 30.26 + 0.11 * (index as f64 * 0.618_034).fract();
                station.lng = 120.08 + 0.12 * (index as f64 * 0.754_878).fract();
                station.linked = None;
                station.schedule = match RULES.get(index % (RULES.len() + 1)) {
                    Some(rule) => Some(change.rule(rule).await?),
                    // Some have hours that nobody has told.
                    None => None,
                };
                station.facilities = Facility::ALL.into_iter().skip(index % 3).step_by(1 + index % 4).collect();
                change.station(&station).await?;
            }
            Ok(())
        })
    });
    let filled = filled.await;
    store.close().await;
    Ok(filled?)
}

//! Places by what is near to them.

use waypost_app::domain::geo::Wgs84;
use waypost_app::domain::ids::LandmarkId;
use waypost_app::domain::station::Landmark;
use waypost_app::wire::snapshot::Snapshot;

/// How far one goes by a landmark, in metres.
const NEAR_M: f64 = 1500.0;

/// What people call a place by: the landmark or the station that is nearest; `None` if none is near enough to go by.
pub(crate) fn nearest(district: &Snapshot, place: Wgs84) -> Option<Landmark> {
    let stations = district.stations.iter().map(|it| Landmark {
        id: LandmarkId(it.id.as_str().to_owned()),
        name: it.name.clone(),
        name_en: it.name_en.clone(),
        lat: it.lat,
        lng: it.lng,
    });
    let all = district.landmarks.iter().cloned().chain(stations).map(|it| (place.distance_m(it.position()), it));
    let (away_m, nearest) = all.min_by(|(one, _), (other, _)| one.total_cmp(other))?;
    (away_m <= NEAR_M).then_some(nearest)
}

//! Places that can be chosen by name.

use crate::domain::geo::Wgs84;
use crate::local::prefs::Lang;
use crate::local::replica::Replica;
use crate::text::pick;

/// A place by its id, with its name.
pub type Named = (String, Wgs84, String);

/// The landmarks of a district, then its stations but for those that stand in for a landmark.
pub fn places(replica: &Replica, lang: Lang) -> [Vec<Named>; 2] {
    let name = |zh: &str, en: &str| pick(lang, zh, en).to_owned();
    let landmarks = replica.landmarks().iter();
    let landmarks: Vec<Named> =
        landmarks.map(|it| (it.id.to_string(), it.position(), name(&it.name, &it.name_en))).collect();
    let others = replica.stations().iter().filter(|it| landmarks.iter().all(|(id, ..)| *id != it.id.as_str()));
    let stations = others.map(|it| (it.id.to_string(), it.position(), name(&it.name, &it.name_en))).collect();
    [landmarks, stations]
}

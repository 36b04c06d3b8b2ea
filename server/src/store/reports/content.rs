//! Telling the same report sent twice from another report under the same id.

use sha2::{Digest, Sha256};
use waypost_app::domain::ids::PhotoHash;
use waypost_app::domain::report::ReportContent;

/// A hash of what a report says, independent of how its JSON was written. Kept with the report and compared by later
/// versions of this program, so the way it is computed may never change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContentHash(String);

impl ContentHash {
    /// `captured_at_ms` is the content's own time, read; `None` where the server set it and it may differ from one
    /// sending to the next (the plain HTML form).
    #[must_use]
    pub fn of(content: &ReportContent, captured_at_ms: Option<i64>) -> Self {
        // Adding zero makes -0.0 equal to 0.0.
        let number = |value: f64| (value + 0.0).to_bits().to_be_bytes().to_vec();
        let mut fields = vec![
            b"report 1".to_vec(),
            content.category.code().as_bytes().to_vec(),
            content.description.as_bytes().to_vec(),
            number(content.position.lat),
            number(content.position.lng),
            content.accuracy_m.map(number).unwrap_or_default(),
            captured_at_ms.map(|ms| ms.to_be_bytes().to_vec()).unwrap_or_default(),
            content.landmark.as_bytes().to_vec(),
        ];
        fields.extend(content.photos.iter().map(|photo| photo.as_str().as_bytes().to_vec()));
        // Only where it is said, so that whatever says nothing of it keeps its hash.
        fields.extend(content.same_as.map(|id| format!("same as {id}").into_bytes()));
        let mut hasher = Sha256::new();
        for field in fields {
            // With its length first, no field can run into the next.
            hasher.update((field.len() as u64).to_be_bytes());
            hasher.update(field);
        }
        Self(PhotoHash::from_digest(&hasher.finalize()).into())
    }

    /// As it stands in the database.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use waypost_app::domain::geo::Wgs84;
    use waypost_app::domain::ids::ReportId;
    use waypost_app::domain::report::Category;

    use super::*;

    fn content() -> ReportContent {
        ReportContent {
            category: Category::Road,
            description: "broken".to_owned(),
            position: Wgs84 { lat: 30.0, lng: 120.0 },
            accuracy_m: Some(0.0),
            captured_at: "2026-11-24T08:10:00+08:00".to_owned(),
            landmark: "kerb".to_owned(),
            photos: vec![PhotoHash::from_digest(&[1; 32])],
            same_as: None,
        }
    }

    #[test]
    fn the_hash_never_changes() {
        assert_eq!(
            ContentHash::of(&content(), Some(1_795_479_000_000)).as_str(),
            "0921e1c0bdbf6e972ebb240914f17af22063c49e9bc3186ac60efed92f6bcdc8"
        );
    }

    #[test]
    fn every_field_counts() {
        let same = ContentHash::of(&content(), Some(1));
        let changes: [fn(&mut ReportContent); 9] = [
            |c| c.category = Category::Tree,
            |c| c.description = "brokenk".to_owned(),
            |c| c.position.lat = 30.000_001,
            |c| c.position.lng = 120.000_001,
            |c| c.accuracy_m = None,
            |c| c.landmark = "kerb ".to_owned(),
            |c| c.photos.clear(),
            |c| c.same_as = Some(ReportId(uuid::Uuid::from_u128(7))),
            |c| {
                // The same characters, divided differently between two fields.
                c.description = "broke".to_owned();
                c.landmark = "nkerb".to_owned();
            },
        ];
        for (at, change) in changes.into_iter().enumerate() {
            let mut other = content();
            change(&mut other);
            assert_ne!(ContentHash::of(&other, Some(1)), same, "change {at}");
        }
        assert_ne!(ContentHash::of(&content(), Some(2)), same);
        assert_ne!(ContentHash::of(&content(), None), same);
    }

    #[test]
    fn the_same_moment_written_differently_is_the_same_report() {
        let mut utc = content();
        utc.captured_at = "2026-11-24T00:10:00Z".to_owned();
        assert_eq!(ContentHash::of(&utc, Some(1)), ContentHash::of(&content(), Some(1)));
    }
}

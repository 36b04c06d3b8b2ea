use super::*;

#[test]
fn a_draft_of_an_older_build_is_read() {
    let row = r#"{"id":"0193a2b0-0000-7000-8000-000000000001","description":"坑"}"#;
    let draft: Draft = serde_json::from_str(row).unwrap();
    assert_eq!(draft.description, "坑");
    assert!(!draft.is_empty() && draft.photos.is_empty());
}

#[test]
fn what_was_begun_before_the_earlier_draft_was_read_is_never_taken_away() {
    let draft = |id: u128, words: &str, place: Option<f64>| Draft {
        description: words.to_owned(),
        place: place.map(|lat| Place::named(Wgs84 { lat, lng: 120.0 })),
        ..Draft::new(ReportId(uuid::Uuid::from_u128(id)))
    };
    for (begun, kept, expected) in [
        (draft(1, "", None), None, draft(1, "", None)),
        (draft(1, "", None), Some(draft(2, "坑", Some(30.0))), draft(2, "坑", Some(30.0))),
        // The place of a picture that is still being prepared.
        (draft(1, "", Some(31.0)), Some(draft(2, "坑", None)), draft(2, "坑", Some(31.0))),
        (draft(1, "", Some(31.0)), Some(draft(2, "坑", Some(30.0))), draft(2, "坑", Some(30.0))),
        // The same draft, kept a moment ago, before its place was found.
        (draft(1, "沟", Some(31.0)), Some(draft(1, "沟", None)), draft(1, "沟", Some(31.0))),
        (draft(1, "沟", None), Some(draft(2, "坑", Some(30.0))), draft(1, "沟", None)),
    ] {
        assert_eq!(begun.clone().or_kept(kept.clone()), expected, "{begun:?} over {kept:?}");
    }
}

#[test]
fn two_copies_of_a_draft_lose_no_photo_and_bring_none_back() {
    let hash = |digit: &str| PhotoHash::parse(&digit.repeat(64)).unwrap();
    let copy = |photos: &[&str]| Draft {
        photos: photos.iter().map(|digit| hash(digit)).collect(),
        ..Draft::new(ReportId(uuid::Uuid::nil()))
    };
    let mut here = copy(&["a", "b"]);
    here.remove_photo(&hash("a"));
    here.take_photos_of(&copy(&["a", "c"]), None);
    assert_eq!(here.photos, [hash("b"), hash("c")]);
    // A copy that still has it gives it up.
    let mut other = copy(&["a"]);
    other.take_photos_of(&here, None);
    assert_eq!(other.photos, [hash("b"), hash("c")]);
    // Taken once more, it is wanted again.
    here.add_photo(hash("a"));
    here.take_photos_of(&other, Some(&hash("a")));
    assert_eq!((here.photos.len(), here.removed.len()), (3, 0));
}

#[test]
fn a_copy_gives_way_to_what_was_kept_elsewhere_but_for_what_is_new_in_it() {
    let id = ReportId(uuid::Uuid::nil());
    let at = |lat, source| Place { position: Wgs84 { lat, lng: 120.0 }, accuracy_m: Some(9.0), source };
    let kept = Draft {
        category: Some("road".to_owned()),
        description: "桥头往南".to_owned(),
        landmark: "桥".to_owned(),
        place: Some(at(30.0, PlaceSource::Fix)),
        captured_at: Some("2026-11-24T08:10:00+08:00".to_owned()),
        same_as: Some(ReportId(uuid::Uuid::from_u128(2))),
        not_same: vec![ReportId(uuid::Uuid::from_u128(3))],
        refused: Some("太长".to_owned()),
        parked: true,
        ..Draft::new(id)
    };
    let here = Draft {
        description: "桥头".to_owned(),
        place: Some(at(31.0, PlaceSource::Fix)),
        captured_at: Some("2026-11-24T09:00:00+08:00".to_owned()),
        shooting: true,
        ..Draft::new(id)
    };
    let merged = |kept: &Draft, fresh| {
        let mut merged = here.clone();
        merged.take_rest_of(kept, fresh);
        merged
    };
    assert_eq!(merged(&kept, Fresh::ALL), here);
    assert_eq!(
        merged(&kept, Fresh::WORDS),
        Draft { captured_at: kept.captured_at.clone(), shooting: false, ..here.clone() }
    );
    let pictures = Draft { captured_at: here.captured_at.clone(), shooting: true, parked: false, ..kept.clone() };
    assert_eq!(merged(&kept, Fresh::PICTURES), pictures);
    assert_eq!(merged(&kept, Fresh::PLACE), Draft { place: here.place, ..kept.clone() });
    assert_eq!(merged(&kept, Fresh::PICTURES.and(Fresh::PLACE)), Draft { place: here.place, ..pictures });
    let blank = Draft { place: None, captured_at: None, ..here.clone() };
    let mut late = blank.clone();
    late.take_rest_of(&kept, Fresh::ALL);
    assert_eq!(late, Draft { place: kept.place, captured_at: kept.captured_at.clone(), ..blank });
    // What nobody else has said is kept, and a place that a person has pointed at stays.
    let bare = Draft { place: None, captured_at: None, ..kept.clone() };
    assert_eq!(merged(&bare, Fresh::PICTURES).place, here.place);
    assert_eq!(merged(&bare, Fresh::PLACE).captured_at, here.captured_at);
    let pointed = Draft { place: Some(at(30.5, PlaceSource::Moved)), ..kept };
    assert_eq!(merged(&pointed, Fresh::PLACE).place, pointed.place);
}

#[test]
fn a_covered_photo_takes_the_place_of_the_original_and_no_copy_brings_that_back() {
    let hash = |digit: &str| PhotoHash::parse(&digit.repeat(64)).unwrap();
    let copy = Draft { photos: vec![hash("a"), hash("b")], ..Draft::new(ReportId(uuid::Uuid::nil())) };
    let mut here = copy.clone();
    assert!(here.replace_photo(&hash("a"), hash("c")));
    here.take_photos_of(&copy, Some(&hash("c")));
    assert_eq!((here.photos.clone(), here.removed.clone()), (vec![hash("c"), hash("b")], vec![hash("a")]));
    let mut other = copy;
    other.take_photos_of(&here, None);
    assert_eq!(other.photos, [hash("b"), hash("c")]);
    // Taken out in another tab while it was painted over.
    assert!(!here.replace_photo(&hash("a"), hash("d")));
    assert!(here.replace_photo(&hash("b"), hash("b")) && !here.removed.contains(&hash("b")));
}

#[test]
fn a_picture_that_is_being_taken_is_something_to_miss() {
    let draft = Draft { shooting: true, ..Draft::new(ReportId(uuid::Uuid::nil())) };
    assert!(!draft.is_empty());
}

#[test]
fn a_report_that_follows_another_needs_neither_photo_nor_words() {
    let other = ReportId(uuid::Uuid::from_u128(9));
    let draft = Draft {
        category: Some("road".to_owned()),
        place: Some(Place::named(Wgs84 { lat: 30.0, lng: 120.0 })),
        captured_at: Some("2026-11-24T08:10:00+08:00".to_owned()),
        same_as: Some(other),
        ..Draft::new(ReportId(uuid::Uuid::nil()))
    };
    assert_eq!(draft.content().unwrap().same_as, Some(other));
    let faults = Draft { same_as: None, ..draft }.content().unwrap_err();
    assert_eq!(faults.iter().map(|fault| fault.field).collect::<Vec<_>>(), ["description"]);
}

#[test]
fn an_unfinished_draft_names_all_that_is_missing() {
    let draft = Draft::new(ReportId(uuid::Uuid::nil()));
    assert!(draft.is_empty());
    let faults = draft.content().unwrap_err();
    let fields: Vec<_> = faults.iter().map(|fault| fault.field).collect();
    assert_eq!(fields, ["category", "description", "lat", "lng", "captured_at"]);
}

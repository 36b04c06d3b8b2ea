use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::wire::report::ReportBody;

const TIME: &str = "2026-11-24T08:10:00+08:00";

fn hash(of: u8) -> String {
    PhotoHash::from_digest(&[of; 32]).to_string()
}

fn good<'a>() -> Unchecked<'a> {
    Unchecked {
        category: Some("road"),
        description: "路缘石松动",
        lat: Some(30.3172),
        lng: Some(120.1386),
        accuracy_m: Some(12.5),
        captured_at: Some(TIME),
        landmark: "远洋乐堤港东门",
        photos: Vec::new(),
        same_as: None,
    }
}

fn faults(unchecked: &Unchecked<'_>) -> Vec<(&'static str, Fault)> {
    unchecked.check().expect_err("a fault").into_iter().map(|FieldFault { field, fault }| (field, fault)).collect()
}

#[test]
fn a_report_moves_only_along_the_table() {
    // Rows: from; columns: to, both in the order of `ReportState::ALL`.
    #[rustfmt::skip]
    let table = [
        //              rec acc ass inp fix con dec reo
        ("received",    "-   x   -   -   -   -   x   -"),
        ("accepted",    "-   -   x   -   -   -   x   -"),
        ("assigned",    "-   x   -   x   x   -   x   -"),
        ("in_progress", "-   -   x   -   x   -   -   -"),
        ("fixed",       "-   -   -   -   -   x   -   x"),
        ("confirmed",   "-   -   -   -   -   -   -   x"),
        ("declined",    "-   x   -   -   -   -   -   -"),
        ("reopened",    "-   x   x   -   -   -   x   -"),
    ];
    assert_eq!(table.len(), ReportState::ALL.len());
    for (from, (code, row)) in ReportState::ALL.into_iter().zip(table) {
        assert_eq!(from.code(), code);
        let row: Vec<_> = row.split_whitespace().collect();
        assert_eq!(row.len(), ReportState::ALL.len());
        for (to, mark) in ReportState::ALL.into_iter().zip(row) {
            assert_eq!(from.may_become(to), mark == "x", "{from:?} to {to:?}");
        }
    }
}

#[test]
fn the_ordinary_life_of_a_report_is_allowed() {
    use ReportState as S;
    let life = [S::Received, S::Accepted, S::Assigned, S::InProgress, S::Fixed, S::Confirmed];
    for step in life.windows(2) {
        assert!(step[0].may_become(step[1]), "{step:?}");
    }
}

#[test]
fn no_state_follows_itself_and_none_is_a_dead_end() {
    for state in ReportState::ALL {
        assert!(!state.may_become(state), "{state:?}");
        assert!(ReportState::ALL.into_iter().any(|next| state.may_become(next)), "{state:?}");
        assert!(!state.may_become(ReportState::Received), "{state:?}: a report is received once");
    }
}

/// The states that `from` leads to, going only through states that `through` accepts.
fn reach(from: ReportState, through: impl Fn(ReportState) -> bool) -> BTreeSet<&'static str> {
    let mut seen = BTreeSet::from([from.code()]);
    let mut edge = vec![from];
    while let Some(state) = edge.pop() {
        for next in ReportState::ALL.into_iter().filter(|next| state.may_become(*next)) {
            if seen.insert(next.code()) && through(next) {
                edge.push(next);
            }
        }
    }
    seen
}

#[test]
fn every_state_can_be_reached_from_received() {
    assert_eq!(reach(ReportState::Received, |_| true).len(), ReportState::ALL.len());
}

#[test]
fn nothing_becomes_public_before_a_worker_accepts_it() {
    for code in reach(ReportState::Received, |state| state != ReportState::Accepted) {
        let state = ReportState::from_code(code).expect("a code");
        assert!(!state.is_public() || state == ReportState::Accepted, "{code} is public without having been accepted");
    }
    let public: Vec<_> =
        ReportState::ALL.into_iter().filter(|state| state.is_public()).map(ReportState::code).collect();
    assert_eq!(public, ["accepted", "assigned", "in_progress", "fixed", "confirmed", "reopened"]);
}

#[test]
fn codes_are_the_names_on_the_wire_and_read_back() {
    for state in ReportState::ALL {
        assert_eq!(ReportState::from_code(state.code()), Some(state));
        assert_eq!(serde_json::to_string(&state).expect("json"), format!("\"{}\"", state.code()));
    }
    for category in Category::ALL {
        assert_eq!(Category::from_code(category.code()), Some(category));
        assert_eq!(serde_json::to_string(&category).expect("json"), format!("\"{}\"", category.code()));
    }
    assert_eq!(ReportState::from_code("Received"), None);
    assert_eq!(Category::from_code("volcano"), None);
}

#[test]
fn a_category_of_a_newer_server_is_shown_as_other_but_not_accepted() {
    assert_eq!(serde_json::from_str::<Category>("\"volcano\"").expect("read"), Category::Other);
    assert_eq!(faults(&Unchecked { category: Some("volcano"), ..good() }), [("category", Fault::UnknownCode)]);
}

#[test]
fn a_complete_report_is_accepted_with_its_words_trimmed() {
    let (first, second) = (hash(1), hash(2).to_uppercase());
    let content = Unchecked {
        description: " \u{3000}路缘石松动\n",
        landmark: "\t东门 ",
        photos: vec![&first, &second],
        ..good()
    }
    .check()
    .expect("accepted");
    assert_eq!(content.category, Category::Road);
    assert_eq!(content.description, "路缘石松动");
    assert_eq!(content.landmark, "东门");
    assert_eq!(content.position, Wgs84 { lat: 30.3172, lng: 120.1386 });
    assert_eq!(content.accuracy_m, Some(12.5));
    assert_eq!(content.captured_at, TIME);
    assert_eq!(content.photos, [PhotoHash::from_digest(&[1; 32]), PhotoHash::from_digest(&[2; 32])]);
}

#[test]
fn an_empty_report_is_told_everything_that_is_missing() {
    assert_eq!(
        faults(&Unchecked::default()),
        ["category", "description", "lat", "lng", "captured_at"].map(|field| (field, Fault::Missing))
    );
}

#[test]
fn every_fault_is_named_at_once_and_each_field_once() {
    let (words, place) = ("x".repeat(MAX_DESCRIPTION + 1), "y".repeat(MAX_LANDMARK + 1));
    let all_wrong = Unchecked {
        category: Some("volcano"),
        description: &words,
        lat: Some(90.1),
        lng: Some(-180.1),
        accuracy_m: Some(-1.0),
        captured_at: Some("yesterday"),
        landmark: &place,
        photos: vec!["x", "y", "z"],
        same_as: Some("K7Q2"),
    };
    assert_eq!(
        faults(&all_wrong),
        [
            ("category", Fault::UnknownCode),
            ("description", Fault::TooLong(MAX_DESCRIPTION)),
            ("landmark", Fault::TooLong(MAX_LANDMARK)),
            ("lat", Fault::OutOfRange),
            ("lng", Fault::OutOfRange),
            ("accuracy_m", Fault::OutOfRange),
            ("captured_at", Fault::NotATime),
            ("photos", Fault::NotAHash),
            ("same_as", Fault::NotAnId),
        ]
    );
}

#[test]
fn a_photo_or_some_words_are_enough_but_one_of_them_is_needed() {
    let photo = hash(7);
    assert!(Unchecked { description: "", photos: vec![&photo], ..good() }.check().is_ok());
    assert!(Unchecked { photos: Vec::new(), ..good() }.check().is_ok());
    assert_eq!(faults(&Unchecked { description: " \n\u{3000}", ..good() }), [("description", Fault::Missing)]);
}

#[test]
fn limits_count_characters_not_bytes() {
    let (words, place) = ("修".repeat(MAX_DESCRIPTION), "🛠".repeat(MAX_LANDMARK));
    assert!(Unchecked { description: &words, landmark: &place, ..good() }.check().is_ok());
    let padded = format!("  {words}  ");
    assert!(Unchecked { description: &padded, ..good() }.check().is_ok(), "white space around is not counted");

    let (words, place) = (words + "修", place + "🛠");
    assert_eq!(
        faults(&Unchecked { description: &words, landmark: &place, ..good() }),
        [("description", Fault::TooLong(MAX_DESCRIPTION)), ("landmark", Fault::TooLong(MAX_LANDMARK))]
    );
}

#[test]
fn positions_and_radii_are_accepted_up_to_their_limits() {
    for (lat, lng) in [(90.0, 180.0), (-90.0, -180.0), (0.0, 0.0)] {
        assert!(Unchecked { lat: Some(lat), lng: Some(lng), ..good() }.check().is_ok(), "{lat} {lng}");
    }
    for lat in [90.000_001, -90.000_001, f64::NAN, f64::INFINITY] {
        assert_eq!(faults(&Unchecked { lat: Some(lat), ..good() }), [("lat", Fault::OutOfRange)]);
    }
    for lng in [180.000_001, -180.000_001, f64::NAN, f64::NEG_INFINITY] {
        assert_eq!(faults(&Unchecked { lng: Some(lng), ..good() }), [("lng", Fault::OutOfRange)]);
    }
    for metres in [None, Some(0.0), Some(1_000_000.0)] {
        assert!(Unchecked { accuracy_m: metres, ..good() }.check().is_ok(), "{metres:?}");
    }
    for metres in [-0.1, 1_000_000.1, f64::NAN, f64::INFINITY] {
        assert_eq!(faults(&Unchecked { accuracy_m: Some(metres), ..good() }), [("accuracy_m", Fault::OutOfRange)]);
    }
    assert_eq!(faults(&Unchecked { lng: None, ..good() }), [("lng", Fault::Missing)]);
}

#[test]
fn photos_are_at_most_five_all_different_and_named_by_their_hash() {
    let hashes: Vec<String> = (0..=MAX_PHOTOS as u8).map(hash).collect();
    let named: Vec<&str> = hashes.iter().map(String::as_str).collect();
    assert!(Unchecked { photos: named[..MAX_PHOTOS].to_vec(), ..good() }.check().is_ok());
    assert_eq!(faults(&Unchecked { photos: named.clone(), ..good() }), [("photos", Fault::TooMany(MAX_PHOTOS))]);

    let shouted = hash(10).to_uppercase();
    let same = hash(10);
    assert_eq!(faults(&Unchecked { photos: vec![&same, &shouted], ..good() }), [("photos", Fault::Repeated)]);
    assert_eq!(faults(&Unchecked { photos: vec![named[0], "cafe"], ..good() }), [("photos", Fault::NotAHash)]);
    assert_eq!(faults(&Unchecked { photos: vec![""], description: "", ..good() }), [("photos", Fault::NotAHash)]);
}

#[test]
fn a_report_that_is_the_same_as_another_needs_neither_photo_nor_words() {
    let id = "0193a2b0-0000-7000-8000-000000000001";
    let content = Unchecked { same_as: Some(id), description: " ", ..good() }.check().expect("enough");
    assert_eq!(content.same_as.map(|id| id.to_string()).as_deref(), Some(id));
    assert_eq!(faults(&Unchecked { description: " ", ..good() }), [("description", Fault::Missing)]);
    for wrong in ["", "K7Q2", "0193a2b0-0000-7000-8000-00000000000g"] {
        assert_eq!(faults(&Unchecked { same_as: Some(wrong), ..good() }), [("same_as", Fault::NotAnId)], "{wrong}");
    }
}

#[test]
fn what_is_open_is_public_and_not_yet_repaired() {
    let open: Vec<_> = ReportState::ALL.into_iter().filter(|state| state.is_open()).map(ReportState::code).collect();
    assert_eq!(open, ["accepted", "assigned", "in_progress", "reopened"]);
    assert!(ReportState::ALL.into_iter().filter(|state| state.is_open()).all(ReportState::is_public));
}

#[test]
fn a_time_has_the_shape_of_rfc_3339_with_an_offset() {
    for time in [
        TIME,
        "2026-11-24T00:10:00Z",
        "2026-11-24t00:10:00z",
        "2026-11-24T08:10:00.5+08:00",
        "2026-11-24T08:10:00.123456789-03:30",
    ] {
        assert!(Unchecked { captured_at: Some(time), ..good() }.check().is_ok(), "{time}");
    }
    for time in [
        "2026-11-24",
        "2026-11-24T08:10:00",
        "2026-11-24T08:10:00.",
        "2026-11-24T08:10:00.Z",
        "2026-11-24T08:10:00+0800",
        "2026-11-24T08:10:00+08",
        "2026-11-24T08:10:00+08:00 ",
        " 2026-11-24T08:10:00+08:00",
        "2026-11-24 08:10:00+08:00",
        "2026-11-24T08:10+08:00",
        "2026/11/24T08:10:00Z",
        "26-11-24T08:10:00Z",
        "２026-11-24T08:10:00Z",
        "2026-11-24T08:10:00+08：00",
        "2026-11-24T08:10:00.123456789012345678901234567890Z",
    ] {
        assert_eq!(
            faults(&Unchecked { captured_at: Some(time), ..good() }),
            [("captured_at", Fault::NotATime)],
            "{time}"
        );
    }
}

/// Mostly sensible, sometimes not: a mixture in which each fault turns up.
fn maybe_code() -> impl Strategy<Value = Option<String>> {
    let known = proptest::sample::select(Category::ALL.to_vec()).prop_map(|category| category.code().to_owned());
    proptest::option::of(prop_oneof![known, any::<String>()])
}

fn maybe_degrees(limit: f64) -> impl Strategy<Value = Option<f64>> {
    proptest::option::of(prop_oneof![4 => -limit..=limit, 1 => any::<f64>()])
}

fn maybe_time() -> impl Strategy<Value = Option<String>> {
    let shaped = "[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,9})?(Z|z|[+-][0-9]{2}:[0-9]{2})";
    proptest::option::of(prop_oneof![3 => shaped, 1 => any::<String>()])
}

fn maybe_photos() -> impl Strategy<Value = Vec<String>> {
    let name = prop_oneof![4 => any::<[u8; 32]>().prop_map(|digest| PhotoHash::from_digest(&digest).to_string()), 1 => any::<String>()];
    proptest::collection::vec(name, 0..=MAX_PHOTOS + 1)
}

fn maybe_id() -> impl Strategy<Value = Option<String>> {
    let id = any::<u128>().prop_map(|id| Uuid::from_u128(id).to_string());
    proptest::option::of(prop_oneof![3 => id, 1 => any::<String>()])
}

fn any_body() -> impl Strategy<Value = ReportBody> {
    (
        maybe_code(),
        proptest::option::of(any::<String>()),
        maybe_degrees(90.0),
        maybe_degrees(180.0),
        proptest::option::of(prop_oneof![0.0..5000.0, any::<f64>()]),
        maybe_time(),
        proptest::option::of(any::<String>()),
        maybe_photos(),
        maybe_id(),
    )
        .prop_map(|(category, description, lat, lng, accuracy_m, captured_at, landmark, photos, same_as)| {
            ReportBody { category, description, lat, lng, accuracy_m, captured_at, landmark, photos, same_as }
        })
}

/// Only what is accepted.
fn content() -> impl Strategy<Value = ReportContent> {
    let photos = proptest::collection::hash_set(any::<[u8; 32]>(), 1..=MAX_PHOTOS);
    (
        proptest::sample::select(Category::ALL.to_vec()),
        any::<String>(),
        (-90.0..=90.0, -180.0..=180.0),
        proptest::option::of(0.0..999_999.0),
        "20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,6})?(Z|[+-]0[0-9]:[03]0)",
        any::<String>(),
        photos,
        proptest::option::of(any::<u128>().prop_map(|id| ReportId(Uuid::from_u128(id)))),
    )
        .prop_map(|(category, description, (lat, lng), accuracy_m, captured_at, landmark, photos, same_as)| {
            ReportContent {
                category,
                description: description.trim().to_owned(),
                position: Wgs84 { lat, lng },
                accuracy_m,
                captured_at,
                landmark: landmark.trim().to_owned(),
                photos: photos.iter().map(|digest| PhotoHash::from_digest(digest)).collect(),
                same_as,
            }
        })
}

proptest! {
    #[test]
    fn whatever_is_sent_is_either_accepted_whole_or_told_each_fault_once(body in any_body()) {
        match body.unchecked().check() {
            Ok(content) => {
                prop_assert!(!content.description.is_empty() || !content.photos.is_empty() || content.same_as.is_some());
                prop_assert_eq!(content.same_as.is_some(), body.same_as.is_some());
                prop_assert!(Wgs84::new(content.position.lat, content.position.lng).is_some());
                prop_assert_eq!(Some(content.category.code()), body.category.as_deref());
                prop_assert_eq!(content.photos.len(), body.photos.len());
            }
            Err(faults) => {
                prop_assert!(!faults.is_empty());
                let fields: BTreeSet<_> = faults.iter().map(|fault| fault.field).collect();
                prop_assert_eq!(fields.len(), faults.len(), "{:?}", faults);
            }
        }
    }

    #[test]
    fn what_is_accepted_is_accepted_again_as_the_same(content in content()) {
        let body = ReportBody::from(&content);
        prop_assert_eq!(body.unchecked().check().expect("still accepted"), content);
    }

    #[test]
    fn a_report_read_from_its_own_json_is_the_same_report(content in content()) {
        let sent = serde_json::to_string(&ReportBody::from(&content)).expect("json");
        let read: ReportBody = serde_json::from_str(&sent).expect("reads its own words");
        prop_assert_eq!(read.unchecked().check().expect("still accepted"), content);
        prop_assert_eq!(serde_json::to_string(&read).expect("json"), sent);
    }

    #[test]
    fn any_text_in_place_of_a_time_is_judged_without_a_panic(text in any::<String>()) {
        if looks_like_rfc3339(&text) {
            prop_assert!(text.is_ascii() && text.len() <= 40);
        }
    }
}

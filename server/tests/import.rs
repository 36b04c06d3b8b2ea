//! `waypost import` into a real database: files as offices have them, rows that are wrong, and what stays whose.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking, also in its helpers")]

use std::fmt::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::support::TestServer;
use crate::support::command::{Ended, import};
use crate::support::district::{edit, snapshot};
use serde_json::{Value, json};
use waypost_app::domain::geo::Wgs84;
use waypost_app::domain::station::{Facility, Station};
use waypost_app::wire::snapshot::Snapshot;
use waypost_server::store::district::Kind;

const LEDI: Wgs84 = Wgs84 { lat: 30.3172, lng: 120.1386 };

fn empty() -> tempfile::TempDir {
    tempfile::tempdir().expect("a directory")
}

/// Imports a file that must be fine, and gives the report.
fn imported(data: &Path, name: &str, file: impl AsRef<[u8]>, flags: &[&str]) -> String {
    let Ended { code, out, err } = import(data, name, file.as_ref(), flags);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    out
}

/// Imports a file that must be refused, and gives the report.
fn refused(data: &Path, file: impl AsRef<[u8]>, flags: &[&str]) -> String {
    let Ended { code, out, err } = import(data, "stations.csv", file.as_ref(), flags);
    assert_eq!(code, 1, "{out}");
    assert!(err.contains("was not imported"), "{err}");
    assert!(out.contains("nothing was written"), "{out}");
    out
}

fn station(all: &Snapshot, slug: &str) -> Station {
    all.stations.iter().find(|station| station.slug == slug).unwrap_or_else(|| panic!("no {slug}")).clone()
}

fn rule(all: &Snapshot, slug: &str) -> Option<String> {
    let id = station(all, slug).schedule?;
    Some(all.schedules.iter().find(|schedule| schedule.id == id).expect("its schedule").rule.clone())
}

const CHINESE: &str = "名称,地址,纬度,经度,开放时间,联系电话,设施,备注\n\
    “暖心”驿站,小河街道 1 号,30.3172,120.1386,周一至周五 08:30－20:00,0571-88888888,充电；饮水、厕所,靠河\n\
    吴家墩驿站,,30.3655,120.1560,看门口通知,,,\n";

#[tokio::test]
async fn chinese_headers_in_every_encoding_make_the_same_stations() {
    let utf16 = std::iter::once(0xFEFF).chain(CHINESE.replace(',', "\t").encode_utf16().collect::<Vec<_>>());
    let files = [
        ("UTF-8", CHINESE.as_bytes().to_vec()),
        ("UTF-8", [b"\xEF\xBB\xBF", CHINESE.replace('\n', "\r\n").as_bytes()].concat()),
        ("GB18030", encoding_rs::GB18030.encode(CHINESE).0.into_owned()),
        ("UTF-16", utf16.flat_map(u16::to_le_bytes).collect()),
    ];
    for (charset, file) in files {
        let data = empty();
        let report = imported(data.path(), "stations.csv", file, &[]);
        assert!(report.contains("row 2\tnuan-xin-yi-zhan\tnew\n"), "{report}");
        assert!(
            report.contains("row 3\twu-jia-dun-yi-zhan\tnew; hours not understood, kept as words: 看门口通知\n"),
            "{report}"
        );
        assert!(report.contains("ignored: 备注\n"), "{report}");
        assert!(report.contains(&format!("CSV ({charset}), 2 rows, 2 new\n")), "{report}");
        let all = snapshot(data.path()).await;
        let first = station(&all, "nuan-xin-yi-zhan");
        assert_eq!(first.name, "“暖心”驿站");
        assert_eq!((first.address.as_str(), first.phone.as_str()), ("小河街道 1 号", "0571-88888888"));
        assert_eq!(first.facilities, [Facility::Charging, Facility::Water, Facility::Toilet]);
        assert_eq!(first.position(), LEDI);
        assert_eq!(rule(&all, "nuan-xin-yi-zhan").as_deref(), Some("Mo-Fr 08:30-20:00"));
        let second = station(&all, "wu-jia-dun-yi-zhan");
        assert_eq!((second.schedule, second.hours_words.as_str()), (None, "看门口通知"));
        assert!(!all.district.sample && !first.sample);
    }
}

#[tokio::test]
async fn csv_is_read_as_excel_saves_it() {
    for file in [
        "sep=;\r\nslug;name;lat;lng;access\r\na;\"甲;1\";30,3172;120,1386;\"先登记\n再进门\"\r\n;;;;\r\n",
        "slug\tname\tlat\tlng\taccess\r\na\t\"甲;1\"\t30.3172\t120.1386\t\"先登记\r\n再进门\"\r\n",
        "slug;name;lat;lng;access;\na;\"甲;1\";30.3172;120.1386;\"先登记\n再进门\";\n",
    ] {
        let data = empty();
        imported(data.path(), "stations.csv", file, &[]);
        let all = snapshot(data.path()).await;
        let first = station(&all, "a");
        assert_eq!((first.name.as_str(), first.access.as_str()), ("甲;1", "先登记\n再进门"), "{file}");
        assert_eq!((first.position(), all.stations.len()), (LEDI, 1), "{file}");
    }
}

#[tokio::test]
async fn geojson_and_json_make_the_same_station_as_csv() {
    let csv = "slug,name,name_en,lat,lng,hours,facilities,parent\n\
        a,甲,A,30.3172,120.1386,24/7,water;tea,\nb,乙,B,30.3,120.1,,,a\n";
    let feature = |slug: &str, name: &str, en: &str, at: [f64; 2], hours: &str, facilities: Value, parent: &str| {
        json!({ "type": "Feature", "geometry": { "type": "Point", "coordinates": at }, "properties":
            { "slug": slug, "name": name, "name_en": en, "hours": hours, "facilities": facilities, "parent": parent } })
    };
    let geojson = json!({ "type": "FeatureCollection", "features": [
        feature("a", "甲", "A", [120.1386, 30.3172], "24/7", json!(["water", "tea"]), ""),
        feature("b", "乙", "B", [120.1, 30.3], "", json!(""), "a"),
    ]});
    let json = json!([
        { "slug": "a", "name": "甲", "name_en": "A", "lat": 30.3172, "lng": "120.1386", "hours": "24/7",
          "facilities": "饮水、茶水" },
        { "slug": "b", "name": "乙", "name_en": "B", "lat": 30.3, "lng": 120.1, "parent": "甲" },
    ]);
    let mut seen: Vec<Vec<Station>> = Vec::new();
    for (name, file) in [("a.csv", csv.to_owned()), ("a.geojson", geojson.to_string()), ("a.json", json.to_string())] {
        let data = empty();
        imported(data.path(), name, file, &[]);
        seen.push(snapshot(data.path()).await.stations);
    }
    assert_eq!(seen[0].len(), 2);
    assert_eq!(seen[0][1].linked.as_ref(), Some(&seen[0][0].id));
    assert_eq!(seen[0], seen[1]);
    assert_eq!(seen[0], seen[2]);
}

#[tokio::test]
async fn coordinates_are_converted_from_the_datum_the_row_names() {
    let gcj = LEDI.to_gcj02();
    let bd = gcj.to_bd09();
    let file = format!(
        "slug,name,lat,lng,crs\nw,甲,{},{},\ng,乙,{},{},gcj02\nb,丙,{},{},BD-09\n",
        LEDI.lat, LEDI.lng, gcj.lat, gcj.lng, bd.lat, bd.lng
    );
    let data = empty();
    imported(data.path(), "stations.csv", file, &[]);
    let all = snapshot(data.path()).await;
    for slug in ["w", "g", "b"] {
        let missed = station(&all, slug).position().distance_m(LEDI);
        assert!(missed < 0.5, "{slug}: {missed} m");
    }
}

#[tokio::test]
async fn one_wrong_row_keeps_every_row_out_and_each_is_told_why() {
    let wrong = "slug,name,lat,lng,crs,phone,facilities,parent\n\
        good,好,30.3,120.1,,,,\n\
        swapped,甲,120.1386,30.3172,,,,\n\
        far,乙,95,120.1,,,,\n\
        abroad,丙,51.5,-0.12,gcj02,,,\n\
        datum,丁,30.3,120.1,xian80,,,\n\
        word,戊,here,120.1,,1.38E+10,直升机坪,\n\
        half,己,30.3,,,,,\n\
        nowhere,庚,,,,,,\n\
        nameless,,30.3,120.1,,,,\n\
        good,辛,30.3,120.1,,,,\n\
        名,壬,30.3,120.1,,,,\n\
        child,癸,30.3,120.1,,,,nobody\n\
        self,子,30.3,120.1,,,,self\n\
        below,丑,30.3,120.1,,,,swapped\n";
    let data = empty();
    let report = refused(&data.path().join("new"), wrong, &[]);
    assert!(
        !crate::support::database::exists(&data.path().join("new")).await,
        "no database is made for a file that is refused"
    );
    for (row, words) in [
        (2, "good\tnew"),
        (3, "swapped\terror: lat, lng: lat 120.1386, lng 30.3172 looks swapped"),
        (4, "far\terror: lat, lng: lat 95, lng 120.1 is out of range"),
        (5, "abroad\terror: lat, lng: lat 51.5, lng -0.12 lies outside China"),
        (6, "datum\terror: crs: \"xian80\" is not known"),
        (7, "word\terror: phone: 1.38E+10"),
        (8, "half\terror: lng: missing"),
        (9, "nowhere\terror: lat: missing, and there is no such station yet"),
        (10, "nameless\terror: name: empty"),
        (11, "good\terror: slug: the same as in row 2"),
        (12, "\terror: slug: \"名\" is no name for a URL"),
        (13, "child\terror: parent: there is no station nobody"),
        (14, "self\terror: parent: the station itself"),
        (15, "below\tnew"),
    ] {
        let line = report.lines().find(|line| line.starts_with(&format!("row {row}\t"))).expect("a line");
        assert!(line.contains(words), "{line}");
    }
    let word = report.lines().find(|line| line.starts_with("row 7\t")).expect("a line");
    assert!(
        word.contains("lat: \"here\"") && word.contains("facilities: 直升机坪"),
        "all that is wrong is said: {word}"
    );

    imported(data.path(), "stations.csv", "slug,name,lat,lng\ngood,好,30.3,120.1\n", &[]);
    let before = snapshot(data.path()).await;
    refused(data.path(), wrong, &["--overwrite"]);
    assert_eq!(snapshot(data.path()).await, before);
}

#[test]
fn a_file_that_is_none_is_refused_in_one_line() {
    let data = empty();
    for (file, words) in [
        (b"PK\x03\x04".as_slice(), "save it as CSV"),
        (b"", "no rows"),
        (b"a,b\n1,2\n", "none of the columns"),
        (b"name,name\n1,2\n", "both mean name"),
        (b"{\"a\":1}", "neither a list of stations"),
        (b"\xFF\xD8\xFF\xE0", "no text"),
    ] {
        let Ended { code, out, err } = import(data.path(), "stations.csv", file, &[]);
        assert_eq!((code, out.as_str()), (1, ""), "{err}");
        assert!(err.contains("stations.csv") && err.contains(words), "{err}");
    }
    let missing =
        crate::support::command::run(crate::support::command::waypost().args(["import", "/nowhere/stations.csv"]), b"");
    assert!(missing.code == 1 && missing.err.contains("/nowhere/stations.csv"), "{missing:?}");
}

#[tokio::test]
async fn a_rehearsal_tells_the_same_and_writes_nothing() {
    let data = empty();
    let directory = data.path().join("new");
    let report = imported(&directory, "stations.csv", CHINESE, &["--dry-run"]);
    assert!(report.contains("2 new") && report.ends_with("nothing was written: --dry-run\n"), "{report}");
    assert!(!crate::support::database::exists(&directory).await);

    imported(data.path(), "stations.csv", "slug,name,lat,lng\na,甲,30.3,120.1\n", &[]);
    let before = snapshot(data.path()).await;
    let again = "slug,name,lat,lng\na,甲甲,30.3,120.1\nb,乙,30.3,120.1\n";
    let report = imported(data.path(), "stations.csv", again, &["--dry-run"]);
    assert!(report.contains("row 2\ta\tupdated: name\n") && report.contains("row 3\tb\tnew\n"), "{report}");
    assert_eq!(snapshot(data.path()).await, before);
}

#[tokio::test]
async fn the_same_file_again_changes_nothing() {
    let data = empty();
    imported(data.path(), "stations.csv", CHINESE, &[]);
    let before = snapshot(data.path()).await;
    let report = imported(data.path(), "stations.csv", CHINESE, &[]);
    assert!(report.contains("2 unchanged") && report.contains("everything is there already"), "{report}");
    assert_eq!(snapshot(data.path()).await, before, "also no new revision");
}

#[tokio::test]
async fn what_people_here_have_changed_stays_unless_it_is_overwritten() {
    let data = empty();
    let file = |phone: &str, hours: &str, access: &str| {
        format!("slug,name,lat,lng,phone,hours,access\na,甲,30.3,120.1,{phone},{hours},{access}\n")
    };
    imported(data.path(), "stations.csv", file("1", "24/7", ""), &[]);
    edit(data.path(), "a", |station, _| {
        station.phone = "staff".to_owned();
        station.about = "staff".to_owned();
        station.access = "staff".to_owned();
        (station.lat, station.lng) = (30.4, 120.2);
    })
    .await;

    let report = imported(data.path(), "stations.csv", file("2", "Mo 09:00-10:00", "file"), &[]);
    assert!(report.contains("row 2\ta\tupdated: hours; kept: lat, lng, phone, access\n"), "{report}");
    let all = snapshot(data.path()).await;
    let kept = station(&all, "a");
    assert_eq!((kept.phone.as_str(), kept.about.as_str(), kept.access.as_str()), ("staff", "staff", "staff"));
    assert_eq!(kept.position(), Wgs84 { lat: 30.4, lng: 120.2 });
    assert_eq!(rule(&all, "a").as_deref(), Some("Mo 09:00-10:00"));

    // A column that the file does not have is nobody's but theirs.
    let report = imported(data.path(), "stations.csv", "slug,phone\na,3\n", &[]);
    assert!(report.contains("unchanged; kept: phone"), "{report}");

    let report = imported(data.path(), "stations.csv", file("2", "Mo 09:00-10:00", "file"), &["--overwrite"]);
    assert!(report.contains("updated: ") && !report.contains("kept"), "{report}");
    let now = station(&snapshot(data.path()).await, "a");
    assert_eq!((now.phone.as_str(), now.about.as_str(), now.access.as_str()), ("2", "staff", "file"));
    assert_eq!(now.position(), Wgs84 { lat: 30.3, lng: 120.1 });

    // From here on the file leads again.
    imported(data.path(), "stations.csv", file("4", "", "file"), &[]);
    let all = snapshot(data.path()).await;
    assert_eq!((station(&all, "a").phone.as_str(), station(&all, "a").schedule), ("4", None));
    assert!(all.schedules.is_empty(), "a schedule that nobody keeps is gone: {:?}", all.schedules);
}

#[tokio::test]
async fn hours_changed_by_people_here_stay_too() {
    let data = empty();
    let file = |hours: &str| format!("slug,name,lat,lng,hours\na,甲,30.3,120.1,{hours}\n");
    imported(data.path(), "stations.csv", file("看门口通知"), &[]);
    edit(data.path(), "a", |station, change| {
        *change = Some("Mo 09:00-10:00".to_owned());
        station.hours_words.clear();
    })
    .await;
    for hours in ["看门口通知", "24/7", ""] {
        let report = imported(data.path(), "stations.csv", file(hours), &[]);
        assert!(report.contains("row 2\ta\tunchanged; "), "{report}");
        assert!(report.contains("kept: hours"), "{report}");
        assert_eq!(rule(&snapshot(data.path()).await, "a").as_deref(), Some("Mo 09:00-10:00"));
    }
    imported(data.path(), "stations.csv", file("看门口通知"), &["--overwrite"]);
    let now = station(&snapshot(data.path()).await, "a");
    assert_eq!((now.schedule, now.hours_words.as_str()), (None, "看门口通知"));
}

#[tokio::test]
async fn a_station_removed_or_renamed_here_is_not_brought_back_beside_itself() {
    let data = empty();
    let file = "slug,name,lat,lng,parent\na,甲,30.3,120.1,\nb,乙,30.3,120.1,a\n";
    imported(data.path(), "stations.csv", file, &[]);
    let first = snapshot(data.path()).await;
    edit(data.path(), "b", |station, _| station.slug = "bb".to_owned()).await;
    crate::support::district::remove(data.path(), Kind::Station, "st-a").await;

    let report = imported(data.path(), "stations.csv", file, &[]);
    assert!(report.contains("row 2\ta\tstays removed"), "{report}");
    assert!(report.contains("row 3\tb\tupdated: parent; kept: slug\n"), "the parent is gone: {report}");
    let all = snapshot(data.path()).await;
    assert_eq!(all.stations.iter().map(|station| station.slug.as_str()).collect::<Vec<_>>(), ["bb"]);

    imported(data.path(), "stations.csv", file, &["--overwrite"]);
    assert_eq!(snapshot(data.path()).await.stations, first.stations, "ids too");
}

#[tokio::test]
async fn names_that_are_spelt_alike_do_not_take_each_others_place() {
    let data = empty();
    imported(data.path(), "stations.csv", "name,lat,lng\n新新驿站,30.3,120.1\n", &[]);
    let report = refused(data.path(), "name,lat,lng\n欣欣驿站,30.3,120.1\n", &[]);
    assert!(report.contains("made from the name it is that of 新新驿站"), "{report}");
    let report = refused(data.path(), "name,lat,lng\n心心驿站,30.3,120.1\n新新驿站,30.3,120.1\n", &[]);
    assert!(
        report.contains("row 3\txin-xin-yi-zhan\terror: slug: the same as in row 2, made from the name"),
        "{report}"
    );
    // Renamed here: it is still the station that the name made.
    edit(data.path(), "xin-xin-yi-zhan", |station, _| station.name = "新驿站".to_owned()).await;
    let report = imported(data.path(), "stations.csv", "name,lat,lng\n新新驿站,30.3,120.1\n", &[]);
    assert!(report.contains("unchanged; kept: name"), "{report}");
}

#[tokio::test]
async fn a_first_import_takes_the_sample_away_while_a_server_runs() {
    let server = TestServer::start().await;
    let before = crate::support::district::of(&server).await;
    assert!(before.district.sample);
    let file = "slug,name,lat,lng,hours\nxinxin-shouhu,真驿站,30.3,120.1,24/7\nnew,新驿站,30.3,120.1,24/7\n";
    let report = imported(server.data.path(), "stations.csv", file, &[]);
    assert!(report.contains("the sample district was removed: 7 stations, "), "{report}");
    assert!(report.contains("row 2\txinxin-shouhu\tnew\n"), "nothing of the sample is taken for real: {report}");

    // The server asks its database once a second.
    let begun = Instant::now();
    let all = loop {
        let all = crate::support::district::of(&server).await;
        if all.rev > before.rev {
            break all;
        }
        assert!(begun.elapsed() < Duration::from_secs(10), "the server has not noticed");
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    assert!(!all.district.sample && all.district.name.is_empty());
    assert_eq!(all.stations.len(), 2);
    assert!(all.services.is_empty() && all.markets.is_empty() && all.landmarks.is_empty());
    assert_eq!(all.schedules.len(), 1, "{:?}", all.schedules);
    let real = station(&all, "xinxin-shouhu");
    assert!(!real.sample && real.about.is_empty() && real.source.is_empty(), "{real:?}");
    assert_eq!(real.id.as_str(), "st-xinxin", "phones that know it still do");
    let changes: Snapshot =
        serde_json::from_value(server.json(&format!("/api/v1/snapshot?since={}", before.rev)).await)
            .expect("a snapshot");
    assert!(!changes.removed.contains(&"st-xinxin".to_owned()));
    for gone in before.stations.iter().filter(|station| station.slug != "xinxin-shouhu") {
        assert!(changes.removed.contains(&gone.id.to_string()), "{}", gone.id);
    }
    for gone in before.services.iter().map(|service| service.id.as_str()).chain(["mk-gongyi", "lm-ledi"]) {
        assert!(changes.removed.iter().any(|id| id == gone), "{gone}");
    }
    let report = imported(server.data.path(), "stations.csv", file, &[]);
    assert!(report.contains("2 unchanged") && !report.contains("sample"), "{report}");
}

#[tokio::test]
async fn a_station_whose_hours_are_only_words_says_them() {
    let server = TestServer::start_with(|config| config.sample = false).await;
    imported(server.data.path(), "stations.csv", CHINESE, &[]);
    server.running.state().snapshots.changed();
    let hours = server.json("/api/v1/stations/wu-jia-dun-yi-zhan/hours").await;
    assert_eq!(hours["rule"], Value::Null);
    assert_eq!(hours["intervals"][0]["state"], "unknown");
    assert_eq!(hours["intervals"][0]["comment"], "看门口通知");
}

#[tokio::test]
async fn an_older_database_is_not_brought_up_to_date_by_a_rehearsal() {
    let data = empty();
    imported(data.path(), "stations.csv", CHINESE, &[]);
    crate::support::district::forget_last_migration(data.path()).await;
    let Ended { code, err, .. } = import(data.path(), "stations.csv", CHINESE.as_bytes(), &["--dry-run"]);
    assert!(code == 1 && err.contains("older version"), "{err}");
}

#[tokio::test]
#[expect(clippy::print_stdout, reason = "the measurement is the point")]
async fn two_thousand_rows_are_imported_and_known_again() {
    let mut file = "slug,name,lat,lng,hours,facilities\n".to_owned();
    for at in 0..2000 {
        let hours = format!("Mo-Fr {:02}:{:02}-20:00; PH off", 6 + at % 5, at % 10 * 6);
        writeln!(file, "s{at},驿站{at},30.{:04},120.1,{hours},充电;饮水", 1000 + at).expect("written");
    }
    let data = empty();
    let begun = Instant::now();
    imported(data.path(), "stations.csv", &file, &[]);
    let first = begun.elapsed();
    let begun = Instant::now();
    let report = imported(data.path(), "stations.csv", &file, &[]);
    // Measured, not judged: a busy machine says nothing about the program.
    println!("2,000 rows imported in {first:?}, and known again in {:?}", begun.elapsed());
    assert!(report.contains("2000 unchanged"), "{}", report.lines().last().unwrap_or_default());
    let all = snapshot(data.path()).await;
    assert_eq!((all.stations.len(), all.schedules.len()), (2000, 10));
}

//! `waypost export`: what import reads back unchanged.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking, also in its helpers")]

use std::path::Path;

use crate::support::TestServer;
use crate::support::command::{Ended, import, run, waypost};
use crate::support::district::{edit, snapshot};
use serde_json::Value;
use waypost_app::domain::station::{EntranceStep, Facility, Station};
use waypost_app::domain::time::Minute;
use waypost_app::wire::snapshot::Snapshot;

const FORMATS: [&str; 3] = ["csv", "geojson", "json"];

fn export(data: &Path, args: &[&str]) -> Ended {
    let mut command = waypost();
    crate::support::database::named(&mut command, data);
    run(command.args(["export", "--data-dir"]).arg(data).args(args), b"")
}

fn exported(data: &Path, args: &[&str]) -> String {
    let Ended { code, out, err } = export(data, args);
    assert_eq!((code, err.as_str()), (0, ""), "{args:?}");
    out
}

/// A district with everything a cell can be troubled by.
async fn district() -> tempfile::TempDir {
    let data = tempfile::tempdir().expect("a directory");
    let file = "slug,name,lat,lng,hours,facilities,access,phone,parent\n\
        a,\"“甲”, \"\"一\"\"号;\",30.31720001,120.1386,\"Mo-Fr 08:30-12:00,13:00-17:30; PH off\",充电;其他,\"两\n行\",+86 571 1,b\n\
        b,=1+1,30.3,120.1,看门口通知,,,0571,\n";
    let Ended { code, err, .. } = import(data.path(), "a.csv", file.as_bytes(), &[]);
    assert_eq!(code, 0, "{err}");
    edit(data.path(), "b", |station, _| {
        let step = |text: &str, en: &str| EntranceStep { text: text.to_owned(), text_en: en.to_owned(), photo: None };
        station.entrance = vec![step("左 | 右\n转", ""), step("上楼", "up | down")];
        station.verified_at_min = Some(Minute(29_900_000));
        station.about_en = String::from("About, \"it\"");
        station.facilities = vec![Facility::Tea, Facility::Water];
    })
    .await;
    edit(data.path(), "a", |station, _| {
        station.entrance =
            vec![EntranceStep { text: "直走".to_owned(), text_en: "straight on".to_owned(), photo: None }];
        (station.operator, station.source) = ("街道".to_owned(), "普查".to_owned());
    })
    .await;
    data
}

#[tokio::test]
async fn an_export_read_back_into_an_empty_district_gives_the_same_stations() {
    let data = district().await;
    let before = snapshot(data.path()).await;
    assert_eq!(before.stations.len(), 2);
    for format in FORMATS {
        let text = exported(data.path(), &["--format", format]);
        let other = tempfile::tempdir().expect("a directory");
        let Ended { code, out, err } = import(other.path(), "file", text.as_bytes(), &[]);
        assert_eq!(code, 0, "{out}{err}");
        let after = snapshot(other.path()).await;
        assert_eq!(after.stations, before.stations, "{format}");
        assert_eq!(after.schedules, before.schedules, "{format}");
        assert_eq!(exported(other.path(), &["--format", format]), text, "{format}");

        // Where it came from, it changes nothing.
        let again = import(data.path(), "file", text.as_bytes(), &[]).out;
        assert!(again.contains("2 unchanged"), "{again}");
    }
    assert_eq!(snapshot(data.path()).await, before);
}

#[tokio::test]
async fn the_sample_can_be_taken_as_a_start_while_it_is_served() {
    let server = TestServer::start().await;
    let before: Snapshot = crate::support::district::of(&server).await;
    let plain = |all: &Snapshot| -> Vec<Station> {
        let slug = |station: &Station| {
            let linked = station.linked.as_ref()?;
            Some(all.stations.iter().find(|other| other.id == *linked)?.slug.as_str().into())
        };
        let mut stations: Vec<Station> = all
            .stations
            .iter()
            // Ids are made anew from the slugs, and what is imported is no sample.
            .map(|station| Station { id: "st".into(), sample: false, linked: slug(station), ..station.clone() })
            .collect();
        stations.sort_by(|a, b| a.slug.cmp(&b.slug));
        stations
    };
    for format in FORMATS {
        let text = exported(server.data.path(), &["--format", format]);
        let other = tempfile::tempdir().expect("a directory");
        let Ended { code, out, err } = import(other.path(), "file", text.as_bytes(), &[]);
        assert_eq!(code, 0, "{out}{err}");
        assert_eq!(plain(&snapshot(other.path()).await), plain(&before), "{format}");
    }
}

#[tokio::test]
async fn a_file_is_of_the_kind_its_name_says_and_csv_opens_in_a_spreadsheet() {
    let data = district().await;
    let directory = tempfile::tempdir().expect("a directory");
    for (name, begins) in
        [("a.csv", "\u{FEFF}slug,name,name_en,"), ("a.geojson", "{\"type\":\"FeatureCollection\""), ("a.json", "[\n{")]
    {
        let path = directory.path().join(name);
        assert_eq!(exported(data.path(), &[path.to_str().expect("text")]), "", "{name}");
        let text = std::fs::read_to_string(&path).expect("written");
        assert!(text.starts_with(begins), "{text}");
    }
    let csv = exported(data.path(), &[]);
    assert!(
        csv.starts_with(
            "slug,name,name_en,address,landmark,district,lat,lng,crs,hours,phone,facilities,access,parent,"
        )
    );
    assert_eq!(exported(data.path(), &["-"]), csv);
    let geojson: Value = serde_json::from_str(&exported(data.path(), &["--format", "geojson"])).expect("JSON");
    let point = &geojson["features"][0];
    assert_eq!(point["geometry"], serde_json::json!({ "type": "Point", "coordinates": [120.1386, 30.317_200_01] }));
    assert_eq!(point["properties"]["slug"], "a");
}

#[tokio::test]
async fn where_there_is_no_district_nothing_is_made() {
    let data = tempfile::tempdir().expect("a directory");
    let directory = data.path().join("new");
    let Ended { code, out, err } = export(&directory, &[]);
    assert_eq!((code, out.as_str()), (1, ""));
    assert!(err.contains("no district") && err.contains("--data-dir"), "{err}");
    assert!(!crate::support::database::exists(&directory).await);
    let wrong = export(&directory, &["--format", "xlsx"]);
    assert_eq!(wrong.code, 2);
}

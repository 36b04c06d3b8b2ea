//! `waypost import` of years of the calendar: known to phones and to `waypost hours` without a new build.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking, also in its helpers")]

use std::path::Path;

use crate::support::TestServer;
use crate::support::command::{Ended, import, run, waypost};
use serde_json::{Value, json};
use waypost_app::domain::schedule::State;
use waypost_app::wire::snapshot::Snapshot;

const OFFICE: &str = "Mo-Fr 09:00-17:00; SH 09:00-17:00; PH off";

/// Made up: the year is not announced.
fn file() -> Value {
    json!({ "source": "a test", "years": { "2027": {
        "days_off": [["2027-01-01", "2027-01-03"], ["2027-02-05", "2027-02-11"]],
        "working_weekends": ["2027-01-30"],
    }}})
}

fn state(data: &Path, at: &str) -> String {
    let mut command = waypost();
    crate::support::database::named(&mut command, data);
    let Ended { code, out, err } = run(command.args(["hours", OFFICE, "--at", at, "--data-dir"]).arg(data), b"");
    assert_eq!(code, 0, "{err}");
    out.lines().next().expect("a line").to_owned()
}

#[test]
fn an_imported_year_answers_what_was_unknown() {
    let data = tempfile::tempdir().expect("a directory");
    let holiday = "2027-02-08T10:00:00+08:00";
    assert_eq!(state(data.path(), holiday), "unknown");
    let rehearsed = import(data.path(), "cn.json", file().to_string().as_bytes(), &["--dry-run"]);
    assert!(rehearsed.out.contains("year 2027\tnew\n") && rehearsed.out.contains("--dry-run"), "{rehearsed:?}");
    assert_eq!(state(data.path(), holiday), "unknown");

    let Ended { code, out, err } = import(data.path(), "cn.json", file().to_string().as_bytes(), &[]);
    assert_eq!(code, 0, "{err}");
    assert!(out.contains("year 2027\tnew\n") && out.contains("written as revision"), "{out}");
    for (at, expected) in [
        (holiday, "closed"),
        ("2027-02-12T10:00:00+08:00", "open"),
        ("2027-01-30T10:00:00+08:00", "open"),
        ("2027-02-06T10:00:00+08:00", "closed"),
        ("2028-02-08T10:00:00+08:00", "unknown"),
        ("2026-10-10T10:00:00+08:00", "open"),
    ] {
        assert_eq!(state(data.path(), at), expected, "{at}");
    }
    let again = import(data.path(), "cn.json", file().to_string().as_bytes(), &[]).out;
    assert!(again.contains("year 2027\tunchanged") && again.contains("everything is there already"), "{again}");
    let mut corrected = file();
    corrected["years"]["2027"]["working_weekends"] = json!([]);
    let corrected = import(data.path(), "cn.json", corrected.to_string().as_bytes(), &[]).out;
    assert!(corrected.contains("year 2027\tupdated"), "{corrected}");
    assert_eq!(state(data.path(), "2027-01-30T10:00:00+08:00"), "closed");
}

#[tokio::test]
async fn a_year_that_cannot_be_right_keeps_every_year_out() {
    let data = tempfile::tempdir().expect("a directory");
    for (year, days, words) in [
        ("2028", json!({ "days_off": [["2027-01-01", "2027-01-03"]], "working_weekends": [] }), "2027-01-01"),
        ("2028", json!({ "days_off": [], "working_weekends": ["2028-01-03"] }), "neither a Saturday"),
        ("2028", json!({ "days_off": [] }), "working_weekends"),
        ("next", json!({ "days_off": [], "working_weekends": [] }), "not a year"),
        ("2028", json!(7), "not a calendar"),
    ] {
        let mut file = file();
        file["years"][year] = days;
        let Ended { code, out, err } = import(data.path(), "cn.json", file.to_string().as_bytes(), &[]);
        assert_eq!(code, 1, "{out}");
        assert!(out.contains(&format!("year {year}\terror: ")) && out.contains(words), "{out}");
        assert!(out.contains("nothing was written") && err.contains("was not imported"), "{out}{err}");
    }
    assert!(!crate::support::database::exists(data.path()).await, "no database is made");
    let empty = import(data.path(), "cn.json", b"{\"years\":{}}", &[]);
    assert!(empty.code == 1 && empty.err.contains("no rows"), "{empty:?}");
}

#[tokio::test]
async fn phones_hear_of_an_imported_year_while_the_server_runs() {
    let server = TestServer::start_at("2026-12-20T12:00:00+08:00").await;
    let before = crate::support::district::of(&server).await;
    let unknown = |all: &Snapshot| all.schedules.iter().filter(|schedule| !schedule.unknown.is_empty()).count();
    assert!(unknown(&before) > 0, "the horizon reaches into the year");
    let Ended { code, err, .. } = import(server.data.path(), "cn.json", file().to_string().as_bytes(), &[]);
    assert_eq!(code, 0, "{err}");
    server.running.state().snapshots.changed();
    let after = crate::support::district::of(&server).await;
    assert!(after.rev > before.rev);
    assert_eq!(unknown(&after), 0);
    let station = after.stations.iter().find(|station| station.slug == "hexie-labour").expect("a station");
    let schedule = after.schedules.iter().find(|schedule| Some(&schedule.id) == station.schedule.as_ref());
    let at = |moment: &str| crate::support::at(moment).timestamp_millis();
    let state = |moment: &str| {
        let at = waypost_app::domain::time::Minute::from_millis(at(moment));
        schedule.expect("a schedule").state(at, after.horizon())
    };
    assert_eq!(state("2027-01-01T10:00:00+08:00"), State::Closed);
    assert_eq!(state("2027-01-04T10:00:00+08:00"), State::Open);
    assert_eq!(after.stations.len(), before.stations.len(), "a calendar takes no sample away");
}

#[tokio::test]
async fn a_calendar_alone_founds_no_district() {
    let data = tempfile::tempdir().expect("a directory");
    let imported = import(data.path(), "cn.json", file().to_string().as_bytes(), &[]);
    assert_eq!(imported.code, 0, "{imported:?}");
    let path = data.path().to_owned();
    let server = TestServer::start_with(|config| config.data_dir = path).await;
    assert!(crate::support::district::of(&server).await.district.sample, "a first start still brings the sample");
}

//! Every route and command on the real server, in one program: fifty would each be linked anew and fill a small disk.

#[allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking, also in its helpers")]
mod support;

mod after_photos;
mod backup;
mod belonging;
mod bounds;
mod calendar;
mod case_links;
mod case_sight;
mod cases;
mod cases_live;
mod cases_queue;
mod cli;
mod copies;
mod copies_killed;
mod doomed;
mod exceptions;
mod exceptions_seen;
mod export;
mod faults;
mod form;
mod hours_cli;
mod http;
mod import;
mod import_calendar;
mod kill;
mod limits;
mod metrics;
mod moving;
mod photos;
mod photos_url;
mod proxy;
mod public_reports;
mod rates;
mod redaction;
mod reports;
mod reports_seen;
mod rights;
mod room;
mod routing;
mod same_reports;
mod schedule;
mod separated;
mod snapshot;
mod staff_access;
mod staff_backoff;
mod staff_cli;
mod staff_factor;
mod staff_numbers;
mod staff_people;
mod staff_session;
mod staff_stations;
mod staff_typed;
mod station_photos;
mod store;
mod store_lost;
mod store_reports;
mod store_together;
mod unfetched;
mod uploads;
mod uploads_cut;
mod uploads_limits;
mod verifications;
mod verifications_seen;
mod years;

/// A file that is not named above would never run.
#[test]
fn every_file_of_tests_is_part_of_a_program() {
    let here = concat!(env!("CARGO_MANIFEST_DIR"), "/tests");
    let mut files: Vec<String> = std::fs::read_dir(here)
        .expect("a directory")
        .filter_map(|entry| entry.expect("an entry").file_name().into_string().ok())
        .filter_map(|name| name.strip_suffix(".rs").map(str::to_owned))
        .collect();
    files.sort();
    let mut named: Vec<&str> = include_str!("main.rs")
        .lines()
        .filter_map(|line| line.strip_prefix("mod ")?.strip_suffix(';'))
        .filter(|name| *name != "support")
        // A program of its own: it takes over what the whole process logs.
        .chain(["log", "main"])
        .collect();
    named.sort_unstable();
    assert_eq!(files, named);
}

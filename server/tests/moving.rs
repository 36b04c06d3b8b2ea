//! From one database to another.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking, also in its helpers")]

use std::path::Path;
use std::time::Instant;

use crate::support::phone::{Phone, advance, report, report_with};
use crate::support::pictures::jpeg;
use crate::support::{TestServer, database};
use futures::future::join_all;
use reqwest::StatusCode;
use serde_json::{Value, json};
use uuid::Uuid;
use waypost_app::domain::geo::Wgs84;
use waypost_app::domain::ids::ReportId;
use waypost_app::domain::report::{Category, ReportContent, ReportState};
use waypost_server::moving::{MoveError, migrate};
use waypost_server::store::copy::{self, TABLES};
use waypost_server::store::devices::DeviceId;
use waypost_server::store::reports::{ContentHash, Inserted, Submission, insert};
use waypost_server::store::{Database, Store};

/// A server on a file, whatever the others are tested on.
async fn on_a_file() -> TestServer {
    TestServer::start_with(|config| config.database = Some(Database::in_dir(&config.data_dir))).await
}

/// Some of everything that phones send; a report to ask after, and its phone.
async fn used(server: &TestServer) -> (Phone, Uuid) {
    let phone = Phone::new(1);
    let (sent, photo) = phone.send_photo(server, &jpeg(60, 40)).await;
    assert_eq!(sent.status(), StatusCode::CREATED);
    let id = Uuid::now_v7();
    let answer = phone.send_report(server, id, &report_with("photos", Some(json!([photo])))).await;
    assert_eq!(answer.status(), StatusCode::CREATED);
    advance(server, id, ReportState::Accepted, "看到了，谢谢").await;
    // One without what may be missing, and one that follows the first.
    for (other, body) in
        [(2, report_with("accuracy_m", None)), (3, report_with("same_as", Some(json!(id.to_string()))))]
    {
        let answer = Phone::new(other).send_report(server, Uuid::now_v7(), &body).await;
        assert_eq!(answer.status(), StatusCode::CREATED);
    }
    let said = json!({ "station": "aixin-tea", "kind": "confirmed", "at": "2026-11-24T12:00:00+08:00" });
    let url = server.url(&format!("/api/v1/verifications/{}", Uuid::now_v7()));
    let answer = server.http.put(url).bearer_auth(&phone.token).json(&said).send().await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::CREATED);
    (phone, id)
}

/// What a phone gets of its report, and everybody of the district.
async fn seen(server: &TestServer, phone: &Phone, id: Uuid) -> (Value, Value) {
    let report = phone.get(server, &format!("/api/v1/reports/{id}")).await;
    let mut all = server.json("/api/v1/snapshot").await;
    for of_now in ["generated_at", "generated_at_min"] {
        all[of_now] = Value::Null;
    }
    (report.json().await.expect("JSON"), all)
}

#[tokio::test]
async fn everything_arrives_in_another_kind_of_database_and_back_and_phones_notice_nothing() {
    let server = on_a_file().await;
    let (phone, id) = used(&server).await;
    let before = seen(&server, &phone, id).await;
    let elsewhere = tempfile::tempdir().expect("a directory");
    let (there, back) = (database::of(elsewhere.path()), Database::Sqlite(elsewhere.path().join("back.db")));
    let file = server.running.state().store.database().clone();

    let moved = migrate(&file, &there).await.expect("moved");
    assert_eq!(moved.0.iter().map(|(table, _)| *table).collect::<Vec<_>>(), TABLES);
    let rows = |name| moved.0.iter().find(|(table, _)| *table == name).expect("a table").1.rows;
    assert_eq!((rows("reports"), rows("report_photos"), rows("photos"), rows("verifications")), (3, 1, 1, 1));
    let returned = migrate(&there, &back).await.expect("moved back");
    assert_eq!(returned, moved, "nothing was lost or changed on the way there and back");

    for database in [there, back] {
        // With the same photos.
        let again = TestServer::start_with(|config| {
            config.data_dir = server.data.path().to_owned();
            config.database = Some(database);
        })
        .await;
        assert_eq!(seen(&again, &phone, id).await, before);
        let receipt = Phone::new(9).send_report(&again, Uuid::now_v7(), &report()).await;
        assert_eq!(receipt.status(), StatusCode::CREATED, "and it goes on from there");
    }
}

#[tokio::test]
async fn nothing_is_moved_from_where_nothing_is_or_to_where_something_is() {
    let server = on_a_file().await;
    let data = tempfile::tempdir().expect("a directory");
    let nothing = Database::Sqlite(data.path().join("nothing.db"));
    let there = database::of(data.path());
    assert!(matches!(migrate(&nothing, &there).await, Err(MoveError::NothingThere(_))));
    assert!(!data.path().join("nothing.db").exists());

    let file = server.running.state().store.database().clone();
    migrate(&file, &there).await.expect("moved");
    assert!(matches!(migrate(&file, &there).await, Err(MoveError::NotEmpty(_))));
}

#[tokio::test]
async fn a_move_that_breaks_off_leaves_nothing_and_can_be_begun_again() {
    let server = on_a_file().await;
    used(&server).await;
    let file = server.running.state().store.database().clone();
    // A row that refers to nobody, as no database with its rules on would take it.
    let tie = |sql: &'static str| {
        let data = server.data.path().to_owned();
        async move {
            let mut conn = database::connect_file(&data).await;
            sqlx::raw_sql(sqlx::AssertSqlSafe(format!("PRAGMA foreign_keys = OFF; {sql}"))).execute(&mut conn).await
        }
    };
    tie("INSERT INTO verifications SELECT 'x', 'nobody', station, slug, kind, 0, 0, 0, 0, 0 FROM verifications")
        .await
        .expect("done");
    let data = tempfile::tempdir().expect("a directory");
    let there = database::of(data.path());
    assert!(matches!(migrate(&file, &there).await, Err(MoveError::Store(_))));
    assert_eq!(rows(&there).await, [0, 0, 0], "neither what came before it");

    tie("DELETE FROM verifications WHERE id = 'x'").await.expect("mended");
    migrate(&file, &there).await.expect("moved");
    assert_eq!(rows(&there).await, [3, 4, 1]);
}

async fn rows(database: &Database) -> [u64; 3] {
    let store = Store::open(database).await.expect("it opens");
    let mut moment = store.moment().await.expect("a moment");
    let mut counts = [0; 3];
    for (count, table) in counts.iter_mut().zip(["reports", "report_events", "district"]) {
        *count = copy::tally(&mut moment, table).await.expect("counted").rows;
    }
    drop(moment);
    store.close().await;
    counts
}

#[tokio::test]
async fn both_kinds_of_database_have_the_same_tables_and_all_of_them_are_copied() {
    let data = tempfile::tempdir().expect("a directory");
    let mut seen = Vec::new();
    for database in [Database::in_dir(data.path()), database::of(&data.path().join("other"))] {
        let store = Store::open(&database).await.expect("it opens");
        let mut conn = store.pool().acquire().await.expect("a reader");
        let mut tables = Vec::new();
        for table in TABLES {
            let mut columns = copy::columns(&mut conn, table).await.expect("its columns");
            columns.sort();
            tables.push(columns);
        }
        seen.push(tables);
        let mut all = database::tables(&mut conn).await;
        // What only the program of the moment needs; and a session or a link that has ended must not come back.
        let of_the_moment =
            ["_sqlx_migrations", "doomed", "jobs", "staff_sessions", "staff_links", "sign_in_failures", "case_links"];
        all.retain(|table| !of_the_moment.contains(&table.as_str()));
        let mut copied = TABLES.map(str::to_owned).to_vec();
        copied.sort();
        assert_eq!(all, copied);
    }
    assert_eq!(seen[0], seen[1]);
}

/// How large a city's database is after a while; minutes, so only when it is asked for:
/// `scripts/with-postgres cargo test --release --test server moving -- --ignored --nocapture`.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes"]
#[expect(clippy::print_stdout, reason = "the measurement is the point")]
async fn a_hundred_thousand_reports_arrive_as_they_were() {
    const REPORTS: usize = 100_000;
    let data = tempfile::tempdir().expect("a directory");
    let file = Database::Sqlite(data.path().join("large.db"));
    let store = Store::open(&file).await.expect("it opens");
    let phones: Vec<_> =
        (0..=u8::MAX).map(|number| DeviceId::of_form(ReportId(Uuid::from_u128(number.into())))).collect();
    for some in (0..REPORTS).collect::<Vec<_>>().chunks(1_000) {
        let writes = some.iter().map(|at| {
            let content = ReportContent {
                category: Category::Road,
                description: format!("路缘石松动 {at}"),
                // Far apart, or they would be one defect.
                position: Wgs84 { lat: 20.0 + (*at / 300) as f64 / 50.0, lng: 100.0 + (*at % 300) as f64 / 50.0 },
                accuracy_m: (at % 3 != 0).then_some(*at as f64 / 7.0),
                captured_at: "2026-11-24T08:10:00+08:00".to_owned(),
                landmark: String::new(),
                photos: Vec::new(),
                same_as: None,
            };
            let report = Submission {
                id: ReportId(Uuid::now_v7()),
                device: phones[at % phones.len()].clone(),
                content_hash: ContentHash::of(&content, None),
                content,
                captured_at_ms: *at as i64 * 1_000,
                received_at_ms: *at as i64 * 1_000,
            };
            store.write(move |conn| Box::pin(async move { insert(conn, &report).await }))
        });
        for written in join_all(writes).await {
            assert!(matches!(written, Ok(Inserted::New(_))), "{written:?}");
        }
    }
    store.close().await;
    let elsewhere = tempfile::tempdir().expect("a directory");
    let began = Instant::now();
    let moved = migrate(&file, &database::of(elsewhere.path())).await.expect("moved");
    println!("{REPORTS} reports moved and compared in {:?}\n{moved}", began.elapsed());
    let reports = moved.0.iter().find(|(table, _)| *table == "reports").expect("a table").1;
    assert_eq!(reports.rows, REPORTS as u64);
}

#[test]
fn the_command_says_what_it_found_to_be_the_same() {
    let data = tempfile::tempdir().expect("a directory");
    let stations = b"slug,name,lat,lng\na,\xe7\x94\xb2,30.3,120.1\n";
    let from = data.path().join("from");
    let mut import = crate::support::command::waypost();
    std::fs::create_dir_all(&from).expect("a directory");
    std::fs::write(from.join("stations.csv"), stations).expect("written");
    import.arg("import").arg(from.join("stations.csv")).arg("--data-dir").arg(&from);
    assert_eq!(crate::support::command::run(&mut import, b"").code, 0);
    let moved = |to: &Path| {
        let mut command = crate::support::command::waypost();
        let url = database::url_of(to);
        let file = format!("sqlite://{}", from.join("waypost.db").display());
        crate::support::command::run(command.args(["migrate", "--from", &file, "--to", &url]), b"")
    };
    let to = data.path().join("to");
    let ended = moved(&to);
    assert_eq!((ended.code, ended.err.as_str()), (0, ""));
    assert!(ended.out.contains("stations\t1 rows, the same on both sides\n"), "{}", ended.out);
    let again = moved(&to);
    assert!(again.code == 1 && again.err.contains("empty database"), "{}", again.err);
}

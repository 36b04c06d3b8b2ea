//! Into a file and back: the drill that an operator hopes never to need.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking, also in its helpers")]

use std::cell::Cell;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::support::command::{Ended, run, waypost};
use crate::support::phone::{Phone, report, report_with, sha256};
use crate::support::pictures::grainy_jpeg;
use crate::support::{TestServer, database};
use reqwest::StatusCode;
use serde_json::{Value, json};
use uuid::Uuid;
use waypost_app::domain::ids::PhotoHash;
use waypost_server::moving::backup_with;
use waypost_server::store::Store;

fn told(ended: Ended) -> String {
    assert_eq!((ended.code, ended.err.as_str()), (0, ""), "{}", ended.out);
    ended.out
}

fn command(name: &str, file: &Path, data: &Path) -> Ended {
    let mut command = waypost();
    database::named(&mut command, data);
    crate::support::files::named(&mut command, data);
    run(command.arg(name).arg(file).arg("--data-dir").arg(data), b"")
}

/// A server with a report and its photo; the phone, the report and the photo.
async fn used(server: &TestServer) -> (Phone, Uuid, String) {
    let phone = Phone::new(1);
    let (sent, photo) = phone.send_photo(server, &grainy_jpeg(90, 60, 1)).await;
    assert_eq!(sent.status(), StatusCode::CREATED);
    let id = Uuid::now_v7();
    let sent = phone.send_report(server, id, &report_with("photos", Some(json!([photo])))).await;
    assert_eq!(sent.status(), StatusCode::CREATED);
    (phone, id, photo)
}

#[tokio::test]
async fn a_backup_made_while_the_server_runs_brings_everything_back_elsewhere() {
    let server = TestServer::start().await;
    let (phone, id, photo) = used(&server).await;
    let folder = tempfile::tempdir().expect("a directory");
    let file = folder.path().join("gongshu.tar");
    let said = told(command("backup", &file, server.data.path()));
    assert!(said.contains("of these 1 reports; 2 files of photos") && said.contains("is complete"), "{said}");
    let before: Value = phone.get(&server, &format!("/api/v1/reports/{id}")).await.json().await.expect("JSON");
    let picture = phone.get(&server, &format!("/api/v1/photos/{photo}")).await.bytes().await.expect("a picture");
    let all = server.json("/api/v1/snapshot").await;

    let elsewhere = tempfile::tempdir().expect("a directory");
    let said = told(command("restore", &file, elsewhere.path()));
    assert!(said.contains("of these 1 reports; 2 files of photos") && said.contains("restored into"), "{said}");
    let again = TestServer::start_on(elsewhere).await;
    assert_eq!(phone.get(&again, &format!("/api/v1/reports/{id}")).await.json::<Value>().await.expect("JSON"), before);
    assert_eq!(phone.get(&again, &format!("/api/v1/photos/{photo}")).await.bytes().await.expect("a picture"), picture);
    let now = again.json("/api/v1/snapshot").await;
    assert_eq!(now["stations"], all["stations"]);
    assert_ne!(now["epoch"], all["epoch"], "phones are told");
    assert_eq!(std::fs::read_dir(folder.path()).expect("a directory").count(), 1, "nothing else is left");
}

#[tokio::test]
async fn a_report_that_came_after_the_backup_is_not_known_and_can_be_sent_again() {
    let server = TestServer::start().await;
    let (phone, ..) = used(&server).await;
    let folder = tempfile::tempdir().expect("a directory");
    let file = folder.path().join("gongshu.tar");
    told(command("backup", &file, server.data.path()));
    let id = Uuid::now_v7();
    let body = report();
    assert_eq!(phone.send_report(&server, id, &body).await.status(), StatusCode::CREATED);
    let rev = server.json("/api/v1/snapshot").await["rev"].clone();

    let elsewhere = tempfile::tempdir().expect("a directory");
    told(command("restore", &file, elsewhere.path()));
    let again = TestServer::start_on(elsewhere).await;
    assert_eq!(phone.get(&again, &format!("/api/v1/reports/{id}")).await.status(), StatusCode::NOT_FOUND);
    assert_eq!(phone.send_report(&again, id, &body).await.status(), StatusCode::CREATED);
    // A phone that asks for changes hears that these are of another course of revisions.
    let changes = again.json(&format!("/api/v1/snapshot?since={rev}")).await;
    assert!(changes["epoch"].as_i64().expect("a number") > 0);
}

#[tokio::test]
async fn a_backup_of_an_earlier_version_is_restored_and_brought_up_to_date() {
    // Made with the tables of migration 20, before some columns were added.
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/backup-20.tar");
    // Newer tables are there, although nobody has used them.
    let newer = tempfile::tempdir().expect("a directory");
    Store::open(&database::of(newer.path())).await.expect("a store").close().await;
    let refused = command("restore", &file, newer.path());
    assert!(refused.code == 1 && refused.err.contains("does not exist yet"), "{refused:?}");

    let elsewhere = tempfile::tempdir().expect("a directory");
    let said = told(command("restore", &file, elsewhere.path()));
    assert!(said.contains("of these 1 reports; 2 files of photos"), "{said}");
    let server = TestServer::start_on(elsewhere).await;
    let get = async |path: &str| server.http.get(server.url(path)).bearer_auth("01".repeat(32)).send().await;
    let report: Value = get("/api/v1/reports/0193a2b0-0000-7000-8000-0000000000aa")
        .await
        .expect("an answer")
        .json()
        .await
        .expect("JSON");
    assert_eq!((&report["code"], &report["description"]), (&json!("P69N"), &json!("The kerb is broken")));
    let photo = report["photos"][0].as_str().expect("a photo");
    assert_eq!(get(&format!("/api/v1/photos/{photo}")).await.expect("an answer").status(), StatusCode::OK);
}

fn append(to: &mut tar::Builder<File>, name: &str, bytes: &[u8]) {
    let mut header = tar::Header::new_gnu();
    header.set_size(bytes.len() as u64);
    header.set_mode(0o600);
    to.append_data(&mut header, name, bytes).expect("written");
}

/// A backup with a table more that nobody knows, and a manifest that says so.
fn with_strange_table(whole: &Path, strange: &Path) {
    let (name, table) = ("tables/strange.jsonl", b"[]\n");
    let mut from = tar::Archive::new(File::open(whole).expect("the file"));
    let mut to = tar::Builder::new(File::create(strange).expect("a file"));
    for entry in from.entries().expect("a backup") {
        let mut entry = entry.expect("an entry");
        let of = entry.path().expect("a name").to_string_lossy().into_owned();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).expect("its bytes");
        if of == "manifest.json" {
            let mut manifest: Value = serde_json::from_slice(&bytes).expect("JSON");
            manifest["entries"][name] = json!(sha256(table));
            bytes = serde_json::to_vec(&manifest).expect("JSON");
        }
        append(&mut to, &of, &bytes);
        if of == "waypost.json" {
            append(&mut to, name, table);
        }
    }
    to.finish().expect("written");
}

#[tokio::test]
async fn a_backup_of_an_earlier_version_can_be_restored_after_that_has_failed() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/backup-20.tar");
    let folder = tempfile::tempdir().expect("a directory");
    let strange = folder.path().join("strange.tar");
    with_strange_table(&file, &strange);
    let elsewhere = tempfile::tempdir().expect("a directory");
    for _ in 0..2 {
        let refused = command("restore", &strange, elsewhere.path());
        assert!(refused.code == 1 && refused.err.contains("strange in this backup is damaged"), "{refused:?}");
    }
    assert!(database::exists(elsewhere.path()).await, "its tables are there already");
    let said = told(command("restore", &file, elsewhere.path()));
    assert!(said.contains("of these 1 reports; 2 files of photos"), "{said}");
    let server = TestServer::start_on(elsewhere).await;
    let report = server.http.get(server.url("/api/v1/reports/0193a2b0-0000-7000-8000-0000000000aa"));
    let report = report.bearer_auth("01".repeat(32)).send().await.expect("an answer");
    assert_eq!(report.json::<Value>().await.expect("JSON")["code"], "P69N");
}

#[tokio::test]
async fn what_is_cut_short_or_damaged_or_no_backup_changes_nothing() {
    let server = TestServer::start().await;
    used(&server).await;
    let folder = tempfile::tempdir().expect("a directory");
    let file = folder.path().join("whole.tar");
    told(command("backup", &file, server.data.path()));
    let whole = std::fs::read(&file).expect("the file");
    let elsewhere = tempfile::tempdir().expect("a directory");
    let mut damaged = whole.clone();
    // In a picture, wherever that lies among the tables.
    let picture = whole.windows(3).rposition(|bytes| bytes == [0xff, 0xd8, 0xff]).expect("a picture");
    damaged[picture + 100] ^= 1;
    let cases: [(&str, Vec<u8>, &str); 5] = [
        ("half", whole[..whole.len() / 2].to_vec(), "cut short"),
        ("damaged", damaged, "damaged"),
        ("none", b"slug,name\n".repeat(200), "not a backup"),
        ("empty", Vec::new(), "cut short"),
        ("picture", grainy_jpeg(90, 60, 1), "not a backup"),
    ];
    for (name, bytes, words) in cases {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).expect("written");
        let Ended { code, out, err } = command("restore", &path, elsewhere.path());
        assert!(code == 1 && err.contains(words), "{name}: {out}{err}");
    }
    assert!(!database::exists(elsewhere.path()).await);
    told(command("restore", &file, elsewhere.path()));
    let again = command("restore", &file, elsewhere.path());
    assert!(again.code == 1 && again.err.contains("empty database"), "{}", again.err);
}

#[tokio::test]
async fn a_backup_that_cannot_be_written_leaves_the_older_one() {
    let server = TestServer::start().await;
    let folder = tempfile::tempdir().expect("a directory");
    let file = folder.path().join("older.tar");
    told(command("backup", &file, server.data.path()));
    let older = std::fs::read(&file).expect("the file");
    let nothing = tempfile::tempdir().expect("a directory");
    let refused = command("backup", &file, nothing.path());
    assert!(refused.code == 1 && refused.err.contains("nothing at"), "{}", refused.err);
    let refused = command("backup", &folder.path().join("no/such/folder.tar"), server.data.path());
    assert!(refused.code == 1 && refused.err.contains("cannot write"), "{}", refused.err);
    assert_eq!(std::fs::read(&file).expect("the file"), older);
    assert_eq!(std::fs::read_dir(folder.path()).expect("a directory").count(), 1);
}

#[tokio::test]
async fn a_backup_without_its_photos_is_none_and_says_where_it_has_looked() {
    let server = TestServer::start().await;
    used(&server).await;
    let folder = tempfile::tempdir().expect("a directory");
    let nowhere = tempfile::tempdir().expect("a directory");
    let mut command = waypost();
    command.env("WAYPOST_DATABASE_URL", database::url_of(server.data.path()));
    crate::support::files::named(&mut command, nowhere.path());
    let file = folder.path().join("gongshu.tar");
    let ended = run(command.arg("backup").arg(file).arg("--data-dir").arg(nowhere.path()), b"");
    assert!(ended.code == 1 && ended.err.contains("2 files of photos are not in it"), "{}", ended.err);
    assert!(ended.out.contains("missing: photo ") && ended.out.contains("photos from "), "{}", ended.out);
}

#[tokio::test]
async fn a_photo_taken_back_while_files_are_copied_is_left_out_of_the_backup_and_of_what_is_missing() {
    let server = TestServer::start().await;
    let (leaving, id, photo) = used(&server).await;
    let staying = Phone::new(2);
    let (sent, kept) = staying.send_photo(&server, &grainy_jpeg(60, 90, 2)).await;
    assert_eq!(sent.status(), StatusCode::CREATED);
    let folder = tempfile::tempdir().expect("a directory");
    let file = folder.path().join("gongshu.tar");
    let (state, is_taken_back) = (server.running.state(), Cell::new(false));
    // The rows are read by the time the first file is.
    let read = async |name: &PhotoHash| {
        if !is_taken_back.replace(true) {
            let url = server.url(&format!("/api/v1/reports/{id}"));
            let gone = server.http.delete(url).bearer_auth(&leaving.token).send().await.expect("an answer");
            assert_eq!(gone.status(), StatusCode::NO_CONTENT);
        }
        state.photos.read(name).await
    };
    let saved = backup_with(state.store.database(), read, &file, state.clock.now()).await.expect("a backup");
    assert_eq!((saved.reports, saved.photos, saved.missing.len(), saved.taken_back.len()), (1, 2, 0, 2));
    let words = "2 files of photos were taken back while the backup was made";
    assert!(saved.to_string().contains(words), "{saved}");

    let elsewhere = tempfile::tempdir().expect("a directory");
    let said = told(command("restore", &file, elsewhere.path()));
    assert!(said.contains(words) && !said.contains("missing") && said.contains("restored into"), "{said}");
    let again = TestServer::start_on(elsewhere).await;
    assert_eq!(staying.get(&again, &format!("/api/v1/photos/{kept}")).await.status(), StatusCode::OK);
    // What was taken back after the moment is there again, and its phone may bring what it shows.
    assert_eq!(leaving.get(&again, &format!("/api/v1/reports/{id}")).await.status(), StatusCode::OK);
    assert_eq!(leaving.send_photo(&again, &grainy_jpeg(90, 60, 1)).await.0.status(), StatusCode::OK);
    assert_eq!(leaving.get(&again, &format!("/api/v1/photos/{photo}")).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_database_of_a_newer_program_is_neither_saved_nor_moved_by_an_older_one() {
    let server = TestServer::start().await;
    let newer = server.running.state().store.write(|conn| {
        Box::pin(async move {
            let mark = "UPDATE _sqlx_migrations SET version = 9999 WHERE version = (SELECT MAX(version) FROM _sqlx_migrations)";
            sqlx::query(mark).execute(conn).await?;
            Ok(())
        })
    });
    newer.await.expect("marked");
    let folder = tempfile::tempdir().expect("a directory");
    let refused = command("backup", &folder.path().join("gongshu.tar"), server.data.path());
    assert!(refused.code == 1 && refused.err.contains("newer version"), "{}", refused.err);
}

//! The files of a test server, wherever they are: in its data directory, or in a bucket of the S3 server that
//! `scripts/with-s3` runs (`WAYPOST_TEST_S3`).

use std::path::{Path as FilePath, PathBuf};
use std::process::Command;
use std::sync::Arc;

use futures::TryStreamExt;
use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{ObjectStore, ObjectStoreExt};
use waypost_server::photo::PhotosUrl;

use super::TestServer;

/// What `scripts/with-s3` makes; each server has its own prefix in it.
const BUCKET: &str = "waypost-test";

/// Where the server of a data directory keeps its photos; `None`: there.
pub fn photos_url(data: &FilePath) -> Option<PhotosUrl> {
    let endpoint = std::env::var("WAYPOST_TEST_S3").ok().filter(|endpoint| !endpoint.is_empty())?;
    // Never the developer's own bucket.
    assert_eq!(std::env::var("AWS_ENDPOINT").as_ref(), Ok(&endpoint), "run this with scripts/with-s3");
    Some(format!("s3://{BUCKET}/{}", prefix(data)).parse().expect("a place"))
}

/// Makes a command keep its photos where the server of a data directory does.
pub fn named(command: &mut Command, data: &FilePath) {
    if let Some(url) = photos_url(data) {
        command.env("WAYPOST_PHOTOS_URL", url.to_string());
    }
}

/// The name of the data directory, which no other test has.
fn prefix(data: &FilePath) -> &str {
    data.file_name().expect("a name").to_str().expect("text")
}

fn store(server: &TestServer) -> Arc<dyn ObjectStore> {
    let data = server.data.path();
    if photos_url(data).is_some() {
        let bucket = AmazonS3Builder::from_env().with_bucket_name(BUCKET).build().expect("a bucket");
        Arc::new(PrefixStore::new(bucket, prefix(data)))
    } else {
        Arc::new(LocalFileSystem::new_with_prefix(data.join("photos")).expect("a folder"))
    }
}

async fn names(server: &TestServer, below: Option<&str>) -> Vec<String> {
    let below = below.map(Path::from);
    let found = store(server).list(below.as_ref()).map_ok(|found| found.location.to_string());
    let mut names: Vec<_> = found.try_collect().await.expect("a list");
    // Whose they are is none of them.
    names.retain(|name| name != "belongs-to");
    names.sort();
    names
}

/// Every file below the place of the photos, such as `ab/ab….jpg`.
pub async fn photo_files(server: &TestServer) -> Vec<String> {
    names(server, None).await
}

/// The pieces of unfinished uploads.
pub async fn partial_files(server: &TestServer) -> Vec<String> {
    names(server, Some("partial")).await
}

pub async fn read_file(server: &TestServer, name: &str) -> Vec<u8> {
    let found = store(server).get(&Path::from(name)).await.expect("a file");
    found.bytes().await.expect("its bytes").to_vec()
}

pub async fn write_file(server: &TestServer, name: &str, bytes: &[u8]) {
    store(server).put(&Path::from(name), bytes.to_vec().into()).await.expect("written");
}

pub async fn remove_file(server: &TestServer, name: &str) {
    store(server).delete(&Path::from(name)).await.expect("removed");
}

/// The folders in which the copies of the server work on files before they are kept.
pub fn scratch(server: &TestServer) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(server.data.path().join("incoming")).expect("a folder");
    entries.map(|entry| entry.expect("an entry").path()).filter(|path| path.is_dir()).collect()
}

/// What they work on.
pub fn scratch_files(server: &TestServer) -> Vec<PathBuf> {
    let files = |folder| std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    scratch(server).into_iter().flat_map(files).filter(|path| !path.ends_with("lock")).collect()
}

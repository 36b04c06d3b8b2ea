//! A device that sends a photo in parts, by the tus protocol.

use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::{Body, Method, RequestBuilder, Response, StatusCode};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::TestServer;
use super::files::partial_files;
use super::phone::{Phone, sha256};

#[derive(Clone, Debug)]
pub struct Tus {
    /// Such as `http://127.0.0.1:1234`.
    pub base: String,
    pub http: reqwest::Client,
    pub token: String,
}

impl Tus {
    pub fn new(server: &TestServer, phone: &Phone) -> Self {
        Self { base: server.url(""), http: server.http.clone(), token: phone.token.clone() }
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}/api/v1/uploads{path}", self.base);
        self.http.request(method, url).bearer_auth(&self.token).header("tus-resumable", "1.0.0")
    }

    pub fn announcing(&self, name: &str, length: usize) -> RequestBuilder {
        let metadata = format!("filename {},sha256 {}", STANDARD.encode("kerb.jpg"), STANDARD.encode(name));
        self.request(Method::POST, "").header("upload-length", length).header("upload-metadata", metadata)
    }

    pub async fn announce(&self, name: &str, length: usize) -> Response {
        self.announcing(name, length).send().await.expect("an answer")
    }

    /// Announces a photo that has not been announced before, and gives its name.
    pub async fn begin(&self, photo: &[u8]) -> String {
        let name = sha256(photo);
        let begun = self.announce(&name, photo.len()).await;
        assert_eq!((begun.status(), offset(&begun)), (StatusCode::CREATED, Some(0)));
        name
    }

    pub fn patching(&self, name: &str, at: usize, bytes: impl Into<Body>) -> RequestBuilder {
        let part = self.request(Method::PATCH, &format!("/{name}")).header("upload-offset", at);
        part.header("content-type", "application/offset+octet-stream").body(bytes)
    }

    pub async fn patch(&self, name: &str, at: usize, bytes: &[u8]) -> Response {
        self.patching(name, at, bytes.to_vec()).send().await.expect("an answer")
    }

    pub async fn head(&self, name: &str) -> Response {
        self.request(Method::HEAD, &format!("/{name}")).send().await.expect("an answer")
    }

    pub async fn delete(&self, name: &str) -> Response {
        self.request(Method::DELETE, &format!("/{name}")).send().await.expect("an answer")
    }

    /// What HEAD says has arrived; `None` if there is no such upload.
    pub async fn there(&self, name: &str) -> Option<usize> {
        let answer = self.head(name).await;
        match answer.status() {
            StatusCode::NOT_FOUND => None,
            status => {
                assert_eq!(status, StatusCode::OK);
                Some(offset(&answer).expect("an offset"))
            }
        }
    }

    /// Waits until so many bytes have arrived.
    pub async fn until_there(&self, name: &str, bytes: usize) {
        let began = Instant::now();
        while self.there(name).await != Some(bytes) {
            assert!(began.elapsed() < Duration::from_secs(30), "{:?} and not {bytes}", self.there(name).await);
            tokio::task::yield_now().await;
        }
    }

    /// A connection that promises the rest of a photo from `at` on and has sent only a part of it.
    pub async fn half_sent(&self, name: &str, at: usize, rest: &[u8], sent: usize) -> TcpStream {
        let addr = self.base.strip_prefix("http://").expect("an address");
        let mut stream = TcpStream::connect(addr).await.expect("connected");
        let head = format!(
            "PATCH /api/v1/uploads/{name} HTTP/1.1\r\nhost: {addr}\r\nauthorization: Bearer {}\r\ntus-resumable: 1.0.0\r\n\
             content-type: application/offset+octet-stream\r\nupload-offset: {at}\r\ncontent-length: {}\r\n\r\n",
            self.token,
            rest.len()
        );
        stream.write_all(head.as_bytes()).await.expect("sent");
        stream.write_all(&rest[..sent]).await.expect("sent");
        stream
    }
}

pub fn offset(answer: &Response) -> Option<usize> {
    answer.headers().get("upload-offset")?.to_str().ok()?.parse().ok()
}

/// Uploads that the database knows.
pub async fn upload_rows(server: &TestServer) -> i64 {
    let count = sqlx::query_scalar("SELECT COUNT(*) FROM uploads").fetch_one(server.running.state().store.pool());
    count.await.expect("a count")
}

/// Asserts that nothing of an upload is left.
pub async fn assert_no_uploads(server: &TestServer) {
    assert_eq!(partial_files(server).await, Vec::<String>::new());
    assert_eq!(upload_rows(server).await, 0);
}

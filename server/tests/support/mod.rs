//! The real server on a free port with a real database in a directory of its own.

#![allow(dead_code, reason = "each test binary uses its own part of this")]

use waypost_server::config::Config;
use waypost_server::serve::{Running, start};

pub struct TestServer {
    pub running: Running,
    pub data: tempfile::TempDir,
    pub http: reqwest::Client,
}

impl TestServer {
    /// With the sample district.
    pub async fn start() -> Self {
        let data = tempfile::tempdir().expect("a temporary directory");
        let config = Config {
            addr: "127.0.0.1:0".parse().expect("an address"),
            data_dir: data.path().to_owned(),
            sample: true,
        };
        let running = start(config).await.expect("the server starts");
        Self { running, data, http: reqwest::Client::new() }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.running.addr())
    }
}

//! The program as a process of its own, which can be killed.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Stdio};

use super::command::waypost;

/// A server that has said where it listens. Killed when dropped.
#[derive(Debug)]
pub struct Process {
    child: Child,
    pub addr: SocketAddr,
}

impl Process {
    /// Without the sample district: what is tried here does not need it, and starting often takes time.
    pub fn start(data: &Path) -> Self {
        let mut child = waypost()
            .args(["serve", "--addr", "127.0.0.1:0", "--no-sample", "--data-dir"])
            .arg(data)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts");
        let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        let addr = lines
            .by_ref()
            .map_while(Result::ok)
            .find_map(|line| line.split_once("listening on http://").and_then(|(_, addr)| addr.trim().parse().ok()))
            .expect("it says where it listens");
        // A full pipe would stop a server that goes on talking.
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
        Self { child, addr }
    }

    /// Ends it as a power cut does.
    pub fn kill(mut self) {
        self.end();
    }

    fn end(&mut self) {
        // It may have ended by itself; then there is nothing to kill, and the tests say what is missing.
        let _ = self.child.kill();
        self.child.wait().expect("it has ended");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.end();
    }
}

//! The program itself, running on a data directory.

use std::io::{BufRead, BufReader, Read, Seek};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::command::waypost;
use super::{database, files};

/// `waypost serve` on a free port.
pub fn serve(data: &Path) -> Command {
    let mut command = waypost();
    command.args(["serve", "--addr", "127.0.0.1:0", "--data-dir"]).arg(data).current_dir(data);
    database::named(&mut command, data);
    files::named(&mut command, data);
    command
}

/// A running program that is stopped with the test.
pub struct Program {
    pub child: Child,
    pub url: String,
}

impl Program {
    pub fn start(mut command: Command) -> Self {
        let mut log = tempfile::tempfile().expect("a file");
        let own = log.try_clone().expect("the same file");
        let mut child = command.stdout(Stdio::piped()).stderr(own).spawn().expect("it starts");
        let line = first_line(&mut child);
        Self::at(child, &line).unwrap_or_else(|| {
            let mut said = String::new();
            log.rewind().and_then(|()| log.read_to_string(&mut said)).expect("its log");
            panic!("it does not come up: {line:?} {said}")
        })
    }

    /// Waits until it says where it listens.
    pub fn listening(mut child: Child) -> Self {
        let line = first_line(&mut child);
        Self::at(child, &line).unwrap_or_else(|| panic!("it does not come up: {line:?}"))
    }

    fn at(child: Child, line: &str) -> Option<Self> {
        // Made first, so that one that says something else is stopped.
        let mut program = Self { child, url: String::new() };
        line.trim_end().strip_prefix("listening on ")?.clone_into(&mut program.url);
        let url = &program.url;
        assert!(url.starts_with("http://127.0.0.1:") && !url.ends_with(":0"), "{url}");
        Some(program)
    }

    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").arg(format!("-{name}")).arg(self.child.id().to_string()).status();
        assert!(sent.expect("kill runs").success());
    }

    /// Ends it in the middle of whatever it does.
    pub fn kill(mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("it ends");
    }
}

fn first_line(child: &mut Child) -> String {
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().expect("its output")).read_line(&mut line).expect("a line");
    line
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

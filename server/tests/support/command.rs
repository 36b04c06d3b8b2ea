//! The program itself, started as a person starts it.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use super::database;

/// The program, without the developer's own settings.
pub fn waypost() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_waypost"));
    // What the developer has set must not reach the test.
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("WAYPOST_")) {
        command.env_remove(name);
    }
    command
}

/// What a command that ended has said.
#[derive(Debug)]
pub struct Ended {
    /// Its exit code.
    pub code: i32,
    pub out: String,
    pub err: String,
}

/// Runs a command to its end, with something on its standard input.
pub fn run(command: &mut Command, input: &[u8]) -> Ended {
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    let mut stdin = child.stdin.take().expect("its input");
    let input = input.to_vec();
    // Beside reading its output: either side may fill its pipe before the other is read.
    let writing = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().expect("it ends");
    // A command that does not read its input may close it.
    let _ = writing.join().expect("a writer");
    Ended {
        code: output.status.code().expect("a code"),
        out: String::from_utf8(output.stdout).expect("text"),
        err: String::from_utf8(output.stderr).expect("text"),
    }
}

/// `waypost import FILE` into a directory, with the file's bytes.
pub fn import(data: &Path, name: &str, file: &[u8], flags: &[&str]) -> Ended {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join(name);
    std::fs::write(&path, file).expect("written");
    let mut command = waypost();
    database::named(&mut command, data);
    run(command.arg("import").arg(path).arg("--data-dir").arg(data).args(flags), b"")
}

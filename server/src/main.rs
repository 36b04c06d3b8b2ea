//! The command line of Waypost.

use std::process::ExitCode;

use clap::Parser;
use waypost_server::cli::{Cli, run};

fn main() -> ExitCode {
    match run(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error);
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stderr, reason = "the log may not be running, and a person is waiting for the words")]
fn complain(error: &anyhow::Error) {
    eprintln!("waypost: {error:#}");
}

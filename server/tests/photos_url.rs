//! `waypost serve --photos-url`: what cannot be used is said in words at the start.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking, also in its helpers")]

use std::process::Command;

use crate::support::command::{Ended, run, waypost};

/// A data directory of its own, and credentials that lead nowhere.
fn serve(change: impl FnOnce(&mut Command)) -> Ended {
    let data = tempfile::tempdir().expect("a directory");
    let mut command = waypost();
    command.args(["serve", "--addr", "127.0.0.1:0", "--data-dir"]).arg(data.path());
    command.env("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE").env("AWS_SECRET_ACCESS_KEY", "very-secret");
    change(&mut command);
    run(&mut command, b"")
}

#[test]
fn what_is_no_bucket_is_refused_in_words_that_repeat_no_secret() {
    for url in ["https://photos.example", "s3://key:very-secret@photos", "photos", "s3://a/../b"] {
        for from_environment in [true, false] {
            let ended = serve(|command| {
                if from_environment {
                    command.env("WAYPOST_PHOTOS_URL", url);
                } else {
                    command.args(["--photos-url", url]);
                }
            });
            assert_eq!((ended.code, ended.out.as_str()), (1, ""), "{url}");
            assert!(ended.err.contains("--photos-url") && ended.err.contains("s3://BUCKET/PREFIX"), "{}", ended.err);
            assert!(!ended.err.contains("very-secret"), "{}", ended.err);
        }
    }
}

#[test]
fn a_bucket_that_cannot_be_reached_is_named_at_the_start_and_no_secret_is() {
    // Nobody listens on port 1.
    let ended = serve(|command| {
        command.env("WAYPOST_PHOTOS_URL", "s3://photos/gongshu");
        command.env("AWS_ENDPOINT", "http://127.0.0.1:1").env("AWS_ALLOW_HTTP", "true").env("AWS_REGION", "us-east-1");
    });
    assert_eq!((ended.code, ended.out.as_str()), (1, ""));
    assert!(ended.err.contains("cannot use the photos at s3://photos/gongshu"), "{}", ended.err);
    assert!(ended.err.contains("AWS_ENDPOINT") && ended.err.contains("127.0.0.1:1"), "{}", ended.err);
    assert!(!ended.err.contains("very-secret") && !ended.err.contains("AKIAEXAMPLE"), "{}", ended.err);
}

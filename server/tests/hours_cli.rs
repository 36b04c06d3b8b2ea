//! `waypost hours`, as a person and as a program ask it.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking, also in its helpers")]

use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;
use std::time::Instant;

use crate::support::command::{Ended, run, waypost};
use serde_json::{Value, json};

const OFFICE: &str = "Mo-Fr 09:00-17:00; SH 09:00-17:00; PH off";

fn hours(args: &[&str]) -> Ended {
    run(waypost().arg("hours").args(args).env("LC_ALL", "C"), b"")
}

fn batch(input: &[u8]) -> Vec<Value> {
    let Ended { code, out, err } = run(waypost().args(["hours", "--batch"]), input);
    assert_eq!((code, err.as_str()), (0, ""));
    out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

#[test]
fn a_moment_is_answered_with_one_word_in_chinas_calendar() {
    for (at, state) in [
        ("2026-11-24T08:59:59+08:00", "closed"),
        ("2026-11-24T09:00:00+08:00", "open"),
        // The same moment, said elsewhere.
        ("2026-11-24T01:00:00Z", "open"),
        ("2026-11-23T17:00:00-08:00", "open"),
        ("2026-11-24T17:00:00+08:00", "closed"),
        // National Day, and the Saturday worked in exchange.
        ("2026-10-01T10:00:00+08:00", "closed"),
        ("2026-10-10T10:00:00+08:00", "open"),
        // A date is its midnight.
        ("2026-11-24", "closed"),
    ] {
        let Ended { code, out, err } = hours(&[OFFICE, "--at", at]);
        assert_eq!((code, out.as_str(), err.as_str()), (0, format!("{state}\n").as_str(), ""), "{at}");
    }
    assert_eq!(hours(&["24/7", "--at", "2026-11-24"]).out, "open\n");
}

#[test]
fn a_moment_nobody_can_know_says_why() {
    let Ended { code, out, .. } = hours(&[OFFICE, "--at", "2027-03-01T10:00:00+08:00"]);
    assert_eq!(code, 0);
    let mut lines = out.lines();
    assert_eq!(lines.next(), Some("unknown"));
    assert!(lines.next().is_some_and(|reason| reason.contains("2027")), "{out}");
    let answer: Value = serde_json::from_str(&hours(&[OFFICE, "--at", "2027-03-01", "--json"]).out).expect("JSON");
    assert_eq!(answer["state"], "unknown");
    assert!(answer["comment"].as_str().is_some_and(|reason| reason.contains("2027")), "{answer}");
}

#[test]
fn chinese_is_read_and_words_without_times_stay_unknown() {
    for (rule, at, state) in [
        ("周一至周五 08:30-12:00,13:00-17:30", "2026-11-24T12:30:00+08:00", "closed"),
        ("周一至周五 08:30-12:00,13:00-17:30", "2026-11-24T13:00:00+08:00", "open"),
        ("24小时", "2026-11-28T03:00:00+08:00", "open"),
        ("每月第二个周六 上午9点到11点", "2026-12-12T10:00:00+08:00", "open"),
        ("每月第二个周六 上午9点到11点", "2026-12-05T10:00:00+08:00", "closed"),
        // A weekend worked in exchange is a working day.
        ("工作日 9:00-17:00", "2026-10-10T10:00:00+08:00", "open"),
        ("工作日 9:00-17:00", "2026-10-01T10:00:00+08:00", "closed"),
        ("工作日开放", "2026-11-24T10:00:00+08:00", "unknown"),
    ] {
        let Ended { code, out, err } = hours(&[rule, "--at", at]);
        assert_eq!((code, out.lines().next()), (0, Some(state)), "{rule} {at}: {err}");
    }
    let answer: Value = serde_json::from_str(&hours(&["24小时", "--json"]).out).expect("JSON");
    assert_eq!(answer["rule"], "24/7");
    assert_eq!(hours(&["看门口通知", "--at", "2026-11-24"]).out, "unknown\n看门口通知\n");
    let answer: Value = serde_json::from_str(&hours(&["看门口通知", "--json"]).out).expect("JSON");
    assert_eq!((&answer["rule"], &answer["state"]), (&Value::Null, &json!("unknown")));
    assert_eq!(answer["intervals"].as_array().expect("intervals").len(), 1);
}

#[test]
fn some_days_are_written_out_in_the_language_of_the_terminal() {
    let args = ["hours", "Mo-Th 18:00-02:00", "--from", "2026-09-24", "--days", "3"];
    let english = run(waypost().args(args).env("LC_ALL", "C"), b"").out;
    assert_eq!(english, "2026-09-24 Thu  18:00–02:00 next day\n2026-09-25 Fri  Closed\n2026-09-26 Sat  Closed\n");
    let chinese = run(waypost().args(args).env("LC_ALL", "zh_CN.UTF-8"), b"").out;
    assert!(chinese.starts_with("2026-09-24 周四  18:00–次日 02:00\n"), "{chinese}");
}

#[test]
fn without_a_question_it_says_the_state_now_and_the_next_seven_days() {
    let out = hours(&["24/7"]).out;
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(lines.len(), 8, "{out}");
    assert!(lines[0].starts_with("Now · Open"), "{out}");
    let answer: Value = serde_json::from_str(&hours(&["24/7", "--json"]).out).expect("JSON");
    assert_eq!(answer["state"], "open");
    assert_eq!(answer["intervals"].as_array().expect("intervals").len(), 1);
}

#[test]
fn a_window_in_json_has_intervals_that_follow_each_other() {
    let out = hours(&[OFFICE, "--from", "2026-12-30", "--days", "4", "--json"]).out;
    let answer: Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(answer["from"], "2026-12-30T00:00:00+08:00");
    assert_eq!(answer["to"], "2027-01-03T00:00:00+08:00");
    let intervals = answer["intervals"].as_array().expect("intervals");
    let mut end = answer["from"].clone();
    for interval in intervals {
        assert_eq!(interval["start"], end);
        end = interval["end"].clone();
    }
    assert_eq!(end, answer["to"]);
    let states: Vec<&str> = intervals.iter().filter_map(|interval| interval["state"].as_str()).collect();
    assert_eq!(states, ["closed", "open", "closed", "open", "closed", "unknown"]);
    assert!(answer.get("state").is_none(), "nobody asked about now");
}

#[test]
fn what_cannot_be_answered_is_said_on_standard_error_only() {
    for (args, code) in [
        (vec!["garbage"], 1),
        (vec![""], 1),
        (vec!["Mo-Fr 09:00-25:00-26:00"], 1),
        (vec!["24/7", "--at", "yesterday"], 2),
        (vec!["24/7", "--at", "0001-01-01"], 2),
        (vec!["24/7", "--days", "0"], 2),
        (vec!["24/7", "--days", "367"], 2),
        (vec!["24/7", "--from", "2026-13-01"], 2),
        (vec!["24/7", "--at", "2026-11-24", "--days", "3"], 2),
        (vec!["24/7", "--batch"], 2),
        (vec![], 2),
    ] {
        let ended = hours(&args);
        assert_eq!((ended.code, ended.out.as_str()), (code, ""), "{args:?}: {}", ended.err);
        assert!(!ended.err.is_empty(), "{args:?}");
    }
    let long = "09:00-17:00,".repeat(1000);
    assert!(hours(&[&long]).err.contains("longer than"));
}

#[test]
fn a_batch_answers_every_line_in_order_whatever_it_holds() {
    let mut input = Vec::new();
    for line in [
        br#"{"rule":"24/7","at":"2026-11-24T08:30:00+08:00"}"#.as_slice(),
        b"not json",
        b"\xff\xfe\x00",
        br#"{"rule":"24/7"}"#,
        br#"{"at":"2026-11-24"}"#,
        br#"{"rule":"24/7","at":"never"}"#,
        br#"{"rule":"garbage","at":"2026-11-24"}"#,
        b"",
        br#"{"rule":7,"at":"2026-11-24"}"#,
        b"[]",
        b"null",
        br#"{"rule":"Mo-Fr 09:00-17:00; PH off","at":"2027-01-04T10:00:00+08:00"}"#,
        "{\"rule\":\"看门口通知\",\"at\":\"2026-11-24\"}".as_bytes(),
        b"{\"rule\":\"Mo-Fr 09:00-17:00\",\"at\":\"2026-11-28\",\"more\":1}\r",
        br#"{"rule":"24/7","at":"2026-11-24"}"#,
    ] {
        input.extend(line);
        input.push(b'\n');
    }
    input.pop();
    let answers = batch(&input);
    let kinds: Vec<&str> = answers
        .iter()
        .map(|answer| match (answer.get("error"), answer.get("state")) {
            (Some(error), None) if error.as_str().is_some_and(|error| !error.is_empty()) => "error",
            (None, Some(state)) => state.as_str().expect("a word"),
            _ => panic!("{answer}"),
        })
        .collect();
    let mut expected = vec!["open"];
    expected.extend(["error"; 10]);
    expected.extend(["unknown", "unknown", "closed", "open"]);
    assert_eq!(kinds, expected);
    assert_eq!(answers[12]["comment"], "看门口通知");
    assert!(answers[0].get("comment").is_none());
}

#[test]
fn a_batch_answers_a_line_before_the_next_is_asked() {
    let mut child =
        waypost().args(["hours", "--batch"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it starts");
    let mut input = child.stdin.take().expect("its input");
    let mut output = BufReader::new(child.stdout.take().expect("its output"));
    for (at, state) in [("2026-11-24", "closed"), ("2026-11-24T10:00:00+08:00", "open")] {
        writeln!(input, "{{\"rule\":\"{OFFICE}\",\"at\":\"{at}\"}}").expect("asked");
        let mut line = String::new();
        output.read_line(&mut line).expect("answered");
        assert_eq!(line, format!("{{\"state\":\"{state}\"}}\n"));
    }
    drop(input);
    assert!(child.wait().expect("it ends").success());
}

#[test]
#[expect(clippy::print_stdout, reason = "the measurement is the point")]
fn thousands_of_questions_are_answered_also_about_hostile_rules() {
    // Rules made to be expensive, or that have broken this evaluator or another.
    let hostile = [
        "2012 easter -2 days-2012 easter +2 days: open \\\"Around easter\\\"; PH off".to_owned(),
        "easter -366 days-easter +366 days 00:00-24:00".to_owned(),
        "Mo-Su 00:00-48:00; week 01-53/52 Mo 00:00-23:59/00:01".to_owned(),
        "09:00-99:99".to_owned(),
        (0..60).map(|at| format!("{:02}:{:02}-{:02}:59", at % 24, at % 60, at % 24)).collect::<Vec<_>>().join(","),
        "1900-9999/2 Jan 1-Dec 31/7: 00:00-24:00 || Mo[5] 10:00-11:00".to_owned(),
    ];
    let count = 3000;
    let line = |at: usize| {
        let rule = &hostile[at % hostile.len()];
        format!("{{\"rule\":\"{rule}\",\"at\":\"2026-{:02}-{:02}T12:00:00+08:00\"}}", at % 12 + 1, at % 28 + 1)
    };
    let lines = (0..count).map(line).collect::<Vec<_>>().join("\n");
    let begun = Instant::now();
    assert_eq!(batch(lines.as_bytes()).len(), count);
    // Measured, not judged: a busy machine says nothing about the program.
    println!("{count} questions answered in {:?}", begun.elapsed());
    for rule in &hostile {
        let ended = hours(&[&rule.replace('\\', ""), "--from", "2026-01-01", "--days", "366"]);
        assert!(matches!(ended.code, 0 | 1), "answered or refused: {rule}: {}", ended.err);
    }
}

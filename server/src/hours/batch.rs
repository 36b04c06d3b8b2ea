//! Many questions, one a line: whatever a line holds, it gets one line of answer, and the next one is read.

use std::io::{self, BufRead, Read, Write};

use serde::{Deserialize, Serialize};

use super::{Answer, Asker};
use crate::clock::parse_moment;

/// Longest line that is read, in bytes; many times the longest rule, however it is escaped.
const MAX_LINE: usize = 64 * 1024;

#[derive(Deserialize)]
struct Question {
    rule: String,
    at: String,
}

#[derive(Serialize)]
struct Fault {
    error: String,
}

/// Answers each line of `input` on `output`, in order, each as soon as it is known.
///
/// # Errors
/// If the input cannot be read or the output not written.
pub fn answer_lines(asker: &mut Asker, mut input: impl BufRead, mut output: impl Write) -> io::Result<()> {
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = input.by_ref().take(MAX_LINE as u64 + 1).read_until(b'\n', &mut line)?;
        if read == 0 {
            return Ok(());
        }
        let whole = line.ends_with(b"\n") || read <= MAX_LINE;
        let answer = if whole {
            answer(asker, &line)
        } else {
            input.skip_until(b'\n')?;
            Err(format!("the line is longer than {MAX_LINE} bytes"))
        };
        let mut text = match answer {
            Ok(answer) => serde_json::to_vec(&answer)?,
            Err(error) => serde_json::to_vec(&Fault { error })?,
        };
        text.push(b'\n');
        output.write_all(&text)?;
        output.flush()?;
    }
}

fn answer(asker: &mut Asker, line: &[u8]) -> Result<Answer, String> {
    let question: Question = serde_json::from_slice(line).map_err(|error| {
        format!("not a question like {{\"rule\":\"24/7\",\"at\":\"2026-11-24T08:30:00+08:00\"}}: {error}")
    })?;
    let at = parse_moment(&question.at).map_err(|error| format!("at: {error}"))?;
    asker.at(&question.rule, at).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schedule::calendar::Calendar;

    fn answers(input: &[u8]) -> Vec<serde_json::Value> {
        let mut asker = Asker::new(Calendar::china().expect("a calendar"));
        let mut output = Vec::new();
        answer_lines(&mut asker, input, &mut output).expect("answers");
        let text = String::from_utf8(output).expect("text");
        text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    }

    #[test]
    fn a_line_too_long_is_an_error_and_the_next_is_answered() {
        let mut input = vec![b'x'; 3 * MAX_LINE];
        input.extend(b"\n{\"rule\":\"24/7\",\"at\":\"2026-11-24\"}\n");
        let got = answers(&input);
        assert_eq!(got.len(), 2);
        assert!(got[0]["error"].as_str().expect("an error").contains("longer than"));
        assert_eq!(got[1], serde_json::json!({ "state": "open" }));
    }

    #[test]
    fn a_line_of_exactly_the_longest_length_is_read() {
        let question = r#"{"rule":"24/7","at":"2026-11-24"}"#;
        for (length, answered) in [(MAX_LINE, true), (MAX_LINE + 1, false)] {
            let mut input = question.as_bytes().to_vec();
            input.resize(length, b' ');
            assert_eq!(answers(&input)[0].get("state").is_some(), answered, "{length}");
        }
    }

    #[test]
    fn a_last_line_without_its_end_is_answered_and_an_empty_input_is_not() {
        assert_eq!(answers(b"").len(), 0);
        assert_eq!(answers(br#"{"rule":"24/7","at":"2026-11-24"}"#).len(), 1);
        assert_eq!(answers(b"\n\n").len(), 2, "an empty line is a line");
    }

    #[test]
    fn more_rules_than_are_kept_are_all_answered() {
        let line = |at: usize| {
            let rule = format!("{:02}:{:02}-23:59", at / 60, at % 60);
            format!("{{\"rule\":\"{rule}\",\"at\":\"2026-11-24T23:00:00+08:00\"}}")
        };
        let lines = (0..2 * super::super::KEPT_RULES).map(line).collect::<Vec<_>>().join("\n");
        let got = answers(lines.as_bytes());
        assert_eq!(got.len(), 2 * super::super::KEPT_RULES);
        assert!(got.iter().all(|answer| answer["state"] == "open"), "{got:?}");
    }
}

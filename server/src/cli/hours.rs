//! `waypost hours`.

use std::io::BufWriter;
use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use serde::Serialize;
use waypost_app::domain::schedule::{Horizon, State};
use waypost_app::domain::time::{CHINA, Day, Minute};
use waypost_app::local::prefs::Lang;

use super::{block_on, database, enough, say};
use crate::clock::{Clock, NotAMoment, parse_moment, rfc3339_minute};
use crate::hours::{Answer, Asker, HoursError, Stretch, Understood, batch, calendar, words};
use crate::schedule;
use crate::store::Database;

/// Days shown unless it is said how many.
const DAYS: u16 = 7;

#[derive(Debug, Args)]
pub(super) struct Hours {
    /// A rule in OSM `opening_hours` syntax, or in the Chinese people write.
    #[arg(required_unless_present = "batch", conflicts_with = "batch", value_name = "RULE")]
    rule: Option<String>,
    /// Only the state at this moment: RFC 3339 with any offset, or a date, which is its midnight in China.
    #[arg(long, value_parser = parse_moment, conflicts_with_all = ["from", "days", "batch"], value_name = "RFC3339")]
    at: Option<Minute>,
    /// Only the days from this one; today if it is not given.
    #[arg(long, value_parser = parse_day, conflicts_with = "batch", value_name = "DATE")]
    from: Option<Day>,
    /// So many days.
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=366), conflicts_with = "batch", value_name = "N")]
    days: Option<u16>,
    /// Answer in JSON.
    #[arg(long)]
    json: bool,
    /// Read JSON lines {"rule":…, "at":…} from standard input; answer each with {"state":…} or {"error":…}.
    #[arg(long)]
    batch: bool,
    /// Use the years of the calendar that were imported there, too.
    #[arg(long, env = "WAYPOST_DATA_DIR", value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// The same, from this database.
    #[arg(long, env = "WAYPOST_DATABASE_URL", value_name = "URL", hide_env_values = true)]
    database_url: Option<String>,
}

/// An answer in JSON; of its two halves those that were asked for.
#[derive(Serialize)]
struct Said<'a> {
    /// As it was understood, in OSM syntax; `null` where it is only words.
    rule: Option<&'a str>,
    #[serde(flatten)]
    moment: Option<Moment>,
    #[serde(flatten)]
    window: Option<Window>,
}

#[derive(Serialize)]
struct Moment {
    at: String,
    #[serde(flatten)]
    answer: Answer,
}

#[derive(Serialize)]
struct Window {
    from: String,
    to: String,
    /// Follow each other without gaps from `from` to `to`.
    intervals: Vec<Stretch>,
}

fn parse_day(text: &str) -> Result<Day, NotAMoment> {
    parse_moment(text).map(|at| CHINA.day(at))
}

/// Answers one question, or the many of standard input.
pub(super) fn run(question: Hours) -> anyhow::Result<()> {
    let calendar = block_on(async {
        let in_dir = || question.data_dir.as_deref().map(Database::in_dir);
        let named = question.database_url.as_deref().map(database).transpose()?;
        let database = named.flatten().or_else(in_dir);
        calendar(database.as_ref()).await.context("cannot read the calendar in the database")
    })?;
    let mut asker = Asker::new(calendar);
    if let Some(rule) = &question.rule {
        return say(&answer(&mut asker, rule, &question, Clock::System.minute())?);
    }
    let output = BufWriter::new(std::io::stdout().lock());
    enough(batch::answer_lines(&mut asker, std::io::stdin().lock(), output))
        .context("cannot go on reading and answering")
}

fn answer(asker: &mut Asker, rule: &str, question: &Hours, now: Minute) -> anyhow::Result<String> {
    let windowed = question.from.is_some() || question.days.is_some();
    let first = question.from.unwrap_or_else(|| CHINA.day(now));
    let days = i64::from(question.days.unwrap_or(DAYS));
    if question.json {
        let read = asker.read(rule)?;
        let moment = match question.at {
            None if windowed => None,
            at => Some(at.unwrap_or(now)),
        };
        let moment = moment
            .map(|at| Ok::<_, HoursError>(Moment { at: rfc3339_minute(at), answer: asker.at(rule, at)? }))
            .transpose()?;
        let window = question.at.is_none().then(|| window(&read, first, days)).transpose()?;
        return Ok(serde_json::to_string(&Said { rule: read.rule(), moment, window })? + "\n");
    }
    if let Some(at) = question.at {
        let Answer { state, comment } = asker.at(rule, at)?;
        let comment = if comment.is_empty() { comment } else { comment + "\n" };
        return Ok(format!("{}\n{comment}", code(state)));
    }
    let lang = lang();
    // A day more on either side, so that a night is said whole.
    let known = Horizon { start: CHINA.midnight(first.plus(-1)), end: CHINA.midnight(first.plus(days + 1)) };
    let week = words::days(lang, &asker.schedule(rule, known)?, first, days, known);
    if windowed {
        return Ok(week);
    }
    let known = schedule::horizon(now);
    Ok(words::now(lang, &asker.schedule(rule, known)?, now, known) + "\n" + &week)
}

fn window(rule: &Understood, first: Day, days: i64) -> Result<Window, HoursError> {
    let window = Horizon { start: CHINA.midnight(first), end: CHINA.midnight(first.plus(days)) };
    let intervals = rule.over(window)?.into_iter().map(Stretch::from).collect();
    Ok(Window { from: rfc3339_minute(window.start), to: rfc3339_minute(window.end), intervals })
}

/// The word for scripts, the same in every language.
const fn code(state: State) -> &'static str {
    match state {
        State::Open => "open",
        State::Closed => "closed",
        State::Unknown => "unknown",
    }
}

/// The language of the terminal, as its locale says it.
fn lang() -> Lang {
    let said = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().filter_map(|name| std::env::var(name).ok());
    let locale = said.into_iter().find(|locale| !locale.is_empty());
    if locale.is_some_and(|locale| locale.starts_with("zh")) { Lang::Zh } else { Lang::En }
}

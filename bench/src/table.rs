//! The one table everything ends up in, as Markdown that also reads well in a terminal.

use std::fmt;

/// Rows of what was measured, beside what it is compared with.
#[derive(Debug, Default)]
pub(crate) struct Table {
    rows: Vec<[String; 4]>,
}

impl Table {
    /// A figure that stands alone.
    pub(crate) fn figure(&mut self, what: impl Into<String>, value: impl Into<String>) {
        self.rows.push([what.into(), value.into(), String::new(), String::new()]);
    }

    /// A rate beside the bare one.
    pub(crate) fn rate(&mut self, what: impl Into<String>, ours: f64, bare: f64) {
        let ratio = if bare > 0.0 { format!("{:.2}", ours / bare) } else { String::new() };
        self.rows.push([what.into(), per_second(ours), per_second(bare), ratio]);
    }
}

fn per_second(rate: f64) -> String {
    if rate >= 100.0 { format!("{rate:.0}/s") } else { format!("{rate:.1}/s") }
}

/// Kilobytes of 1000 bytes, as the budgets count them.
pub(crate) fn kilobytes(bytes: u64) -> String {
    format!("{:.1} KB", bytes as f64 / 1e3)
}

pub(crate) fn milliseconds(seconds: f64) -> String {
    let millis = seconds * 1e3;
    if millis >= 10.0 { format!("{millis:.0} ms") } else { format!("{millis:.2} ms") }
}

/// The middle one, which one bad moment of a shared machine does not move.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let head = ["what", "Waypost", "bare", "ratio"].map(str::to_owned);
        let width = |column: usize| {
            let cells = self.rows.iter().chain([&head]).filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or_default()
        };
        let [what, ours, bare, ratio] = [width(0), width(1), width(2), width(3)];
        let mut line = |row: &[String; 4]| {
            writeln!(f, "| {:what$} | {:>ours$} | {:>bare$} | {:>ratio$} |", row[0], row[1], row[2], row[3])
        };
        line(&head)?;
        line(&[what, ours, bare, ratio].map(|width| "-".repeat(width)))?;
        self.rows.iter().try_for_each(line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_stands_beside_the_bare_one_with_their_ratio() {
        let mut table = Table::default();
        table.rate("pages", 150.4, 300.0);
        table.figure("memory", "1.0 MB");
        let lines = [
            "| what   | Waypost |  bare | ratio |",
            "| ------ | ------- | ----- | ----- |",
            "| pages  |   150/s | 300/s |  0.50 |",
            "| memory |  1.0 MB |       |       |",
        ];
        assert_eq!(table.to_string().lines().collect::<Vec<_>>(), lines);
    }

    #[test]
    fn the_median_is_the_middle_one() {
        assert!((median(vec![9.0, 1.0, 5.0]) - 5.0).abs() < f64::EPSILON);
        assert!(median(Vec::new()).abs() < f64::EPSILON);
    }
}

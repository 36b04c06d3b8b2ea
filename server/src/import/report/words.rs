//! A report in words: in English, or in Chinese for those who keep the stations.

use waypost_app::local::prefs::Lang;

use super::{Ending, Fault, Outcome, Report, RowReport, SampleGone, Spot};
use crate::import::columns::Column;

impl Spot {
    /// As people who speak this language call it.
    pub fn in_words(self, lang: Lang) -> &'static str {
        match (self, lang) {
            (Self::Row, Lang::En) => "row",
            (Self::Row, Lang::Zh) => "整行",
            (Self::Place, Lang::En) => "lat, lng",
            (Self::Place, Lang::Zh) => "经纬度",
            (Self::Geometry, Lang::En) => "geometry",
            (Self::Geometry, Lang::Zh) => "坐标（geometry）",
            (Self::Column(column), Lang::En) => column.name(),
            (Self::Column(column), Lang::Zh) => column.name_in_chinese(),
        }
    }
}

impl Fault {
    /// In which row and cell it is.
    pub fn place(&self, row: usize, lang: Lang) -> String {
        let spot = self.at.in_words(lang);
        match lang {
            Lang::En => format!("row {row}, {spot}"),
            Lang::Zh => format!("第 {row} 行，{spot}"),
        }
    }

    fn in_words(&self, lang: Lang) -> String {
        let (spot, reason) = (self.at.in_words(lang), self.reason.in_words(lang));
        match lang {
            Lang::En => format!("{spot}: {reason}"),
            Lang::Zh => format!("{spot}：{reason}"),
        }
    }
}

impl Ending {
    /// Its own line.
    pub(in crate::import) fn in_words(self, lang: Lang) -> String {
        match (self, lang) {
            (Self::Written { rev }, Lang::En) => format!("written as revision {rev}\n"),
            (Self::Written { rev }, Lang::Zh) => format!("已写入，版本 {rev}\n"),
            (Self::NothingToDo, Lang::En) => "nothing to write: everything is there already\n".to_owned(),
            (Self::NothingToDo, Lang::Zh) => "没有要写的：都已经有了\n".to_owned(),
            (Self::DryRun, Lang::En) => "nothing was written: --dry-run\n".to_owned(),
            (Self::DryRun, Lang::Zh) => "只是试一试，什么都没写\n".to_owned(),
            (Self::Refused { .. }, Lang::En) => "nothing was written: all rows or none\n".to_owned(),
            (Self::Refused { .. }, Lang::Zh) => "什么都没写：要么每行都写，要么一行都不写\n".to_owned(),
        }
    }
}

/// Names of columns; a place changes as a whole.
fn names(columns: &[Column], lang: Lang) -> String {
    let name =
        |column: &Column| if *column == Column::Lat { Spot::Place } else { Spot::Column(*column) }.in_words(lang);
    let between = match lang {
        Lang::En => ", ",
        Lang::Zh => "、",
    };
    columns.iter().map(name).collect::<Vec<_>>().join(between)
}

impl Outcome {
    fn in_words(&self, lang: Lang) -> String {
        match (self, lang) {
            (Self::New, Lang::En) => "new".to_owned(),
            (Self::New, Lang::Zh) => "新增".to_owned(),
            (Self::Updated(columns), Lang::En) => format!("updated: {}", names(columns, lang)),
            (Self::Updated(columns), Lang::Zh) => format!("更新：{}", names(columns, lang)),
            (Self::Unchanged, Lang::En) => "unchanged".to_owned(),
            (Self::Unchanged, Lang::Zh) => "没有变化".to_owned(),
            (Self::StaysRemoved, Lang::En) => {
                "stays removed (it was removed here; --overwrite brings it back)".to_owned()
            }
            (Self::StaysRemoved, Lang::Zh) => {
                "仍然停用（这里停用过它；勾选“工作人员改过的也用文件里的”可以恢复）".to_owned()
            }
            (Self::Refused(faults), _) => {
                let faults: Vec<_> = faults.iter().map(|fault| fault.in_words(lang)).collect();
                match lang {
                    Lang::En => format!("error: {}", faults.join("; ")),
                    Lang::Zh => format!("有错，{}", faults.join("；")),
                }
            }
        }
    }
}

impl RowReport {
    /// In one line.
    fn in_words(&self, lang: Lang) -> String {
        let Self { row, slug, .. } = self;
        let slug = if slug.is_empty() { "-" } else { slug };
        let (mut line, between) = match lang {
            Lang::En => (format!("row {row}\t{slug}\t"), "; "),
            Lang::Zh => (format!("第 {row} 行\t{slug}\t"), "；"),
        };
        line.push_str(&self.outcome.in_words(lang));
        if !self.kept.is_empty() {
            let kept = match lang {
                Lang::En => "kept: ",
                Lang::Zh => "保留这里改过的：",
            };
            line.extend([between, kept, &names(&self.kept, lang)]);
        }
        for note in &self.notes {
            line.extend([between, &note.in_words(lang)]);
        }
        line
    }
}

impl SampleGone {
    fn in_words(self, is_gone: bool, lang: Lang) -> String {
        let Self { stations, services, markets, landmarks } = self;
        match lang {
            Lang::En => {
                let is = if is_gone { "was removed" } else { "would be removed" };
                format!(
                    "the sample district {is}: {stations} stations, {services} services, {markets} markets, {landmarks} landmarks\n"
                )
            }
            Lang::Zh => {
                let is = if is_gone { "已删掉" } else { "会删掉" };
                format!("内置的示例{is}：{stations} 个驿站、{services} 项服务、{markets} 场市集、{landmarks} 个地标\n")
            }
        }
    }
}

impl Report {
    /// Row by row, then as a whole.
    pub fn in_words(&self, lang: Lang) -> String {
        let mut lines: Vec<String> = self.rows.iter().map(|row| row.in_words(lang) + "\n").collect();
        if !self.ignored.is_empty() {
            let ignored: Vec<_> = self.ignored.iter().map(String::as_str).collect();
            lines.push(match lang {
                Lang::En => format!("ignored: {}\n", ignored.join(", ")),
                Lang::Zh => format!("没有用到的列：{}\n", ignored.join("、")),
            });
        }
        lines.push(self.totals(lang));
        lines.extend(self.sample.map(|gone| gone.in_words(matches!(self.ending, Ending::Written { .. }), lang)));
        lines.push(self.ending.in_words(lang));
        lines.concat()
    }

    /// How many rows became what, in a line.
    fn totals(&self, lang: Lang) -> String {
        let (format, charset, rows) = (self.format, self.charset, self.rows.len());
        let counts = [
            (self.count(|outcome| *outcome == Outcome::New), "new", "新增"),
            (self.count(|outcome| matches!(outcome, Outcome::Updated(_))), "updated", "更新"),
            (self.count(|outcome| *outcome == Outcome::Unchanged), "unchanged", "没有变化"),
            (self.count(|outcome| *outcome == Outcome::StaysRemoved), "stay removed", "仍然停用"),
            (self.refused(), "with errors", "有错"),
        ];
        let counts = counts.into_iter().filter(|(count, ..)| *count > 0);
        match lang {
            Lang::En => {
                let counts: Vec<_> = counts.map(|(count, what, _)| format!(", {count} {what}")).collect();
                format!("{format} ({charset}), {rows} rows{}\n", counts.concat())
            }
            Lang::Zh => {
                let counts: Vec<_> = counts.map(|(count, _, what)| format!("，{what} {count} 行")).collect();
                format!("{format}（{charset}），{rows} 行{}\n", counts.concat())
            }
        }
    }
}

//! Stations (or years of the calendar) from a file into the district: every row, or none.
//!
//! Bytes become text ([`decode`]), text becomes records ([`table`]), records become drafts ([`draft`]), and drafts
//! with the district become a plan ([`plan`]), which is carried out in one transaction ([`apply`]). Nothing before the
//! last step writes anything.

mod apply;
pub(crate) mod cells;
pub mod columns;
pub mod decode;
pub(crate) mod draft;
mod identity;
pub(crate) mod merge;
mod plan;
pub mod reason;
pub mod report;
mod slug;
mod table;
pub mod years;

use waypost_app::domain::time::Minute;
use waypost_app::local::prefs::Lang;

use crate::hours::{self, Asker, NoCalendar};
use crate::schedule;
use crate::store::{Database, Store, StoreError};
use apply::{Done, Job, carry_out, rehearse};
use draft::{Draft, Reader, Refused};
use report::{Ending, Report};
pub(crate) use slug::made_from as made_slug;
use years::{Announced, CalendarReport};

/// Longest file that is read, in bytes: many times a city's stations.
pub const MAX_FILE: u64 = 32 * 1024 * 1024;

/// How to import.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// What people here have changed gives way to the file.
    pub overwrite: bool,
    /// Say what would happen; write nothing.
    pub dry_run: bool,
}

/// Why a file as a whole cannot be imported.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    #[error("it is longer than {} MB", MAX_FILE / 1024 / 1024)]
    TooLong,
    #[error("it is an Excel workbook; save it as CSV (UTF-8) and import that")]
    Workbook,
    #[error("it is no text in UTF-8, GB18030 or UTF-16 with its mark")]
    NotText,
    #[error("it holds no rows")]
    Empty,
    #[error("it holds more than {} rows", table::MAX_ROWS)]
    TooManyRows,
    #[error("its first line names none of the columns slug, name, lat, lng, hours … (or 名称, 纬度, 经度, 开放时间 …)")]
    NoColumns,
    #[error("the columns {0:?} and {1:?} both mean {2}")]
    SameColumn(String, String, &'static str),
    #[error("a FeatureCollection needs its list of features")]
    NoFeatures,
    #[error("this JSON is neither a list of stations, a GeoJSON FeatureCollection nor a calendar")]
    OtherJson,
    #[error("its coordinates are in {0}; GeoJSON is WGS-84 (a column crs may say gcj02 or bd09)")]
    OtherCrs(String),
    #[error("not valid JSON: {0}")]
    Json(#[from] serde_json::Error),
    #[error("row {0} opens a quote (\") that is never closed, so the rows after it would be lost; close or remove it")]
    OpenQuote(usize),
    #[error("not readable as CSV: {0}")]
    Csv(#[from] csv::Error),
}

impl FileError {
    /// As people who speak this language are told.
    pub fn in_words(&self, lang: Lang) -> String {
        if lang == Lang::En {
            return self.to_string();
        }
        match self {
            Self::TooLong => format!("文件超过 {} MB", MAX_FILE / 1024 / 1024),
            Self::Workbook => "这是 Excel 工作簿，请另存为 CSV（UTF-8）再导入".to_owned(),
            Self::NotText => "不是 UTF-8、GB18030 或带标记的 UTF-16 文本".to_owned(),
            Self::Empty => "文件里一行都没有".to_owned(),
            Self::TooManyRows => format!("文件超过 {} 行", table::MAX_ROWS),
            Self::NoColumns => "第一行没有认得的列名，例如：名称、纬度、经度、开放时间".to_owned(),
            Self::SameColumn(one, other, _) => format!("“{one}”和“{other}”两列说的是同一件事"),
            Self::NoFeatures => "FeatureCollection 里没有 features 列表".to_owned(),
            Self::OtherJson => "这个 JSON 既不是驿站列表，也不是 GeoJSON FeatureCollection 或日历".to_owned(),
            Self::OtherCrs(crs) => {
                format!("坐标系是 {crs}，而 GeoJSON 用 WGS-84（可以另用一列“坐标系”填 gcj02 或 bd09）")
            }
            Self::Json(error) => format!("不是完整的 JSON：{error}"),
            Self::OpenQuote(row) => format!("第 {row} 行的引号（\"）没有关上，后面的行会丢：请补上或去掉它"),
            Self::Csv(error) => format!("读不出 CSV：{error}"),
        }
    }
}

/// Why an import could not be carried out.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error(transparent)]
    Calendar(#[from] NoCalendar),
    #[error("the built-in sample district is wrong: {0}")]
    Sample(serde_json::Error),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What an import says it did.
#[derive(Clone, Debug)]
pub enum Imported {
    Stations(Report),
    Calendar(CalendarReport),
}

impl Imported {
    pub fn ending(&self) -> Ending {
        match self {
            Self::Stations(report) => report.ending,
            Self::Calendar(report) => report.ending,
        }
    }

    /// Row by row, as people who speak this language are told.
    pub fn in_words(&self, lang: Lang) -> String {
        match self {
            Self::Stations(report) => report.in_words(lang),
            Self::Calendar(report) => report.in_words(lang),
        }
    }

    /// How many stations of the sample go, or would go.
    pub fn sample_stations_gone(&self) -> usize {
        match self {
            Self::Stations(report) => report.sample.as_ref().map_or(0, |gone| gone.stations),
            Self::Calendar(_) => 0,
        }
    }
}

/// Brings the stations of a file into the district in a data directory, or the years of a calendar file into its
/// calendar; another program may be serving it meanwhile.
///
/// # Errors
/// If the file as a whole cannot be read, or the database not be read or written. Rows that cannot be understood are
/// not an error but a report with [`Ending::Refused`].
pub async fn import(database: &Database, file: &[u8], options: Options, now: Minute) -> Result<Imported, ImportError> {
    let (text, charset) = decode::decode(file)?;
    let calendar = match hours::calendar(Some(database)).await {
        // It will be brought up to date, and where the years are kept may not have been made yet.
        Err(NoCalendar::Store(StoreError::Outdated)) if !options.dry_run => hours::calendar(None).await,
        calendar => calendar,
    }?;
    if let Some(years) = years::read(&text) {
        return Ok(Imported::Calendar(announce(database, Announced::new(years, &calendar)?, options).await?));
    }
    let table = table::read(&text)?;
    let mut reader = Reader::new(Asker::new(calendar.clone()), schedule::horizon(now));
    let rows: Vec<Result<Draft, Refused>> = table.records.into_iter().map(|record| reader.read(record)).collect();
    let job = Job::new(rows, options.overwrite, &calendar, now).map_err(ImportError::Sample)?;
    let report = |done: Done, ending: Ending| {
        let Done { plan, sample, .. } = done;
        let ignored = table.ignored.clone();
        Imported::Stations(Report { format: table.format, charset, rows: plan.rows, ignored, sample, ending })
    };
    // Tried without writing first: a database that is not there yet is not made for a file that is refused.
    let rehearsal = match rehearse(database, &job).await {
        Err(StoreError::Outdated) if !options.dry_run => None,
        tried => Some(tried?),
    };
    if let Some(done) = rehearsal {
        let rows = done.plan.refused();
        if rows > 0 {
            return Ok(report(done, Ending::Refused { rows }));
        }
        if options.dry_run {
            return Ok(report(done, Ending::DryRun));
        }
    }
    let store = Store::open(database).await?;
    let done = store.write(move |conn| Box::pin(async move { carry_out(conn, &job).await })).await;
    store.close().await;
    let done = done?;
    let ending = match (done.plan.refused(), done.rev) {
        (0, Some(rev)) => Ending::Written { rev },
        (0, None) => Ending::NothingToDo,
        (rows, _) => Ending::Refused { rows },
    };
    Ok(report(done, ending))
}

async fn announce(database: &Database, announced: Announced, options: Options) -> Result<CalendarReport, ImportError> {
    if let Some(report) = announced.rehearsed(options) {
        return Ok(report);
    }
    // No district is founded for a calendar: a first start may still bring the sample.
    let store = Store::open(database).await?;
    let report = store.write(move |conn| Box::pin(async move { announced.carry_out(conn).await })).await;
    store.close().await;
    Ok(report?)
}

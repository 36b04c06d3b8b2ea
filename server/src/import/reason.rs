//! Why a cell or a row is not taken, and what else is said of one: in English for programs and the command line, in
//! Chinese for those who keep the stations.

use waypost_app::domain::station::Facility;
use waypost_app::local::prefs::Lang;
use waypost_app::text::words;

use crate::clock::NotAMoment;
use crate::hours::HoursError;

/// What is wrong with a cell, or with a row as a whole.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    #[error("empty")]
    Empty,
    #[error("missing")]
    Missing,
    #[error("missing, and there is no such station yet")]
    MissingOfNew,
    #[error("neither slug nor name is given")]
    Nameless,
    /// Both in characters.
    #[error("{length} characters; {most} at most")]
    TooLong { length: usize, most: usize },
    #[error("holds a character that cannot be shown (U+{:04X})", u32::from(*.0))]
    Unshowable(char),
    #[error("{0} is a number that a spreadsheet has shortened; make the column text and enter it anew")]
    Shortened(String),
    #[error("{0:?} is no name for a URL: use a–z, 0–9 and -, or leave it empty")]
    NotASlug(String),
    #[error("the same as in row {row}{}", if *.made { ", made from the name; give one of them a slug of its own" } else { "" })]
    SameAsRow { row: usize, made: bool },
    #[error("made from the name it is that of {0}; give this row a slug of its own")]
    SlugOf(String),
    #[error("{0:?} is not known; use wgs84, gcj02 or bd09")]
    UnknownDatum(String),
    #[error("{0:?} is not a number of degrees such as 30.3172")]
    NotDegrees(String),
    #[error("lat {lat}, lng {lng} looks swapped")]
    Swapped { lat: String, lng: String },
    #[error("lat {lat}, lng {lng} is out of range")]
    OutOfRange { lat: String, lng: String },
    #[error("0, 0 lies in the Atlantic")]
    Zero,
    #[error("lat {lat}, lng {lng} lies outside China, where neither gcj02 nor bd09 is used")]
    Unshifted { lat: String, lng: String },
    #[error("{} not known; use {}", .0.join(", "), facilities())]
    UnknownFacilities(Vec<String>),
    #[error("starts like JSON, but is none: {0}")]
    NotJson(String),
    #[error("{count} steps; {most} at most")]
    TooManySteps { count: usize, most: usize },
    #[error(transparent)]
    Moment(#[from] NotAMoment),
    #[error(transparent)]
    Hours(#[from] HoursError),
    #[error("more than one station is called {0}; give its slug")]
    SeveralCalled(String),
    #[error("there is no station {0}")]
    NoStation(String),
    #[error("the station itself")]
    Itself,
    #[error("{0} more cells than the header has: is there a separator inside a cell without quotes?")]
    MoreCells(usize),
    #[error("not an object with the names of columns")]
    NotAnObject,
    #[error("a point is needed, not {0}")]
    NotAPoint(String),
    #[error("a point is two numbers: [lng, lat]")]
    NotTwoNumbers,
    #[error("said twice")]
    SaidTwice,
    #[error("neither text nor a number")]
    NotACell,
}

impl Reason {
    /// As people who speak this language are told.
    pub fn in_words(&self, lang: Lang) -> String {
        match lang {
            Lang::En => self.to_string(),
            Lang::Zh => self.in_chinese(),
        }
    }

    fn in_chinese(&self) -> String {
        match self {
            Self::Empty => "是空的".to_owned(),
            Self::Missing => "没有填".to_owned(),
            Self::MissingOfNew => "没有填，而这个驿站还没有登记过".to_owned(),
            Self::Nameless => "网址名和名称都没有填".to_owned(),
            Self::TooLong { length, most } => format!("有 {length} 个字，最多 {most} 个"),
            Self::Unshowable(letter) => format!("里面有不能显示的字符（U+{:04X}）", u32::from(*letter)),
            Self::Shortened(number) => format!("“{number}”被表格软件缩短了：请把这一列设为文本，重新填写"),
            Self::NotASlug(cell) => format!("“{cell}”不能用作网址名：只用 a–z、0–9 和 -，或者留空"),
            Self::SameAsRow { row, made: false } => format!("和第 {row} 行相同"),
            Self::SameAsRow { row, made: true } => {
                format!("由名称得出的网址名和第 {row} 行相同，请给其中一行另填一个网址名")
            }
            Self::SlugOf(name) => format!("由名称得出的网址名是“{name}”的，请给这一行另填一个网址名"),
            Self::UnknownDatum(cell) => format!("不认识“{cell}”，请填 wgs84、gcj02（高德、腾讯）或 bd09（百度）"),
            Self::NotDegrees(cell) => format!("“{cell}”不是度数，度数如 30.3172"),
            Self::Swapped { lat, lng } => format!("纬度 {lat}、经度 {lng} 像是填反了"),
            Self::OutOfRange { lat, lng } => format!("没有纬度 {lat}、经度 {lng} 这个地方"),
            Self::Zero => "0, 0 在大西洋里".to_owned(),
            Self::Unshifted { lat, lng } => {
                format!("纬度 {lat}、经度 {lng} 不在中国，那里不用 gcj02 和 bd09")
            }
            Self::UnknownFacilities(unknown) => {
                let known = every_facility().map(|facility| words::facility(Lang::Zh, facility));
                format!("不认识“{}”，可用：{}", unknown.join("”“"), known.collect::<Vec<_>>().join("、"))
            }
            Self::NotJson(error) => format!("开头像 JSON，读下去却不是：{error}"),
            Self::TooManySteps { count, most } => format!("有 {count} 步，最多 {most} 步"),
            Self::Moment(NotAMoment) => "不是日期或时间，日期如 2026-10-01".to_owned(),
            Self::Hours(_) => "这条规则太长了".to_owned(),
            Self::SeveralCalled(name) => format!("叫“{name}”的驿站不止一个，请填它的网址名"),
            Self::NoStation(name) => format!("没有“{name}”这个驿站"),
            Self::Itself => "就是这个驿站自己".to_owned(),
            Self::MoreCells(more) => format!("比表头多出 {more} 格：是不是有一格里有分隔符，而没有加引号？"),
            Self::NotAnObject => "不是带列名的对象".to_owned(),
            Self::NotAPoint(kind) => format!("要的是一个点（Point），不是 {kind}"),
            Self::NotTwoNumbers => "一个点是两个数：[经度, 纬度]".to_owned(),
            Self::SaidTwice => "说了两次".to_owned(),
            Self::NotACell => "既不是文字，也不是数".to_owned(),
        }
    }
}

fn every_facility() -> impl Iterator<Item = Facility> {
    Facility::ALL.into_iter().chain([Facility::Other])
}

/// The facilities there are: code and Chinese word.
fn facilities() -> String {
    let known = every_facility().map(|facility| format!("{} {}", facility.code(), words::facility(Lang::Zh, facility)));
    known.collect::<Vec<_>>().join(", ")
}

/// What somebody should know of a row that is taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    OutsideChina,
    /// Hours that are kept as words, and why they are no rule where there is more to say than that.
    HoursAreWords {
        hours: String,
        why: Option<HoursError>,
    },
}

impl Note {
    /// As people who speak this language are told; in one line.
    pub fn in_words(&self, lang: Lang) -> String {
        match (self, lang) {
            (Self::OutsideChina, Lang::En) => "lies outside China".to_owned(),
            (Self::OutsideChina, Lang::Zh) => "不在中国".to_owned(),
            (Self::HoursAreWords { hours, why }, Lang::En) => {
                let why = why.as_ref().map(|why| format!(" ({why})")).unwrap_or_default();
                format!("hours not understood{why}, kept as words: {}", hours.replace('\n', " "))
            }
            // What the reader of rules says is of no use to somebody who writes Chinese.
            (Self::HoursAreWords { hours, .. }, Lang::Zh) => {
                format!("开放时间看不懂，按原话保留：{}", hours.replace('\n', " "))
            }
        }
    }
}

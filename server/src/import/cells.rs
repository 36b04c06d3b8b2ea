//! What stands in a cell, read into what a station keeps.

use waypost_app::domain::geo::{Bd09, Gcj02, Wgs84};
use waypost_app::domain::station::{EntranceStep, Facility};
use waypost_app::local::prefs::Lang;
use waypost_app::text::words;

use super::reason::Reason;

/// Longest text in a cell, in characters.
const MAX_TEXT: usize = 2000;
/// Longest name, in characters.
pub(crate) const MAX_NAME: usize = 100;
/// Longest name in URLs, in bytes.
pub(crate) const MAX_SLUG: usize = 64;
/// Most steps on the way in.
const MAX_STEPS: usize = 20;
/// Longest way in, in characters.
const MAX_ENTRANCE: usize = 10_000;

/// Full-width letters, digits and signs as their plain forms, and the ideographic space as a space.
pub(crate) fn half_width(text: &str) -> String {
    text.chars()
        .map(|letter| match letter {
            '\u{3000}' => ' ',
            '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(letter) - 0xFEE0).unwrap_or(letter),
            letter => letter,
        })
        .collect()
}

/// Plain words, as they are.
pub(crate) fn text(cell: &str) -> Result<String, Reason> {
    plain(cell, MAX_TEXT)
}

fn plain(cell: &str, most: usize) -> Result<String, Reason> {
    let cell = cell.trim();
    let length = cell.chars().count();
    if length > most {
        return Err(Reason::TooLong { length, most });
    }
    match cell.chars().find(|letter| letter.is_control() && !matches!(letter, '\n' | '\t')) {
        Some(letter) => Err(Reason::Unshowable(letter)),
        None => Ok(cell.to_owned()),
    }
}

/// A name: words in one line, and never none.
pub(crate) fn name(cell: &str) -> Result<String, Reason> {
    let name = text(cell)?.split_whitespace().collect::<Vec<_>>().join(" ");
    let length = name.chars().count();
    match length {
        0 => Err(Reason::Empty),
        1..=MAX_NAME => Ok(name),
        _ => Err(Reason::TooLong { length, most: MAX_NAME }),
    }
}

/// A telephone number, as it is written.
pub(crate) fn phone(cell: &str) -> Result<String, Reason> {
    let phone = text(cell)?;
    // Excel's way with long numbers; the digits are lost.
    let shortened = half_width(&phone).to_ascii_uppercase();
    let shortened = shortened.split_once("E+").is_some_and(|(digits, power)| {
        !digits.is_empty()
            && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
            && power.bytes().all(|byte| byte.is_ascii_digit())
    });
    if shortened {
        return Err(Reason::Shortened(phone));
    }
    Ok(phone)
}

/// A name in URLs, given: small letters, digits, `-` and `_`.
pub(crate) fn slug(cell: &str) -> Result<String, Reason> {
    let slug = half_width(cell.trim()).to_ascii_lowercase();
    let allowed =
        slug.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_'));
    if !allowed || !slug.starts_with(|first: char| first.is_ascii_alphanumeric()) {
        return Err(Reason::NotASlug(cell.to_owned()));
    }
    if slug.len() > MAX_SLUG {
        return Err(Reason::TooLong { length: slug.len(), most: MAX_SLUG });
    }
    Ok(slug)
}

/// In which of the three systems coordinates are given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Datum {
    /// GPS.
    #[default]
    Wgs84,
    /// Amap and Tencent.
    Gcj02,
    /// Baidu.
    Bd09,
}

impl Datum {
    /// The datum some words mean.
    pub(crate) fn from_words(words: &str) -> Option<Self> {
        let words = half_width(words).to_lowercase().replace([' ', '-', '_', ':'], "");
        Some(match words.as_str() {
            "wgs84" | "epsg4326" | "4326" | "gps" => Self::Wgs84,
            "gcj02" | "gcj2" | "高德" | "腾讯" | "火星" | "火星坐标" | "amap" | "国测局" => Self::Gcj02,
            "bd09" | "bd09ll" | "bd9" | "百度" | "baidu" => Self::Bd09,
            _ => return None,
        })
    }
}

/// The datum a cell names; WGS-84 if it is empty.
pub(crate) fn datum(cell: &str) -> Result<Datum, Reason> {
    if cell.trim().is_empty() {
        return Ok(Datum::default());
    }
    Datum::from_words(cell).ok_or_else(|| Reason::UnknownDatum(cell.to_owned()))
}

/// Decimal degrees. A comma may stand for the point, as spreadsheets in half of Europe write it.
pub(crate) fn degrees(cell: &str) -> Result<f64, Reason> {
    let plain = half_width(cell);
    let plain = plain.trim().trim_end_matches('°');
    let plain = if plain.contains('.') { plain.to_owned() } else { plain.replacen(',', ".", 1) };
    match plain.parse::<f64>() {
        Ok(degrees) if degrees.is_finite() => Ok(degrees),
        _ => Err(Reason::NotDegrees(cell.to_owned())),
    }
}

/// Where coordinates lie, in WGS-84.
pub(crate) fn place(lat: f64, lng: f64, datum: Datum) -> Result<Wgs84, Reason> {
    // China lies between 73° and 135° east and south of 54° north, so there each number tells which one it is.
    let swapped = in_china(lng, lat) && !in_china(lat, lng);
    if swapped {
        return Err(Reason::Swapped { lat: lat.to_string(), lng: lng.to_string() });
    }
    let given =
        Wgs84::new(lat, lng).ok_or_else(|| Reason::OutOfRange { lat: lat.to_string(), lng: lng.to_string() })?;
    if lat == 0.0 && lng == 0.0 {
        return Err(Reason::Zero);
    }
    if datum == Datum::Wgs84 {
        return Ok(given);
    }
    let place = match datum {
        Datum::Wgs84 => given,
        Datum::Gcj02 => Gcj02 { lat, lng }.to_wgs84(),
        Datum::Bd09 => Bd09 { lat, lng }.to_wgs84(),
    };
    if !given.in_shifted_area() || !place.in_shifted_area() {
        return Err(Reason::Unshifted { lat: lat.to_string(), lng: lng.to_string() });
    }
    // A hundredth of a metre: finer than any map that was converted from.
    Ok(Wgs84 { lat: (place.lat * 1e7).round() / 1e7, lng: (place.lng * 1e7).round() / 1e7 })
}

/// Roughly: the smallest box around China's land.
pub(crate) fn in_china(lat: f64, lng: f64) -> bool {
    (18.0..=54.0).contains(&lat) && (73.0..=135.5).contains(&lng)
}

/// What people call facilities besides the words on the screens.
const FACILITY_WORDS: [(&str, Facility); 29] = [
    ("手机充电", Facility::Charging),
    ("电动车充电", Facility::Charging),
    ("快充", Facility::Charging),
    ("充电桩", Facility::Charging),
    ("充电柜", Facility::Charging),
    ("喝水", Facility::Water),
    ("热水", Facility::Water),
    ("饮用水", Facility::Water),
    ("饮水机", Facility::Water),
    ("就餐", Facility::Meals),
    ("吃饭", Facility::Meals),
    ("食堂", Facility::Meals),
    ("剪发", Facility::Haircut),
    ("厕所", Facility::Toilet),
    ("洗手间", Facility::Toilet),
    ("公厕", Facility::Toilet),
    ("寄存", Facility::OrderHolding),
    ("法律咨询", Facility::LegalAid),
    ("法律服务", Facility::LegalAid),
    ("歇脚", Facility::Rest),
    ("休息区", Facility::Rest),
    ("微波炉", Facility::Microwave),
    ("加热", Facility::Microwave),
    ("热饭菜", Facility::Microwave),
    ("喝茶", Facility::Tea),
    ("四点半课堂", Facility::Classes),
    ("零工市场", Facility::Jobs),
    ("招聘", Facility::Jobs),
    ("公寓", Facility::Lodging),
];

/// The facilities in a cell, by code or by their words, each once.
pub(crate) fn facilities(cell: &str) -> Result<Vec<Facility>, Reason> {
    let mut found = Vec::new();
    let mut unknown = Vec::new();
    for word in cell.split([';', '；', '、', ',', '，', '\n']).map(str::trim).filter(|word| !word.is_empty()) {
        match facility(word) {
            Some(facility) if found.contains(&facility) => {}
            Some(facility) => found.push(facility),
            None => unknown.push(word.to_owned()),
        }
    }
    if unknown.is_empty() { Ok(found) } else { Err(Reason::UnknownFacilities(unknown)) }
}

fn facility(word: &str) -> Option<Facility> {
    let plain = half_width(word).to_lowercase();
    let code = plain.replace([' ', '-'], "_");
    Facility::ALL
        .into_iter()
        .chain([Facility::Other])
        .find(|facility| facility.code() == code || words::facility(Lang::Zh, *facility) == plain)
        .or_else(|| FACILITY_WORDS.into_iter().find(|(said, _)| *said == plain).map(|(_, facility)| facility))
}

/// Facilities as one cell.
pub(crate) fn facilities_cell(facilities: &[Facility]) -> String {
    facilities.iter().map(|facility| facility.code()).collect::<Vec<_>>().join(";")
}

/// Between a step in Chinese and its English.
const STEP_ENGLISH: &str = " | ";

/// Steps on the way in: a line each, its English after ` | `, or as JSON. Without their photos, which are in no file.
pub(crate) fn entrance(cell: &str) -> Result<Vec<EntranceStep>, Reason> {
    let cell = plain(cell, MAX_ENTRANCE)?;
    let mut steps: Vec<EntranceStep> = if cell.starts_with("[{") {
        serde_json::from_str(&cell).map_err(|error| Reason::NotJson(error.to_string()))?
    } else {
        steps(&cell)
    };
    if steps.len() > MAX_STEPS {
        return Err(Reason::TooManySteps { count: steps.len(), most: MAX_STEPS });
    }
    for step in &mut steps {
        step.photo = None;
    }
    Ok(steps)
}

fn steps(cell: &str) -> Vec<EntranceStep> {
    cell.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(|line| {
            let (text, text_en) = line.split_once(STEP_ENGLISH).unwrap_or((line, ""));
            EntranceStep { text: text.trim().to_owned(), text_en: text_en.trim().to_owned(), photo: None }
        })
        .collect()
}

/// Steps as one cell: lines where they read back the same, else JSON.
pub(crate) fn entrance_cell(entrance: &[EntranceStep]) -> serde_json::Result<String> {
    let entrance: Vec<EntranceStep> =
        entrance.iter().map(|step| EntranceStep { photo: None, ..step.clone() }).collect();
    let line = |step: &EntranceStep| match step.text_en.as_str() {
        "" => step.text.clone(),
        english => format!("{}{STEP_ENGLISH}{english}", step.text),
    };
    let lines = entrance.iter().map(line).collect::<Vec<_>>().join("\n");
    if steps(&lines) == entrance && !lines.starts_with("[{") { Ok(lines) } else { serde_json::to_string(&entrance) }
}

#[cfg(test)]
mod tests;

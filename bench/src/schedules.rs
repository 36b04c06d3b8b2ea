//! The hours of a large district: rules made into intervals, and the snapshot that carries them.

use std::path::Path;
use std::time::Instant;

use anyhow::Context;
use serde_json::json;
use waypost_app::domain::ids::ScheduleId;
use waypost_app::domain::station::{Facility, Station};
use waypost_app::domain::time::CHINA;
use waypost_server::clock::Clock;
use waypost_server::schedule;
use waypost_server::schedule::calendar::Calendar;
use waypost_server::site::Encoding;
use waypost_server::snapshots::{Snapshots, found};
use waypost_server::store::{Database, Store, district};

use crate::Setting;
use crate::table::{Table, kilobytes, median, milliseconds};

const STATIONS: usize = 2000;
const SCHEDULES: usize = 50;
const ROUNDS: usize = 21;

pub(crate) async fn measure(setting: &Setting, table: &mut Table) -> anyhow::Result<()> {
    let data = setting.fresh("schedules")?;
    let calendar = Calendar::china()?;
    let clock = Clock::default();
    let rules = rules();

    let horizon = schedule::horizon(clock.minute());
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let began = Instant::now();
        for rule in &rules {
            schedule::evaluate(rule, &calendar, horizon).with_context(|| rule.clone())?;
        }
        rounds.push(began.elapsed().as_secs_f64());
    }
    table.figure(
        format!("{SCHEDULES} rules read and evaluated for {} days", schedule::HORIZON_DAYS),
        milliseconds(median(rounds)),
    );

    let store = fill(&data, &clock, &calendar, rules).await?;
    let mut cold = Vec::new();
    let mut kept = Vec::new();
    let mut sizes = (0, 0);
    for _ in 0..ROUNDS {
        // A service of its own has nothing in memory.
        let snapshots = Snapshots::new(store.clone(), clock.clone(), calendar.clone());
        let began = Instant::now();
        let view = snapshots.view().await?;
        cold.push(began.elapsed().as_secs_f64());
        let began = Instant::now();
        snapshots.view().await?;
        kept.push(began.elapsed().as_secs_f64());
        let all = view.encoded_since(0)?;
        sizes = (all.body(Encoding::Gzip).await?.len() as u64, all.body(Encoding::Identity).await?.len() as u64);
    }
    let what = format!("snapshot of {STATIONS} stations with {SCHEDULES} schedules");
    table.figure(format!("{what}: read, evaluated, serialised"), milliseconds(median(cold)));
    table.figure(format!("{what}: asked again"), milliseconds(median(kept)));
    table.figure(format!("{what}: gzip (plain)"), format!("{} ({})", kilobytes(sizes.0), kilobytes(sizes.1)));
    store.close().await;
    Ok(())
}

/// So many rules as stations keep them, no two alike: shops, offices that follow the calendar, nights, markets.
fn rules() -> Vec<String> {
    let rule = |at: usize| {
        let (open, close) = (6 + at / 7 % 5, 17 + at % 6);
        match at % 7 {
            0 => format!("Mo-Su {open:02}:00-{close}:30"),
            1 => format!("Mo-Fr {open:02}:00-{close}:00; SH {open:02}:00-{close}:00; PH off"),
            2 => format!("Mo-Fr {open:02}:30-12:00,13:00-{close}:30; PH off"),
            3 => format!("Mo-Su {close}:00-{open:02}:00"),
            4 => format!("Mo-Sa {open:02}:15-{close}:00; Su 10:00-16:00"),
            5 => format!("Nov-Mar {open:02}:00-{close}:00; Apr-Oct {open:02}:00-{close}:45"),
            _ => format!("Sa[2] {open:02}:00-11:00; We {close}:00-{}:30", close + 1),
        }
    };
    (0..SCHEDULES).map(rule).collect()
}

async fn fill(data: &Path, clock: &Clock, calendar: &Calendar, rules: Vec<String>) -> anyhow::Result<Store> {
    let store = Store::open(&Database::in_dir(data)).await?;
    found(&store, CHINA.day(clock.minute()), calendar, None).await?;
    let ids: Vec<_> = rules.iter().map(|rule| schedule::schedule_id(rule)).collect();
    let stations = (0..STATIONS).map(|at| station(at, ids.get(at % SCHEDULES))).collect::<Result<Vec<_>, _>>()?;
    let filled = store.write(move |conn| {
        Box::pin(async move {
            let mut change = district::Change::begin(conn).await?;
            for rule in &rules {
                change.rule(rule).await?;
            }
            for station in &stations {
                change.station(station).await?;
            }
            Ok(())
        })
    });
    filled.await?;
    Ok(store)
}

/// A station such as an import brings: short texts, each its own, so that compressing them is not too easy.
fn station(at: usize, schedule: Option<&ScheduleId>) -> serde_json::Result<Station> {
    const PLACES: [&str; 24] = [
        "小河",
        "拱宸桥",
        "大关",
        "上塘",
        "康桥",
        "半山",
        "祥符",
        "和睦",
        "米市巷",
        "湖墅",
        "天水",
        "武林",
        "长庆",
        "潮鸣",
        "朝晖",
        "文晖",
        "东新",
        "石桥",
        "华丰",
        "沈塘",
        "善贤",
        "皋亭",
        "丰潭",
        "莫干山",
    ];
    const KINDS: [&str; 8] = ["驿站", "爱心驿站", "小哥之家", "暖新驿站", "工会驿站", "社区服务点", "加油站", "警务站"];
    const MARKS: [&str; 12] =
        ["地铁口", "菜场", "卫生院", "小学", "公交站", "停车场", "银行", "桥头", "公园", "邮局", "药店", "商场"];
    // A generator with a long period: the same district each time, with nothing in it that repeats.
    let mut state = at as u64 + 1;
    let mut roll = |sides: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % sides.max(1)
    };
    let pick = |list: &[&'static str], at: usize| list.get(at).copied().unwrap_or_default();
    let (place, kind) = (pick(&PLACES, roll(PLACES.len())), pick(&KINDS, roll(KINDS.len())));
    let (mark, side) = (pick(&MARKS, roll(MARKS.len())), pick(&["东", "南", "西", "北"], roll(4)));
    let facilities: Vec<_> = Facility::ALL.into_iter().filter(|_| roll(3) == 0).map(Facility::code).collect();
    let station = json!({
        "id": format!("st-{at}"),
        "slug": format!("{:x}-{at}", roll(0xff_ffff)),
        "name": format!("{place}{kind}{}", roll(900) + 100),
        "address": format!("{place}街道{}路 {} 号{}幢", pick(&PLACES, roll(PLACES.len())), roll(800) + 1, roll(30) + 1),
        "landmark": format!("{mark}{side}侧 {} 米", roll(40) * 5 + 5),
        "district": format!("{place}街道"),
        "phone": format!("0571-{:08}", 80_000_000 + roll(9_999_999)),
        "lat": 30.26 + roll(110_000) as f64 / 1e6,
        "lng": 120.08 + roll(120_000) as f64 / 1e6,
        "facilities": facilities,
        "schedule": schedule,
    });
    serde_json::from_value(station)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_two_rules_are_alike_and_all_are_understood() {
        let rules = rules();
        assert_eq!(rules.iter().collect::<HashSet<_>>().len(), SCHEDULES);
        let calendar = Calendar::china().expect("a calendar");
        let horizon = schedule::horizon(Clock::default().minute());
        for rule in &rules {
            schedule::evaluate(rule, &calendar, horizon).unwrap_or_else(|error| panic!("{rule}: {error}"));
        }
    }

    #[test]
    fn stations_are_whole_and_differ() {
        let all: HashSet<_> =
            (0..STATIONS).map(|at| station(at, None).expect("a station")).map(|it| (it.name, it.address)).collect();
        assert!(all.len() > STATIONS * 99 / 100, "{}", all.len());
    }
}

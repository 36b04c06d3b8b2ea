//! A text as a row of phrases, each understood by itself. What is no phrase ends the reading.

use super::cursor::{Cursor, LIST};
use super::days::{self, Days};
use super::seasons::{self, Season};
use super::spans::Span;
use super::times;

/// What stands before a phrase, from the weakest to the strongest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Gap {
    /// Nothing, spaces or a colon.
    #[default]
    None,
    /// `、`, `/`, `和`
    List,
    /// `，`
    Comma,
    /// `；`, `。`, a new line
    Stop,
}

#[derive(Clone, Debug)]
pub(super) enum Phrase {
    Season(Season),
    Days(Days),
    Span(Span),
    /// 休息, 闭馆
    Closed,
    /// 除外, of the days before it
    Except,
    /// `除…外`
    ExceptDays(Vec<Days>),
    /// 含节假日
    Includes(Vec<Days>),
    /// 照常开放, of the days before it
    AsUsual,
    /// 不休息, of the days before it, or 全年无休
    NeverRests,
    /// 午休12:00-13:00
    Pause(Span),
    /// 中午不休息
    NoPause,
    Open,
    Close,
}

/// Every phrase of a normalised text with the gap before it, or nothing if any word is not understood.
pub(super) fn phrases(text: &str) -> Option<Vec<(Gap, Phrase)>> {
    let mut cursor = Cursor::new(text);
    let mut phrases: Vec<(Gap, Phrase)> = Vec::new();
    let mut gap = Gap::Stop;
    loop {
        cursor.spaces();
        if cursor.is_empty() {
            return Some(phrases);
        }
        if let Some(next) = read_gap(&mut cursor) {
            gap = gap.max(next);
            continue;
        }
        let before = phrases.last().map(|(_, phrase)| phrase);
        // 开放时间 may introduce times, but 休息时间 must not become 休息 and 时间.
        let introduces =
            matches!(before, None | Some(Phrase::Days(_) | Phrase::Season(_) | Phrase::Open | Phrase::Close));
        if (introduces || gap >= Gap::Comma) && label(&mut cursor) {
            continue;
        }
        if let Some(phrase) = phrase(&mut cursor) {
            phrases.push((gap, phrase));
            gap = Gap::None;
            continue;
        }
        filler(&mut cursor)?;
    }
}

fn read_gap(cursor: &mut Cursor<'_>) -> Option<Gap> {
    if cursor.eat_any(&["以及", "、", "/", "|", "和", "及", "与", "&", "+"]) {
        return Some(Gap::List);
    }
    if cursor.eat(",") {
        return Some(Gap::Comma);
    }
    if cursor.eat(":") {
        return Some(Gap::None);
    }
    if cursor.eat(";") {
        return Some(Gap::Stop);
    }
    // A full stop ends a text; elsewhere it is part of a number.
    cursor.attempt(|ahead| (ahead.eat(".") && ahead.is_empty()).then_some(Gap::Stop))
}

/// `开放时间：`
fn label(cursor: &mut Cursor<'_>) -> bool {
    cursor
        .attempt(|ahead| {
            ahead.eat("对外");
            ahead.eat_any(&[
                "开放", "营业", "服务", "办公", "工作", "上班", "接待", "开门", "开馆", "办理", "办事", "受理", "活动",
                "运营", "作息",
            ]);
            ahead.eat_any(&["时间", "时段"]).then_some(())?;
            ahead.eat_any(&["为", "是"]);
            Some(())
        })
        .is_some()
}

fn phrase(cursor: &mut Cursor<'_>) -> Option<Phrase> {
    if cursor.eat("(") {
        return Some(Phrase::Open);
    }
    if cursor.eat(")") {
        return Some(Phrase::Close);
    }
    cursor
        .attempt(except_days)
        .or_else(|| cursor.attempt(includes))
        .or_else(|| cursor.attempt(pause))
        .or_else(|| cursor.attempt(closed))
        .or_else(|| cursor.attempt(as_usual))
        .or_else(|| seasons::season(cursor).map(Phrase::Season))
        .or_else(|| days::days(cursor).map(Phrase::Days))
        .or_else(|| times::span(cursor).map(Phrase::Span))
}

/// `除周一外`, `除法定节假日以外`
fn except_days(cursor: &mut Cursor<'_>) -> Option<Phrase> {
    cursor.eat("除").then_some(())?;
    cursor.eat("了");
    let mut found = vec![days::days(cursor)?];
    loop {
        cursor.spaces();
        cursor.eat_any(&["闭馆", "休息"]);
        if cursor.eat_any(&["以外", "之外", "外"]) {
            return Some(Phrase::ExceptDays(found));
        }
        cursor.eat_any(&LIST);
        found.push(days::days(cursor)?);
    }
}

/// `含节假日`, `包括周末和法定节假日`
fn includes(cursor: &mut Cursor<'_>) -> Option<Phrase> {
    cursor.eat_any(&["包含", "包括", "含"]).then_some(())?;
    let mut found = vec![days::days(cursor)?];
    while let Some(more) = cursor.attempt(|ahead| {
        ahead.spaces();
        ahead.eat_any(&LIST);
        days::days(ahead)
    }) {
        found.push(more);
    }
    Some(Phrase::Includes(found))
}

/// `午休12:00-13:00`, `12:00-13:00午休`, `中午不休息`
fn pause(cursor: &mut Cursor<'_>) -> Option<Phrase> {
    if cursor.eat_any(&["中午不休息", "午间不休息", "中午不休", "午间不休", "中午无休", "午间无休", "不午休", "无午休"])
    {
        return Some(Phrase::NoPause);
    }
    if cursor.eat_any(&["中午休息", "午间休息", "午休"]) {
        cursor.eat("时间");
        while cursor.one_of(|next| matches!(next, ' ' | ':')).is_some() {}
        return times::span(cursor).filter(|span| *span != Span::WHOLE_DAY).map(Phrase::Pause);
    }
    cursor.eat("其中");
    let span = times::span(cursor).filter(|span| *span != Span::WHOLE_DAY)?;
    cursor.spaces();
    cursor.eat_any(&["午间休息", "中午休息", "午休", "休息"]).then_some(Phrase::Pause(span))
}

fn closed(cursor: &mut Cursor<'_>) -> Option<Phrase> {
    cursor.eat("全天");
    cursor
        .eat_any(&[
            "不对外开放",
            "不开放",
            "不营业",
            "不上班",
            "不办公",
            "不开门",
            "闭馆",
            "闭店",
            "休息",
            "休馆",
            "公休",
            "店休",
            "停业",
            "歇业",
            "关门",
            "关闭",
            "打烊",
            "放假",
            "休",
        ])
        .then_some(Phrase::Closed)
}

fn as_usual(cursor: &mut Cursor<'_>) -> Option<Phrase> {
    if cursor.eat_any(&["除外", "例外"]) {
        return Some(Phrase::Except);
    }
    if cursor.eat_any(&["全年无休", "全年不休", "年中无休", "全年365天", "365天", "全年不打烊"]) {
        return Some(Phrase::NeverRests);
    }
    cursor.eat_any(&["也都", "也", "均", "都"]);
    let phrase = if cursor.eat_any(&["不休息", "不休", "无休", "不放假", "不打烊", "不闭馆"]) {
        Phrase::NeverRests
    } else {
        cursor.eat_any(&["照常", "正常"]).then_some(())?;
        cursor.eat_any(&["开放", "营业", "服务", "上班", "办公", "开门"]);
        Phrase::AsUsual
    };
    // 周六正常上班 9:00-12:00 says when, so it is not about the usual.
    let mut ahead = *cursor;
    while ahead.one_of(|next| matches!(next, ' ' | ':' | '(')).is_some() {}
    if times::span(&mut ahead).is_some() { None } else { Some(phrase) }
}

/// Words that change nothing in what the phrases around them say.
fn filler(cursor: &mut Cursor<'_>) -> Option<()> {
    cursor
        .eat_any(&[
            "免费开放",
            "对外开放",
            "开放",
            "营业",
            "开门",
            "提供服务",
            "服务",
            "办公",
            "上班",
            "接待",
            "正常",
            "照常",
            "均",
            "都",
            "也",
            "仅限",
            "仅",
            "只限",
            "为",
            "是",
            "的",
            "国家",
            "止",
            "全年",
        ])
        .then_some(())
}

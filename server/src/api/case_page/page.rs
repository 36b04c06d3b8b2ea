//! The page of one case, and what is said where there is none.

use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use chrono::DateTime;
use uuid::Uuid;
use waypost_app::domain::case::{MAX_NOTE, Step};
use waypost_app::domain::geo::Wgs84;
use waypost_app::domain::handoff::MapApp;
use waypost_app::domain::ids::UnitId;
use waypost_app::domain::report::{MAX_PHOTOS, ReportState};
use waypost_app::local::prefs::Lang;
use waypost_app::text::text;
use waypost_app::wire::staff::cases::{By, CaseEvent, CaseView};

use super::{Link, url};
use crate::api::form::refusal;
use crate::clock::rfc3339;
use crate::shell::{Document, Door, Scripts, Visitor, escape};
use crate::site::Site;

fn say<'a>(lang: Lang, zh: &'a str, en: &'a str) -> &'a str {
    match lang {
        Lang::Zh => zh,
        Lang::En => en,
    }
}

/// The case, and what may be said of it now.
pub(super) fn case(case: &CaseView, link: &Link, visitor: Visitor, site: &Site) -> Response {
    let lang = visitor.lang;
    let here = url("", &link.token);
    let category = (text(lang).report.category_name)(case.row.category);
    let title = format!("{category} · {}", case.row.code);
    let body = [
        format!("<header class=\"page-head\"><h1 class=\"page-title\">{}</h1></header>", escape(&title)),
        format!("<div class=\"stack\">{}", what(case, &here, lang)),
        said(case, link.unit, &here, lang),
        forms(case, &here, lang),
        format!("<p class=\"small muted\">{}</p></div>", private(lang)),
    ];
    page(StatusCode::OK, visitor, site, &title, &body.concat())
}

fn private(lang: Lang) -> &'static str {
    say(
        lang,
        "这个网址只给负责维修的单位，请不要转发。派给别的单位或到期后就打不开了。",
        "This address is for the unit that repairs; please do not pass it on. It ends when the case is another's, or in time.",
    )
}

/// What is broken, where, and until when.
fn what(case: &CaseView, here: &str, lang: Lang) -> String {
    let row = &case.row;
    let fact = |name: &str, value: &str| {
        if value.is_empty() {
            return String::new();
        }
        format!("<div><dt>{name}</dt><dd>{}</dd></div>", escape(value))
    };
    let due = row.due_at.as_deref().map(moment).unwrap_or_default();
    let due = if row.overdue { format!("{due} {}", say(lang, "（已超期）", "(overdue)")) } else { due };
    let place = Wgs84 { lat: row.lat, lng: row.lng };
    let exact = match case.accuracy_m {
        Some(metres) => format!("{:.6}, {:.6} (±{metres:.0} m)", row.lat, row.lng),
        None => format!("{:.6}, {:.6}", row.lat, row.lng),
    };
    let facts = [
        fact(say(lang, "状态", "State"), (text(lang).mine.state)(row.state)),
        fact(say(lang, "期限", "Due"), &due),
        fact(say(lang, "说明", "What is wrong"), &row.description),
        fact(say(lang, "地标", "Landmark"), &row.landmark),
        fact(say(lang, "位置（WGS-84）", "Place (WGS-84)"), &exact),
        fact(say(lang, "拍摄时间", "Seen"), &moment(&case.captured_at)),
    ];
    let name = if row.landmark.is_empty() { &row.code } else { &row.landmark };
    let words = &text(lang).common;
    let maps = MapApp::ALL.map(|app| {
        let (class, word) = match app {
            MapApp::Amap => ("btn btn-primary", words.amap),
            MapApp::Baidu => ("btn", words.baidu),
            MapApp::Tencent => ("btn", words.tencent),
            MapApp::Any => ("btn", words.any_map),
        };
        format!(
            "<a class=\"{class}\" href=\"{}\" rel=\"external noreferrer\">{word}</a>",
            escape(&app.link(place, name))
        )
    });
    format!(
        "<section class=\"card stack\"><dl class=\"facts\">{}</dl><div class=\"btns\">{}</div>{}</section>",
        facts.concat(),
        maps.concat(),
        pictures(&case.photos, here, lang)
    )
}

/// Small pictures that lead to the large ones.
fn pictures(photos: &[String], here: &str, lang: Lang) -> String {
    if photos.is_empty() {
        return String::new();
    }
    let picture = |(nth, photo): (usize, &String)| {
        // A hash: nothing to escape.
        let alt = (text(lang).report.photo_alt)(nth + 1);
        format!(
            "<li><a href=\"{here}/photos/{photo}\"><span class=\"thumb\">\
             <img src=\"{here}/photos/{photo}?size=thumb\" alt=\"{}\" loading=\"lazy\"></span></a></li>",
            escape(&alt)
        )
    };
    format!("<ul class=\"thumbs\">{}</ul>", photos.iter().enumerate().map(picture).collect::<String>())
}

/// That another report is no longer followed through this one changes nothing here.
fn is_about_another(event: &CaseEvent) -> bool {
    event.step == Some(Step::Separate)
}

/// What was done and said, the latest last. What staff say among themselves is for the unit from when it got the case.
fn said(case: &CaseView, unit: UnitId, here: &str, lang: Lang) -> String {
    let given = case.events.iter().rposition(|event| event.unit == Some(unit)).unwrap_or(case.events.len());
    let entry = |(nth, event): (usize, &CaseEvent)| {
        let internal = if nth >= given { event.note_internal.as_str() } else { "" };
        let who = match event.by {
            By::Reporter => say(lang, "上报人", "Reporter"),
            By::Staff { .. } | By::Unknown => say(lang, "工作人员", "Staff"),
            By::Link { .. } => say(lang, "维修单位", "The unit"),
        };
        let notes = [event.note_public.as_str(), internal].map(|note| {
            if note.is_empty() { String::new() } else { format!("<p class=\"note\">{}</p>", escape(note)) }
        });
        format!(
            "<li><strong>{}</strong><span class=\"muted\">{who} · {}</span>{}{}</li>",
            (text(lang).mine.state)(event.state),
            escape(&moment(&event.at)),
            notes.concat(),
            pictures(&event.photos, here, lang)
        )
    };
    format!(
        "<section class=\"card stack\"><h2>{}</h2><ol class=\"timeline\">{}</ol></section>",
        say(lang, "进展", "So far"),
        case.events.iter().enumerate().filter(|(_, event)| !is_about_another(event)).map(entry).collect::<String>()
    )
}

/// What may be said now. Each form has an id of its own, so that sending it twice says it once.
fn forms(case: &CaseView, here: &str, lang: Lang) -> String {
    let note = |required: &str| {
        format!(
            "<div class=\"field\"><label for=\"note-{required}\">{}</label>\
             <textarea id=\"note-{required}\" name=\"note\" rows=\"3\" maxlength=\"{MAX_NOTE}\"></textarea></div>",
            say(lang, "说明（上报人和所有人都能看到）", "In words (the reporter and everybody sees them)")
        )
    };
    let photos = format!(
        "<div class=\"field\"><label for=\"photo\">{}</label><input id=\"photo\" type=\"file\" name=\"photo\" \
         accept=\"image/jpeg,image/png,image/webp\" multiple><p class=\"small muted\">{}</p></div>",
        say(lang, "修好后的照片", "Photos of the repair"),
        (text(lang).report.photos_hint)(MAX_PHOTOS)
    );
    let form = |step: Step| {
        let (title, fields, button) = match step {
            Step::Start => (say(lang, "开始处理", "Begin"), note("start"), say(lang, "已开工", "Work has begun")),
            _ => (
                say(lang, "报告修好", "Report the repair"),
                format!("{photos}{}", note("fix")),
                say(lang, "已修好", "It is repaired"),
            ),
        };
        format!(
            "<form class=\"card stack\" method=\"post\" action=\"{here}\" enctype=\"multipart/form-data\"><h2>{title}</h2>\
             <input type=\"hidden\" name=\"event_id\" value=\"{}\"><input type=\"hidden\" name=\"step\" value=\"{}\">\
             {fields}<button class=\"btn btn-primary\" type=\"submit\">{button}</button></form>",
            Uuid::now_v7(),
            step.code()
        )
    };
    if case.steps.is_empty() {
        let words = if case.row.state == ReportState::Reopened {
            say(
                lang,
                "上报人说还没修好。请等社区工作人员联系。",
                "The reporter says that it is not repaired. Please wait until the community's staff get in touch.",
            )
        } else {
            say(lang, "现在没有要做的，谢谢！", "There is nothing to do now, thank you!")
        };
        return format!("<p class=\"notice\">{words}</p>");
    }
    case.steps.iter().copied().map(form).collect()
}

/// `2026-12-01T10:00:00Z` as people here write it: `2026-12-01 18:00`. Phones may be set to any time zone.
fn moment(text: &str) -> String {
    let here = DateTime::parse_from_rfc3339(text).map_or_else(|_| text.to_owned(), |at| rfc3339(at.to_utc()));
    here.get(..16).unwrap_or(&here).replace('T', " ")
}

/// 404, the same for every address that is no link that works.
pub(super) fn gone(visitor: Visitor, site: &Site) -> Response {
    let lang = visitor.lang;
    let title = say(lang, "打不开这个链接", "This link does not open");
    let words = say(
        lang,
        "链接不完整、已到期、已撤销，或者这件事已派给别的单位。请向社区工作人员要一个新的链接。",
        "It is incomplete, too old or ended, or the case is another unit's by now. Please ask the community's staff for a new one.",
    );
    message(StatusCode::NOT_FOUND, visitor, site, title, &[words.to_owned()], "")
}

/// 422 with what is to be mended.
pub(super) fn faults(faults: &[String], back: &str, visitor: Visitor, site: &Site) -> Response {
    let title = say(visitor.lang, "还差一点", "Almost there");
    message(StatusCode::UNPROCESSABLE_ENTITY, visitor, site, title, faults, &again(back, visitor.lang))
}

/// 409: somebody has done it already, or has declined it.
pub(super) fn not_now(back: &str, visitor: Visitor, site: &Site) -> Response {
    let lang = visitor.lang;
    let words = say(
        lang,
        "这件事的状态已经变了，没有保存。请看最新的情况。",
        "This case has moved on meanwhile, and nothing was saved. Please look at it again.",
    );
    let title = say(lang, "没有保存", "Not saved");
    message(StatusCode::CONFLICT, visitor, site, title, &[words.to_owned()], &again(back, lang))
}

/// The form as a whole was not taken, or we cannot answer now.
pub(super) fn refused(status: StatusCode, visitor: Visitor, site: &Site) -> Response {
    let words = refusal(status, visitor.lang).to_owned();
    message(status, visitor, site, say(visitor.lang, "没有保存", "Not saved"), &[words], "")
}

fn again(back: &str, lang: Lang) -> String {
    format!("<p><a class=\"btn\" href=\"{back}\">{}</a></p>", say(lang, "回到这件事", "Back to the case"))
}

pub(super) fn too_long(lang: Lang) -> String {
    match lang {
        Lang::Zh => format!("说明超过 {MAX_NOTE} 个字。"),
        Lang::En => format!("The words are longer than {MAX_NOTE} characters."),
    }
}

pub(super) fn no_step(lang: Lang) -> String {
    say(lang, "请选“已开工”或“已修好”。", "Please say whether work has begun or is done.").to_owned()
}

pub(super) fn shows_nothing(lang: Lang) -> String {
    say(lang, "请拍一张修好后的照片，或写一句说明。", "Please add a photo of the repair or a few words.").to_owned()
}

fn message(status: StatusCode, visitor: Visitor, site: &Site, title: &str, items: &[String], below: &str) -> Response {
    let items: Vec<String> = items.iter().map(|item| format!("<li>{}</li>", escape(item))).collect();
    let items = items.concat();
    let body = format!(
        "<header class=\"page-head\"><h1 class=\"page-title\">{}</h1></header>\
         <div class=\"card stack\"><ul class=\"bullets\">{items}</ul>{below}</div>",
        escape(title)
    );
    page(status, visitor, site, title, &body)
}

fn page(status: StatusCode, visitor: Visitor, site: &Site, title: &str, body: &str) -> Response {
    let title = format!("{title} · {}", say(visitor.lang, "驿友", "Waypost"));
    let body = format!("<main>{body}</main>");
    let document = Document {
        visitor,
        title: &title,
        head: "<meta name=\"robots\" content=\"noindex\">",
        body: &body,
        seed: None,
        scripts: Scripts::of(site),
    };
    (status, Html(document.html(Door::Plain))).into_response()
}

#[cfg(test)]
mod tests {
    use super::moment;

    #[test]
    fn a_moment_is_said_in_the_time_of_the_district() {
        for (text, said) in [
            ("2026-12-01T18:00:00+08:00", "2026-12-01 18:00"),
            ("2026-12-01T10:00:00Z", "2026-12-01 18:00"),
            ("2026-12-01T20:30:00.250Z", "2026-12-02 04:30"),
            ("2026-12-01T01:00:00+09:00", "2026-12-01 00:00"),
            ("soon", "soon"),
        ] {
            assert_eq!(moment(text), said, "{text}");
        }
    }
}

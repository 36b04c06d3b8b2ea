//! The answer to a submitted form: the receipt's page, or a small page that says what to mend.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use waypost_app::domain::report::{Fault, FieldFault};
use waypost_app::local::prefs::Lang;

use super::{FormFault, FormOutcome};
use crate::photo::{MAX_BYTES, MAX_PIXELS, PhotoError};
use crate::shell::{Document, Door, Scripts, Visitor, escape};
use crate::site::Site;

fn say<'a>(lang: Lang, zh: &'a str, en: &'a str) -> &'a str {
    match lang {
        Lang::Zh => zh,
        Lang::En => en,
    }
}

/// Receipts are redirected to, so that reloading the page sends nothing twice; everything else is answered in place,
/// because the browser's "back" then still has what was typed.
pub fn answer(outcome: &FormOutcome, visitor: Visitor, site: &Site) -> Response {
    let lang = visitor.lang;
    let page = |status, title: &str, faults: &[String], hint: &str| page(status, visitor, site, title, faults, hint);
    match outcome {
        // Codes are made of digits and capital letters only.
        FormOutcome::Received { code, .. } => Redirect::to(&format!("/report/received?code={code}")).into_response(),
        FormOutcome::Faults(faults) => {
            let faults: Vec<_> = faults.iter().map(|fault| fault_words(fault, lang)).collect();
            let title = say(lang, "还差一点", "Almost there");
            page(StatusCode::UNPROCESSABLE_ENTITY, title, &faults, nothing_saved(lang))
        }
        FormOutcome::AlreadySent => {
            let words = say(
                lang,
                "这张表单已经提交过，内容不同。请打开新的表单再报一次。",
                "This form was already sent, with other content. Please open a new form and report again.",
            );
            page(StatusCode::CONFLICT, say(lang, "已提交过", "Already sent"), &[words.to_owned()], "")
        }
        FormOutcome::Refused(status) => {
            let words = refusal(*status, lang).to_owned();
            page(*status, say(lang, "没有保存", "Not saved"), &[words], nothing_saved(lang))
        }
    }
}

/// Why a form as a whole was not taken.
pub(in crate::api) fn refusal(status: StatusCode, lang: Lang) -> &'static str {
    match status {
        StatusCode::PAYLOAD_TOO_LARGE => say(
            lang,
            "照片加起来太大了，请减少照片或选小一点的。",
            "The photos are too large together. Please send fewer or smaller ones.",
        ),
        StatusCode::INSUFFICIENT_STORAGE => say(
            lang,
            "服务器空间已满，暂时收不下。请稍后再试。",
            "The server has no room left. Please try again later.",
        ),
        status if status.is_server_error() => {
            say(lang, "服务器暂时出了问题，请稍后再试。", "Something broke on our side. Please try again in a moment.")
        }
        _ => say(
            lang,
            "表单没有完整送到，请返回再提交一次。",
            "The form did not arrive whole. Please go back and send it again.",
        ),
    }
}

/// What is to be mended in a form.
pub(in crate::api) fn fault_words(fault: &FormFault, lang: Lang) -> String {
    match fault {
        FormFault::Field(fault) => field_words(fault, lang),
        FormFault::NotANumber(field) => {
            format!("{}{}", field_name(field, lang), say(lang, "不是数字。", " is not a number."))
        }
        FormFault::NoPlace => {
            say(lang, "请选择附近的地标或驿站。", "Please choose a landmark or station nearby.").to_owned()
        }
        FormFault::Photo(nth, fault) => {
            let (megabytes, megapixels) = (MAX_BYTES / 1024 / 1024, MAX_PIXELS / 1_000_000);
            match lang {
                Lang::Zh => {
                    let why = match fault {
                        PhotoError::TooLarge => format!("超过 {megabytes} MB"),
                        PhotoError::NotAPicture => "不是 JPEG、PNG 或 WebP 图片".to_owned(),
                        PhotoError::TooManyPixels => format!("超过 {megapixels} 百万像素，或打开它要用同样多的内存"),
                        // All but the first are answered for the form as a whole.
                        PhotoError::Damaged
                        | PhotoError::Busy
                        | PhotoError::Low
                        | PhotoError::Full
                        | PhotoError::File(_) => "已损坏或不完整，打不开".to_owned(),
                    };
                    format!("第 {nth} 张照片{why}。")
                }
                Lang::En => format!("Photo {nth} {fault}."),
            }
        }
    }
}

fn field_words(FieldFault { field, fault }: &FieldFault, lang: Lang) -> String {
    if *fault == Fault::Missing && *field == "description" {
        return say(lang, "请拍一张照片，或写一句话说明。", "Please add a photo or a few words.").to_owned();
    }
    let name = field_name(field, lang);
    match lang {
        Lang::En => format!("{name} {fault}."),
        Lang::Zh => match fault {
            Fault::Missing => format!("请填写{name}。"),
            Fault::UnknownCode => format!("{name}不在可选范围内。"),
            Fault::OutOfRange => format!("{name}超出范围。"),
            Fault::TooLong(most) => format!("{name}超过 {most} 个字。"),
            Fault::TooMany(most) => format!("{name}最多 {most} 张。"),
            Fault::Repeated => format!("{name}有重复。"),
            Fault::NotATime | Fault::NotAHash | Fault::NotAnId => format!("{name}无法识别。"),
        },
    }
}

fn field_name(field: &str, lang: Lang) -> &'static str {
    match field {
        "category" => say(lang, "类别", "The category"),
        "description" => say(lang, "说明", "The description"),
        "landmark" => say(lang, "地标", "The landmark"),
        "lat" => say(lang, "纬度", "The latitude"),
        "lng" => say(lang, "经度", "The longitude"),
        "photos" => say(lang, "照片", "The list of photos"),
        "captured_at" => say(lang, "时间", "The time"),
        _ => say(lang, "位置", "The position"),
    }
}

fn nothing_saved(lang: Lang) -> &'static str {
    say(
        lang,
        "还没有保存任何内容。用浏览器的“返回”可以回到刚才填写的表单。",
        "Nothing has been saved. Your browser's “back” brings you to the form as you filled it in.",
    )
}

fn page(status: StatusCode, visitor: Visitor, site: &Site, title: &str, faults: &[String], hint: &str) -> Response {
    let items: Vec<String> = faults.iter().map(|fault| format!("<li>{}</li>", escape(fault))).collect();
    let list = items.concat();
    let (heading, hint) = (escape(title), escape(hint));
    let again = say(visitor.lang, "打开新的表单", "Open a new form");
    let body = format!(
        "<main><header class=\"page-head\"><h1 class=\"page-title\">{heading}</h1></header><div class=\"card stack\">\
         <ul class=\"bullets\">{list}</ul><p>{hint}</p><p><a class=\"btn\" href=\"/report\">{again}</a></p></div></main>"
    );
    let title = format!("{title} · {}", say(visitor.lang, "驿友", "Waypost"));
    let document = Document { visitor, title: &title, head: "", body: &body, seed: None, scripts: Scripts::of(site) };
    let mut response = (status, Html(document.html(Door::Plain))).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

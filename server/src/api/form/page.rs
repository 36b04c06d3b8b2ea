//! The answer to a submitted form: the receipt's page, or a small page that says what to mend.

use std::fmt::Write;

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use waypost_app::domain::report::{Fault, FieldFault};

use super::{FormFault, FormOutcome};
use crate::photo::{MAX_BYTES, MAX_PIXELS, PhotoError};

/// The language of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lang {
    Zh,
    En,
}

impl Lang {
    /// From the cookie `lang`; Chinese unless it says `en`.
    pub fn of(headers: &HeaderMap) -> Self {
        let cookies = headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
        let english = cookies.flat_map(|line| line.split(';')).any(|cookie| cookie.trim() == "lang=en");
        if english { Self::En } else { Self::Zh }
    }

    fn say<'a>(self, zh: &'a str, en: &'a str) -> &'a str {
        match self {
            Self::Zh => zh,
            Self::En => en,
        }
    }
}

/// Receipts are redirected to, so that reloading the page sends nothing twice; everything else is answered in place,
/// because the browser's "back" then still has what was typed.
pub fn answer(outcome: &FormOutcome, lang: Lang) -> Response {
    match outcome {
        // Codes are made of digits and capital letters only.
        FormOutcome::Received { code } => Redirect::to(&format!("/report/received?code={code}")).into_response(),
        FormOutcome::Faults(faults) => {
            let faults: Vec<_> = faults.iter().map(|fault| words(fault, lang)).collect();
            let title = lang.say("还差一点", "Almost there");
            page(StatusCode::UNPROCESSABLE_ENTITY, lang, title, &faults, nothing_saved(lang))
        }
        FormOutcome::AlreadySent => {
            let words = lang.say(
                "这张表单已经提交过，内容不同。请打开新的表单再报一次。",
                "This form was already sent, with other content. Please open a new form and report again.",
            );
            page(StatusCode::CONFLICT, lang, lang.say("已提交过", "Already sent"), &[words.to_owned()], "")
        }
        FormOutcome::Refused(status) => {
            let words = refusal(*status, lang).to_owned();
            page(*status, lang, lang.say("没有保存", "Not saved"), &[words], nothing_saved(lang))
        }
    }
}

fn refusal(status: StatusCode, lang: Lang) -> &'static str {
    match status {
        StatusCode::PAYLOAD_TOO_LARGE => lang.say(
            "照片加起来太大了，请减少照片或选小一点的。",
            "The photos are too large together. Please send fewer or smaller ones.",
        ),
        StatusCode::INSUFFICIENT_STORAGE => {
            lang.say("服务器空间已满，暂时收不下。请稍后再试。", "The server has no room left. Please try again later.")
        }
        status if status.is_server_error() => {
            lang.say("服务器暂时出了问题，请稍后再试。", "Something broke on our side. Please try again in a moment.")
        }
        _ => lang.say(
            "表单没有完整送到，请返回再提交一次。",
            "The form did not arrive whole. Please go back and send it again.",
        ),
    }
}

fn words(fault: &FormFault, lang: Lang) -> String {
    match fault {
        FormFault::Field(fault) => field_words(fault, lang),
        FormFault::NotANumber(field) => {
            format!("{}{}", field_name(field, lang), lang.say("不是数字。", " is not a number."))
        }
        FormFault::NoPlace => lang
            .say("请选择附近的地标，或填写经纬度。", "Please choose a landmark nearby, or give the coordinates.")
            .to_owned(),
        FormFault::Photo(nth, fault) => {
            let (megabytes, megapixels) = (MAX_BYTES / 1024 / 1024, MAX_PIXELS / 1_000_000);
            match lang {
                Lang::Zh => {
                    let why = match fault {
                        PhotoError::TooLarge => format!("超过 {megabytes} MB"),
                        PhotoError::NotAPicture => "不是 JPEG、PNG 或 WebP 图片".to_owned(),
                        PhotoError::TooManyPixels => format!("超过 {megapixels} 百万像素"),
                        PhotoError::Damaged | PhotoError::Full | PhotoError::File(_) => {
                            "已损坏或不完整，打不开".to_owned()
                        }
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
        return lang.say("请拍一张照片，或写一句话说明。", "Please add a photo or a few words.").to_owned();
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
            Fault::NotATime | Fault::NotAHash => format!("{name}无法识别。"),
        },
    }
}

fn field_name(field: &str, lang: Lang) -> &'static str {
    match field {
        "category" => lang.say("类别", "The category"),
        "description" => lang.say("说明", "The description"),
        "landmark" => lang.say("地标", "The landmark"),
        "lat" => lang.say("纬度", "The latitude"),
        "lng" => lang.say("经度", "The longitude"),
        "photos" => lang.say("照片", "The list of photos"),
        "captured_at" => lang.say("时间", "The time"),
        _ => lang.say("位置", "The position"),
    }
}

fn nothing_saved(lang: Lang) -> &'static str {
    lang.say(
        "还没有保存任何内容。用浏览器的“返回”可以回到刚才填写的表单。",
        "Nothing has been saved. Your browser's “back” brings you to the form as you filled it in.",
    )
}

fn page(status: StatusCode, lang: Lang, title: &str, faults: &[String], hint: &str) -> Response {
    let mut list = String::new();
    for fault in faults {
        // Writing to a String cannot fail.
        let _ = write!(list, "<li>{}</li>", escape(fault));
    }
    let tag = lang.say("zh-CN", "en");
    let title = escape(title);
    let hint = escape(hint);
    let again = lang.say("打开新的表单", "Open a new form");
    let name = lang.say("驿友", "Waypost");
    let html = format!(
        "<!DOCTYPE html><html lang=\"{tag}\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width, initial-scale=1\"><title>{title} · {name}</title></head><body><main>\
         <h1>{title}</h1><ul>{list}</ul><p>{hint}</p><p><a href=\"/report\">{again}</a></p></main></body></html>"
    );
    let mut response = (status, Html(html)).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

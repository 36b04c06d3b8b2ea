//! What stands around these pages: the head of the document and the bar, as on the phone's pages.

use std::sync::LazyLock;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use leptos::prelude::RenderHtml as _;
use sha2::{Digest, Sha256};
use waypost_app::components::icon::{Glyph, Icon, IconProps};
use waypost_app::local::prefs::Lang;
use waypost_app::text::text;

use crate::schedule::calendar::hex;
use crate::shell::{Document, Door, Scripts, Visitor, escape};
use crate::state::AppState;

/// Besides the phone's own style, which most visitors have already.
pub(super) const STYLE: &str = include_str!("../../../style/reports.css");
/// Where it is found. What follows the question mark names its content, so that it may be kept for ever.
static STYLE_AT: LazyLock<String> = LazyLock::new(|| format!("{STYLE_PATH}?v={}", hex(&Sha256::digest(STYLE)[..8])));
pub(super) const STYLE_PATH: &str = "/style/reports.css";

/// One page.
#[derive(Debug)]
pub(super) struct Page<'a> {
    pub(super) visitor: Visitor,
    /// Plain text.
    pub(super) title: &'a str,
    /// What is said of it where somebody shares its address, plain text.
    pub(super) about: &'a str,
    /// Its own address, if search engines may name it.
    pub(super) listed_at: Option<&'a str>,
    /// A picture by which it is known, as an address on this site.
    pub(super) picture: Option<&'a str>,
    /// HTML.
    pub(super) main: &'a str,
}

impl Page<'_> {
    /// The whole document.
    pub(super) fn html(&self, state: &AppState) -> String {
        let lang = self.visitor.lang;
        let t = &text(lang).common;
        let title = format!("{} · {}", self.title, t.app_name);
        let body = format!(
            "<a class=\"skip sr-only\" href=\"#main\">{}</a>{}<main id=\"main\" tabindex=\"-1\">{}</main>",
            escape(t.skip),
            bar(lang),
            self.main
        );
        let head = self.head(state);
        let scripts = Scripts::of(&state.site);
        Document { visitor: self.visitor, title: &title, head: &head, body: &body, seed: None, scripts }
            .html(Door::Plain)
    }

    /// An answer that is not kept by anybody: what is not public today may be tomorrow.
    pub(super) fn refusal(&self, state: &AppState, status: StatusCode) -> Response {
        let headers = [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
        (status, headers, Html(self.html(state))).into_response()
    }

    fn head(&self, state: &AppState) -> String {
        let mut head = format!("<link rel=\"stylesheet\" href=\"{}\">", *STYLE_AT);
        let Some(address) = self.listed_at else {
            head.push_str("<meta name=\"robots\" content=\"noindex\">");
            return head;
        };
        let mut add = |property: &str, content: &str| {
            head.push_str("<meta property=\"og:");
            head.push_str(property);
            head.push_str("\" content=\"");
            head.push_str(&escape(content));
            head.push_str("\">");
        };
        add("type", "website");
        add("site_name", text(self.visitor.lang).common.app_name);
        add("title", self.title);
        add("description", self.about);
        // Whoever shows the address elsewhere knows nothing of where "/" is.
        if let Some(url) = &state.config.public_url {
            let origin = url.as_str().trim_end_matches('/');
            add("url", &format!("{origin}{address}"));
            if let Some(picture) = self.picture {
                add("image", &format!("{origin}{picture}"));
            }
        }
        head
    }
}

/// A picture beside a word.
pub(super) fn icon(glyph: Glyph) -> String {
    Icon(IconProps { glyph }).to_html()
}

/// The same five as on the phone's pages.
fn bar(lang: Lang) -> String {
    let t = &text(lang).common;
    let link = |href: &str, class: &str, glyph: Glyph, word: &str| {
        format!("<a href=\"{href}\"{class}>{}{}</a>", icon(glyph), escape(word))
    };
    format!(
        "<nav class=\"bar\" aria-label=\"{}\"><span class=\"brand\" aria-hidden=\"true\">\
         <img src=\"/icons/icon.svg\" width=\"40\" height=\"40\" alt=\"\">{}</span>{}{}{}{}{}</nav>",
        escape(t.main_nav),
        escape(t.app_name),
        link("/", "", Glyph::Station, t.stations),
        link("/market", "", Glyph::Market, t.market),
        link("/report", " class=\"shoot\"", Glyph::Camera, t.report),
        link("/mine", "", Glyph::Mine, t.mine),
        link("/more", "", Glyph::More, t.more),
    )
}

//! The HTML around a page.

use std::fmt::Write;

use waypost_app::local::prefs::Lang;
use waypost_app::markup;

use super::Visitor;
use crate::site::Site;

/// How the program takes a page over; see `/boot.js`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// It is drawn already, from the seed inside.
    Hydrate,
    /// It is empty.
    Mount,
    /// It is plain HTML and stays so.
    Plain,
}

/// The files of a build that a page asks for; `None` where the site was not built.
#[derive(Clone, Debug, Default)]
pub struct Scripts {
    pub js: Option<String>,
    pub wasm: Option<String>,
    pub css: Option<String>,
}

impl Scripts {
    pub fn of(site: &Site) -> Self {
        Self { js: site.pkg("js"), wasm: site.pkg("wasm"), css: site.pkg("css") }
    }

    /// Those of the staff's program.
    pub fn of_staff(site: &Site) -> Self {
        Self { js: site.staff_pkg("js"), wasm: site.staff_pkg("wasm"), css: site.staff_pkg("css") }
    }
}

/// One page of HTML.
#[derive(Debug)]
pub struct Document<'a> {
    pub visitor: Visitor,
    /// Plain text.
    pub title: &'a str,
    /// HTML that only this page has in its head.
    pub head: &'a str,
    /// HTML.
    pub body: &'a str,
    /// JSON that the body was drawn from.
    pub seed: Option<&'a str>,
    pub scripts: Scripts,
}

impl Document<'_> {
    /// The whole document.
    pub fn html(&self, door: Door) -> String {
        let mut html = String::with_capacity(self.body.len() + self.seed.map_or(0, str::len) + 2048);
        // Writing to a String cannot fail.
        let _ = self.write(&mut html, door);
        html
    }

    fn write(&self, html: &mut String, door: Door) -> std::fmt::Result {
        let Visitor { lang, theme } = self.visitor;
        write!(html, "<!DOCTYPE html><html lang=\"{}\" data-theme=\"{}\"", lang.tag(), theme.code())?;
        let Scripts { js, wasm, css } = &self.scripts;
        if let (Some(js), Some(wasm), Door::Hydrate | Door::Mount) = (js, wasm, door) {
            let door = if door == Door::Mount { "mount" } else { "hydrate" };
            write!(html, " data-door=\"{door}\" data-js=\"{js}\" data-wasm=\"{wasm}\"")?;
        }
        let (name, about) = match lang {
            Lang::Zh => ("驿友", "附近开着的驿站、公益市集，随手拍路面问题；没有网络也能用。"),
            Lang::En => (
                "Waypost",
                "The nearest open station, the skills market, and street defects reported with one photo; works offline.",
            ),
        };
        write!(
            html,
            "><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1, \
             viewport-fit=cover\"><title>{}</title><meta name=\"description\" content=\"{about}\">",
            escape(self.title)
        )?;
        if let Some(css) = css {
            write!(html, "<link rel=\"stylesheet\" href=\"{css}\">")?;
        }
        write!(
            html,
            "<meta name=\"application-name\" content=\"{name}\"><meta name=\"theme-color\" content=\"#fbf6ef\" \
             media=\"(prefers-color-scheme: light)\"><meta name=\"theme-color\" content=\"#0d0a08\" \
             media=\"(prefers-color-scheme: dark)\"><link rel=\"icon\" href=\"/icons/icon.svg\" type=\"image/svg+xml\">\
             <link rel=\"apple-touch-icon\" href=\"/icons/icon-192.png\">\
             <link rel=\"manifest\" href=\"/manifest.webmanifest\">"
        )?;
        if let (Some(js), Door::Hydrate | Door::Mount) = (js, door) {
            if door == Door::Mount {
                html.push_str("<script src=\"/prefs.js\"></script>");
            }
            write!(
                html,
                "<link rel=\"modulepreload\" href=\"{js}\"><script type=\"module\" src=\"/boot.js\"></script>"
            )?;
        }
        write!(html, "{}</head><body>{}", self.head, self.body)?;
        if let Some(seed) = self.seed {
            write!(html, "<script type=\"application/json\" id=\"seed\">{}</script>", seed.replace('<', "\\u003c"))?;
        }
        html.write_str("</body></html>")
    }
}

/// Text as it stands in HTML.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    markup::escape(text, &mut escaped);
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_title_or_a_seed_ends_its_element() {
        let document = Document {
            visitor: Visitor::default(),
            title: "</title><script>alert(1)</script>",
            head: "",
            body: "<main></main>",
            seed: Some(r#"{"name":"</script><script>alert(1)</script><!--"}"#),
            scripts: Scripts::default(),
        };
        let html = document.html(Door::Hydrate);
        assert_eq!(html.matches("<script").count(), 1, "{html}");
        assert_eq!(html.matches("</script>").count(), 1, "{html}");
        let seed = html.split_once("id=\"seed\">").unwrap().1.split_once("</script>").unwrap().0;
        let read: serde_json::Value = serde_json::from_str(seed).unwrap();
        assert_eq!(read["name"], "</script><script>alert(1)</script><!--");
    }
}

//! The service worker, filled in for one build, and the shell it keeps.

use sha2::{Digest, Sha256};

use super::document::{Document, Door, Scripts};
use super::visitor::Visitor;
use crate::schedule::calendar::hex;
use crate::site::Site;

const KEEPING: &str = include_str!("../assets/sw.js");
const SENDING: &str = include_str!("../assets/sw-sync.js");

/// How a browser takes its service workers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// As a module: it can load the program and send what waits.
    Module,
    /// As one script, in browsers that know nothing else: it only keeps the build.
    Classic,
}

/// The page without a page: the program draws into it. One file for every language and theme; `/prefs.js` sets both.
pub(super) fn shell(site: &Site) -> String {
    let document = Document {
        visitor: Visitor::default(),
        title: "驿友",
        head: "",
        body: "<main class=\"shell\"><img src=\"/icons/icon.svg\" width=\"72\" height=\"72\" alt=\"驿友 Waypost\"></main>",
        seed: None,
        scripts: Scripts::of(site),
    };
    document.html(Door::Mount)
}

/// What stands in the place of the server's pages while there is no network. The worker does not know in which language.
fn offline(site: &Site) -> String {
    let document = Document {
        visitor: Visitor::default(),
        title: "没有网络 · 驿友",
        head: "<script src=\"/prefs.js\"></script>",
        body: "<main><header class=\"page-head\"><h1 class=\"page-title\">现在没有网络</h1></header><div class=\"card empty\">\
               <p>大家报的问题要连上网才看得到。驿站和自己的上报没有网络也能看。</p>\
               <p lang=\"en\">There is no network. What others have reported can be read once there is one; stations and your own \
               reports can be read without.</p><div class=\"btns\"><a class=\"btn btn-primary\" href=\"\">再试一次 Try again</a>\
               <a class=\"btn\" href=\"/\">驿站 Stations</a></div></div></main>",
        seed: None,
        scripts: Scripts::of(site),
    };
    document.html(Door::Plain)
}

/// The worker's script; `None` where there is no program to keep.
pub(super) fn script(site: &Site, kind: Kind) -> Option<String> {
    let (glue, wasm) = (site.pkg("js")?, site.pkg("wasm")?);
    let mut files: Vec<String> = vec!["/shell".to_owned()];
    files.extend(site.files().filter(|(path, _)| is_for_phones(path)).map(|(path, _)| format!("/{path}")));
    let list = serde_json::to_string(&files).ok()?;
    let template = match kind {
        Kind::Module => [KEEPING, SENDING].concat(),
        Kind::Classic => KEEPING.to_owned(),
    };
    let offline = serde_json::to_string(&offline(site)).ok()?;
    let template = template.replace("__OFFLINE__", &offline);
    let script = template.replace("__PRECACHE__", &list).replace("__GLUE__", &glue).replace("__WASM__", &wasm);
    Some(script.replace("__BUILD__", &build(site, &script)))
}

/// Names one worker and what it keeps: its own script with the list of files, what is in them, and the shell, which a new
/// server may write differently around the same files. Two workers never share a cache, so that one which fails to
/// install takes nothing from the other.
fn build(site: &Site, script: &str) -> String {
    let mut digest = Sha256::new();
    digest.update(script);
    for (path, file) in site.files().filter(|(path, _)| is_for_phones(path)) {
        digest.update(path);
        digest.update(file.hash());
    }
    digest.update(shell(site));
    hex(&digest.finalize()[..6])
}

/// Tools leave files beside the site's that no page asks for; and the staff's program is no courier's.
fn is_for_phones(path: &str) -> bool {
    if path.starts_with("staff/") || path.starts_with("pkg/staff.") {
        return false;
    }
    let name = path.rsplit('.').next().unwrap_or_default();
    name != "ts" && !path.ends_with("hash.txt") && !path.ends_with("package.json")
}

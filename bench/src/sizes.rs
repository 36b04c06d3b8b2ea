//! What a phone has to download.

use std::path::Path;

use anyhow::Context;
use hyper::header::{ACCEPT_ENCODING, ACCEPT_LANGUAGE};

use crate::process::Server;
use crate::table::{Table, kilobytes};
use crate::{Setting, http};

pub(crate) async fn measure(setting: &Setting, table: &mut Table) -> anyhow::Result<()> {
    let pkg = setting.site.join("pkg");
    let mut whole = 0;
    for (kind, name) in [("wasm", "WASM"), ("js", "glue"), ("css", "style")] {
        let (plain, brotli) = built(&pkg, kind)?;
        whole += brotli;
        table.figure(format!("{name}, brotli (plain)"), format!("{} ({})", kilobytes(brotli), kilobytes(plain)));
    }
    table.figure("the three together, brotli", kilobytes(whole));

    let data = setting.fresh("sizes")?;
    let server = Server::program(&setting.program, &data).await?;
    let plain = http::fetch(server.addr, http::get("/", &[(ACCEPT_LANGUAGE, "zh-CN")])?).await?;
    let phone = [(ACCEPT_ENCODING, "br"), (ACCEPT_LANGUAGE, "zh-CN")];
    let html = http::fetch(server.addr, http::get("/", &phone)?).await?.body.len() as u64;
    let mut css = 0;
    for sheet in style_sheets(std::str::from_utf8(&plain.body)?) {
        let answer = http::fetch(server.addr, http::get(sheet, &phone)?).await?;
        css += answer.body.len() as u64;
    }
    table.figure("first view, readable before WASM: HTML + CSS, brotli", {
        format!("{} + {} = {}", kilobytes(html), kilobytes(css), kilobytes(html + css))
    });
    let snapshot = http::fetch(server.addr, http::get("/api/v1/snapshot", &phone)?).await?.body.len() as u64;
    table.figure("snapshot of the sample district, brotli", kilobytes(snapshot));
    server.stop().await
}

/// Bytes of the phone's one built file of a kind, and of its precompressed twin.
fn built(pkg: &Path, kind: &str) -> anyhow::Result<(u64, u64)> {
    for entry in std::fs::read_dir(pkg).with_context(|| format!("no built site in {}", pkg.display()))? {
        let path = entry?.path();
        let is_phones =
            path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with("waypost."));
        if is_phones && path.extension().is_some_and(|extension| extension == kind) {
            let mut twin = path.clone().into_os_string();
            twin.push(".br");
            let brotli =
                std::fs::metadata(&twin).with_context(|| format!("{} has no .br beside it", path.display()))?;
            return Ok((std::fs::metadata(&path)?.len(), brotli.len()));
        }
    }
    anyhow::bail!("no .{kind} in {}", pkg.display())
}

/// The addresses of the style sheets a page links.
fn style_sheets(html: &str) -> impl Iterator<Item = &str> {
    html.split("<link").skip(1).filter_map(|rest| {
        let tag = rest.split('>').next()?;
        let href = tag.split_once("href=")?.1.trim_start_matches('"');
        tag.contains("stylesheet").then(|| href.split(['"', ' ']).next().unwrap_or_default())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_style_sheets_are_counted_as_style() {
        let html = r#"<head><link rel="icon" href="/i.svg"><link rel="stylesheet" href="/pkg/a.1.css"><link href=/b.css rel=stylesheet>"#;
        assert_eq!(style_sheets(html).collect::<Vec<_>>(), ["/pkg/a.1.css", "/b.css"]);
    }
}

//! The static site: script, style, icons. Read once into memory and served from there with its precompressed twins.

mod builds;
mod encoded;
mod negotiate;

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use bytes::Bytes;
use sha2::{Digest, Sha256};

use crate::schedule::calendar::hex;

pub use encoded::Encoded;
pub use negotiate::Encoding;
use negotiate::{choose, matches_etag};

const IMMUTABLE: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const NO_CACHE: HeaderValue = HeaderValue::from_static("no-cache");

/// The built site; cheap to clone.
#[derive(Clone)]
pub struct Site(Arc<Inner>);

struct Inner {
    /// This build, by path without the leading slash.
    files: BTreeMap<String, File>,
    /// Hashed files of earlier builds, which open pages may still ask for.
    earlier: HashMap<String, File>,
    build_id: String,
}

/// One file of the site.
#[derive(Clone)]
pub struct File {
    body: Bytes,
    br: Option<Bytes>,
    gzip: Option<Bytes>,
    content_type: HeaderValue,
    /// First 64 bits of the content's SHA-256, in hex.
    hash: String,
}

impl fmt::Debug for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Site").field("build_id", &self.0.build_id).field("files", &self.0.files.len()).finish()
    }
}

impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("File").field("hash", &self.hash).field("bytes", &self.body.len()).finish_non_exhaustive()
    }
}

impl File {
    /// Changes with the content.
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// The file itself, not compressed.
    pub fn body(&self) -> &Bytes {
        &self.body
    }
}

impl Site {
    /// Reads the site and puts this build beside the earlier ones in the data directory.
    ///
    /// A site that is missing does not stop the server: pages work as plain HTML without it.
    ///
    /// # Errors
    /// If a directory was named and cannot be read.
    pub fn open(site_dir: Option<&Path>, data_dir: &Path) -> std::io::Result<Self> {
        let raw = match site_dir {
            Some(directory) if directory.is_dir() => read_directory(directory)?,
            Some(directory) => {
                tracing::warn!(
                    directory = %directory.display(),
                    "no site there: pages are served without style and script; build it with `make build`"
                );
                Vec::new()
            }
            None => embedded(),
        };
        let files = pair_up(raw);
        let build_id = build_id(&files);
        let earlier = builds::keep(&data_dir.join("site"), &build_id, &files).unwrap_or_else(|error| {
            tracing::warn!(%error, "earlier builds of the site cannot be kept: pages open across an upgrade may break");
            HashMap::new()
        });
        Ok(Self(Arc::new(Inner { files, earlier, build_id })))
    }

    /// Short hash of the names and contents of all files.
    pub fn build_id(&self) -> &str {
        &self.0.build_id
    }

    /// The path (`/pkg/waypost.….js`) of this build's script (`js`), module (`wasm`) or style (`css`); `None` if the
    /// site was not built.
    pub fn pkg(&self, extension: &str) -> Option<String> {
        self.main_file("waypost", extension)
    }

    /// The same of the staff's program, which phones do not load.
    pub fn staff_pkg(&self, extension: &str) -> Option<String> {
        self.main_file("staff", extension)
    }

    fn main_file(&self, program: &str, extension: &str) -> Option<String> {
        self.0.files.keys().find(|path| is_pkg_main(path, program, extension)).map(|path| format!("/{path}"))
    }

    /// Every file of this build by its path, without the leading slash, sorted.
    pub fn files(&self) -> impl Iterator<Item = (&str, &File)> {
        self.0.files.iter().map(|(path, file)| (path.as_str(), file))
    }

    /// A file of this build by its path, without the leading slash.
    pub fn file(&self, path: &str) -> Option<&File> {
        self.0.files.get(path)
    }

    /// Answers a GET or HEAD for `path` (with its leading slash) if there is such a file in this or an earlier build.
    pub fn answer(&self, path: &str, headers: &HeaderMap) -> Option<Response> {
        let path = path.strip_prefix('/')?;
        let file = self.0.files.get(path).or_else(|| self.0.earlier.get(path))?;
        Some(respond(file, is_hashed(path), headers))
    }
}

fn respond(file: &File, hashed: bool, headers: &HeaderMap) -> Response {
    let (encoding, body) = match choose(headers, file.br.is_some(), file.gzip.is_some()) {
        Encoding::Brotli => (Encoding::Brotli, file.br.as_ref()),
        Encoding::Gzip => (Encoding::Gzip, file.gzip.as_ref()),
        Encoding::Identity => (Encoding::Identity, None),
    };
    let etag = format!("\"{}{}\"", file.hash, encoding.suffix());
    let not_modified = matches_etag(headers, &etag);
    let mut response =
        Response::new(if not_modified { Body::empty() } else { Body::from(body.unwrap_or(&file.body).clone()) });
    let out = response.headers_mut();
    // Hex and fixed letters are always a header value.
    if let Ok(etag) = HeaderValue::try_from(etag) {
        out.insert(header::ETAG, etag);
    }
    out.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    out.insert(header::CACHE_CONTROL, if hashed { IMMUTABLE } else { NO_CACHE });
    if not_modified {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return response;
    }
    out.insert(header::CONTENT_TYPE, file.content_type.clone());
    if let Some(name) = encoding.name() {
        out.insert(header::CONTENT_ENCODING, HeaderValue::from_static(name));
    }
    response
}

/// `pkg/name.HASH.ext`: its content can never change under this name.
fn is_hashed(path: &str) -> bool {
    let Some(name) = path.strip_prefix("pkg/") else { return false };
    let mut parts = name.rsplit('.');
    let (_extension, hash, stem) = (parts.next(), parts.next(), parts.next());
    stem.is_some_and(|stem| !stem.is_empty())
        && hash.is_some_and(|hash| {
            hash.len() >= 8 && hash.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
        })
}

/// `pkg/program.ext`, `pkg/program_bg.wasm` or `pkg/program.HASH.ext`.
fn is_pkg_main(path: &str, program: &str, extension: &str) -> bool {
    path.strip_prefix("pkg/")
        .and_then(|rest| rest.strip_prefix(program))
        .and_then(|rest| rest.strip_suffix(extension)?.strip_suffix('.'))
        .is_some_and(|middle| matches!(middle, "" | "_bg") || (middle.starts_with('.') && !middle.contains('/')))
}

/// Files with their precompressed twins (`name.br`, `name.gz`) folded into them.
fn pair_up(raw: Vec<(String, Bytes)>) -> BTreeMap<String, File> {
    let mut all: HashMap<String, Bytes> = raw.into_iter().collect();
    let mut names: Vec<String> = all.keys().cloned().collect();
    names.retain(|name| {
        let original = name.strip_suffix(".br").or_else(|| name.strip_suffix(".gz"));
        !original.is_some_and(|original| all.contains_key(original))
    });
    let mut files = BTreeMap::new();
    for name in names {
        let (br, gzip) = (all.remove(&format!("{name}.br")), all.remove(&format!("{name}.gz")));
        if let Some(body) = all.remove(&name) {
            let hash = hex(&Sha256::digest(&body)[..8]);
            let file = File { content_type: content_type(&name), hash, body, br, gzip };
            files.insert(name, file);
        }
    }
    files
}

fn content_type(name: &str) -> HeaderValue {
    let mime = mime_guess::from_path(name).first_or_octet_stream();
    let text = mime.type_() == "text"
        || matches!(mime.subtype().as_str(), "javascript" | "json" | "xml")
        || mime.suffix().is_some();
    let written = if text { format!("{mime}; charset=utf-8") } else { mime.to_string() };
    HeaderValue::try_from(written).unwrap_or(HeaderValue::from_static("application/octet-stream"))
}

fn build_id(files: &BTreeMap<String, File>) -> String {
    let mut digest = Sha256::new();
    for (path, file) in files {
        digest.update(path);
        digest.update([0]);
        digest.update(&file.hash);
        digest.update([0]);
    }
    hex(&digest.finalize()[..6])
}

/// Every file below a directory, by its path with forward slashes.
fn read_directory(root: &Path) -> std::io::Result<Vec<(String, Bytes)>> {
    let mut found = Vec::new();
    let mut waiting: Vec<PathBuf> = vec![root.to_owned()];
    while let Some(directory) = waiting.pop() {
        for entry in std::fs::read_dir(&directory)? {
            let path = entry?.path();
            if path.is_dir() {
                waiting.push(path);
            } else if let Some(name) = path.strip_prefix(root).ok().and_then(Path::to_str) {
                found.push((name.replace('\\', "/"), Bytes::from(std::fs::read(&path)?)));
            }
        }
    }
    Ok(found)
}

#[cfg(feature = "embed-site")]
fn embedded() -> Vec<(String, Bytes)> {
    #[derive(rust_embed::Embed)]
    #[folder = "$WAYPOST_SITE"]
    struct Embedded;

    Embedded::iter()
        .filter_map(|path| {
            let body = match Embedded::get(&path)?.data {
                std::borrow::Cow::Borrowed(bytes) => Bytes::from_static(bytes),
                std::borrow::Cow::Owned(bytes) => Bytes::from(bytes),
            };
            Some((path.into_owned(), body))
        })
        .collect()
}

#[cfg(not(feature = "embed-site"))]
fn embedded() -> Vec<(String, Bytes)> {
    tracing::warn!("this program was built without its site: pages are served without style and script");
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pkg_files_with_a_hash_in_their_name_are_immutable() {
        assert!(is_hashed("pkg/waypost.kS9dQ1xYbW.js"));
        assert!(is_hashed("pkg/waypost.a1b2-c3_d4.wasm"));
        assert!(!is_hashed("pkg/waypost.js"));
        assert!(!is_hashed("pkg/.kS9dQ1xYbW.js"));
        assert!(!is_hashed("icons/waypost.kS9dQ1xYbW.js"));
    }

    #[test]
    fn the_main_files_are_found_with_and_without_hash() {
        assert!(is_pkg_main("pkg/waypost.js", "waypost", "js"));
        assert!(is_pkg_main("pkg/waypost_bg.wasm", "waypost", "wasm"));
        assert!(is_pkg_main("pkg/waypost.kS9dQ1xYbW.css", "waypost", "css"));
        assert!(is_pkg_main("pkg/staff.kS9dQ1xYbW.js", "staff", "js"));
        assert!(!is_pkg_main("pkg/staff.kS9dQ1xYbW.js", "waypost", "js"));
        assert!(!is_pkg_main("pkg/waypost.kS9dQ1xYbW.css", "waypost", "js"));
        assert!(!is_pkg_main("pkg/snippets/waypost.js", "waypost", "js"));
    }
}

//! Earlier builds: a page opened before an upgrade still asks for its own script, so hashed files outlive their build.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::io;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use super::{File, is_hashed, pair_up, read_directory};

/// Builds kept in the data directory, this one included.
const KEPT: usize = 3;
/// Beside `pkg/`: when the build was last started, in milliseconds since 1970.
const USED: &str = "used";
/// Held locked by whoever reads or writes builds. A file, because not every file system locks directories for other machines.
const LOCK: &str = "lock";
/// Directories that are still being written.
const UNFINISHED: &str = ".new-";

/// Puts this build's hashed files into `root`, drops all but the newest builds, and returns the files of the earlier.
pub(super) fn keep(root: &Path, build_id: &str, files: &BTreeMap<String, File>) -> io::Result<HashMap<String, File>> {
    let hashed: Vec<_> = files.iter().filter(|(path, _)| is_hashed(path)).collect();
    if hashed.is_empty() && !root.exists() {
        return Ok(HashMap::new());
    }
    fs::create_dir_all(root)?;
    // One copy at a time: another's build would look as if a crash had left it unfinished.
    let gate = fs::File::create(root.join(LOCK))?;
    gate.lock()?;
    if !hashed.is_empty() {
        store(root, build_id, &hashed)?;
    }
    let mut builds = Vec::new();
    for entry in fs::read_dir(root)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        if name.starts_with(UNFINISHED) {
            fs::remove_dir_all(&path)?;
        } else if path.is_dir() {
            let used = fs::read_to_string(path.join(USED)).ok().and_then(|text| text.trim().parse::<u128>().ok());
            builds.push((used.unwrap_or(0), name, path));
        }
    }
    builds.sort_by(|a, b| b.cmp(a));
    let mut earlier = HashMap::new();
    for (position, (_, name, path)) in builds.into_iter().enumerate() {
        if position >= KEPT {
            fs::remove_dir_all(path)?;
        } else if name != build_id {
            for (file, content) in pair_up(read_directory(&path)?) {
                if is_hashed(&file) {
                    // The newest build that has a name comes first.
                    earlier.entry(file).or_insert(content);
                }
            }
        }
    }
    Ok(earlier)
}

/// Writes a build under its final name only when it is complete.
fn store(root: &Path, build_id: &str, files: &[(&String, &File)]) -> io::Result<()> {
    let finished = root.join(build_id);
    if !finished.is_dir() {
        let unfinished = root.join(format!("{UNFINISHED}{build_id}-{}", std::process::id()));
        for (path, file) in files {
            write(&unfinished, path, &file.body)?;
            for (suffix, twin) in [("br", &file.br), ("gz", &file.gzip)] {
                if let Some(bytes) = twin {
                    write(&unfinished, &format!("{path}.{suffix}"), bytes)?;
                }
            }
        }
        fs::rename(&unfinished, &finished)?;
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis());
    fs::write(finished.join(USED), now.to_string())
}

fn write(root: &Path, path: &str, bytes: &[u8]) -> io::Result<()> {
    let target = root.join(path);
    if let Some(directory) = target.parent() {
        fs::create_dir_all(directory)?;
    }
    fs::write(target, bytes)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    #[test]
    fn builds_that_several_copies_keep_at_once_are_all_whole() {
        let data = tempfile::tempdir().unwrap();
        let root = data.path().join("site");
        let files: BTreeMap<_, _> =
            (0..20).map(|n| (format!("pkg/waypost.{n:010}.js"), Bytes::from(vec![b'x'; 10_000]))).collect();
        let files = pair_up(files.into_iter().collect());
        std::thread::scope(|copies| {
            for copy in 0..6 {
                let (root, files) = (&root, &files);
                copies.spawn(move || keep(root, &format!("build{}", copy % 3), files).unwrap());
            }
        });
        for build in 0..3 {
            assert_eq!(read_directory(&root.join(format!("build{build}/pkg"))).unwrap().len(), files.len());
        }
        let mut left: Vec<_> = fs::read_dir(&root).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        left.sort();
        assert_eq!(left, ["build0", "build1", "build2", LOCK], "nothing unfinished stays behind");
    }
}

//! The process as the system sees it, under the names that every program uses for it.

use std::time::{SystemTime, UNIX_EPOCH};

use prometheus_client::metrics::gauge::Gauge;

use super::Register;

#[derive(Default)]
pub(super) struct Process {
    memory: Gauge,
    files: Gauge,
    most_files: Gauge,
    threads: Gauge,
}

impl Process {
    pub(super) fn register(all: &mut Register) -> Self {
        let new = Self::default();
        all.add("process_resident_memory_bytes", "Memory in use", new.memory.clone());
        all.add("process_open_fds", "Open files and connections", new.files.clone());
        all.add("process_max_fds", "So many may be open", new.most_files.clone());
        all.add("process_threads", "Threads", new.threads.clone());
        let started: Gauge = Gauge::default();
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        started.set(since.as_secs() as i64);
        all.add("process_start_time_seconds", "When it started, since 1970", started);
        new
    }

    /// Looks anew. What the system does not tell stays as it was.
    pub(super) fn look(&self) {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        if let Some(kilobytes) = number_after(&status, "VmRSS:") {
            self.memory.set(kilobytes * 1024);
        }
        if let Some(threads) = number_after(&status, "Threads:") {
            self.threads.set(threads);
        }
        let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
        if let Some(most) = number_after(&limits, "Max open files") {
            self.most_files.set(most);
        }
        if let Ok(files) = std::fs::read_dir("/proc/self/fd") {
            // The directory itself is open while it is read.
            self.files.set(files.count() as i64 - 1);
        }
    }
}

/// The first number after a word at the beginning of a line.
fn number_after(text: &str, word: &str) -> Option<i64> {
    let line = text.lines().find_map(|line| line.strip_prefix(word))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_systems_tables_are_understood() {
        let status = "Name:\twaypost\nVmHWM:\t  9000 kB\nVmRSS:\t  8456 kB\nThreads:\t7\n";
        assert_eq!(number_after(status, "VmRSS:"), Some(8456));
        assert_eq!(number_after(status, "Threads:"), Some(7));
        let limits = "Limit   Soft Limit  Hard Limit  Units\nMax open files            1024                 4096                 files\n";
        assert_eq!(number_after(limits, "Max open files"), Some(1024));
        assert_eq!(number_after(status, "VmSwap:"), None);
    }

    #[test]
    fn this_process_has_memory_files_and_threads() {
        let process = Process::default();
        process.look();
        for gauge in [&process.memory, &process.files, &process.most_files, &process.threads] {
            assert!(gauge.get() > 0);
        }
        assert!((1 << 20..1 << 34).contains(&process.memory.get()), "{} bytes", process.memory.get());
    }
}

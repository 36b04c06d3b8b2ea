//! What cargo cannot see by itself: migrations and the site are embedded, and a new file alone must rebuild the program.

fn main() {
    println!("cargo::rerun-if-changed=migrations");
    println!("cargo::rerun-if-env-changed=WAYPOST_SITE");
    if let Ok(site) = std::env::var("WAYPOST_SITE") {
        println!("cargo::rerun-if-changed={site}");
    }
}

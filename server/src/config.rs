//! What an operator can set.

use std::net::SocketAddr;
use std::path::PathBuf;

/// Settings of `waypost serve`, after flags, environment and defaults are merged.
#[derive(Clone, Debug)]
pub struct Config {
    /// Address to listen on; port 0 picks a free one.
    pub addr: SocketAddr,
    /// Everything that must survive a restart lives here.
    pub data_dir: PathBuf,
    /// Load the sample district into an empty database.
    pub sample: bool,
}

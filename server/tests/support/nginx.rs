//! A real nginx in front of a server, with the configuration that `deploy/nginx.conf` offers to operators.

use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use rcgen::{CertifiedKey, generate_simple_self_signed};
use reqwest::{Certificate, Client};
use tokio::net::TcpSocket;

/// The name in the configuration.
pub const NAME: &str = "waypost.example";
const OFFERED: &str = include_str!("../../../deploy/nginx.conf");

/// Where it will listen, so that the server behind it can be told its public address first.
#[derive(Debug)]
pub struct Ports {
    pub http: u16,
    pub https: u16,
    _held: [TcpSocket; 2],
}

impl Ports {
    /// Two that nobody else is given meanwhile: they are bound here. Linux lets nginx bind them as well and listen, because
    /// nobody does so here and both sides have said `SO_REUSEADDR`.
    pub fn free() -> Self {
        let held = [(); 2].map(|()| {
            let socket = TcpSocket::new_v4().expect("a socket");
            socket.set_reuseaddr(true).expect("set");
            socket.bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).expect("a port");
            socket
        });
        let [http, https] = held.each_ref().map(|socket| socket.local_addr().expect("its address").port());
        Self { http, https, _held: held }
    }

    pub fn public_url(&self) -> String {
        format!("https://{NAME}:{}", self.https)
    }
}

/// Ended when dropped.
pub struct Nginx {
    child: Child,
    pub ports: Ports,
    certificate: Certificate,
    _files: tempfile::TempDir,
}

impl Nginx {
    pub fn start(ports: Ports, server: SocketAddr) -> Self {
        let files = tempfile::tempdir().expect("a directory");
        let CertifiedKey { cert, signing_key } = generate_simple_self_signed([NAME.to_owned()]).expect("a certificate");
        let written = |name: &str, text: &str| -> PathBuf {
            let path = files.path().join(name);
            std::fs::write(&path, text).expect("written");
            path
        };
        let chain = written("fullchain.pem", &cert.pem());
        let key = written("privkey.pem", &signing_key.serialize_pem());
        written("waypost.conf", &adapted(&ports, server, &chain, &key));
        let main = written("nginx.conf", &around(files.path()));
        let mut command = Command::new(program());
        let child = command.arg("-e").arg("stderr").arg("-p").arg(files.path()).arg("-c").arg(main).spawn();
        let child = child.expect("nginx is needed to try deploy/nginx.conf: run scripts/setup proxy");
        let certificate = Certificate::from_der(cert.der()).expect("a certificate");
        let mut nginx = Self { child, ports, certificate, _files: files };
        nginx.until_it_listens();
        nginx
    }

    fn until_it_listens(&mut self) {
        let began = Instant::now();
        while TcpStream::connect((Ipv4Addr::LOCALHOST, self.ports.https)).is_err() {
            if let Some(status) = self.child.try_wait().expect("it can be asked") {
                panic!("nginx did not start: {status}; what it says is above");
            }
            assert!(began.elapsed() < Duration::from_secs(30), "nginx does not listen");
            std::thread::yield_now();
        }
    }

    /// A client that knows its certificate, coming from one of the machine's own addresses.
    pub fn client(&self, from: [u8; 4]) -> Client {
        let client = Client::builder().add_root_certificate(self.certificate.clone());
        let client = client.resolve(NAME, SocketAddr::from((Ipv4Addr::LOCALHOST, self.ports.https)));
        let client = client.local_address(Some(Ipv4Addr::from(from).into()));
        client.redirect(reqwest::redirect::Policy::none()).build().expect("a client")
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Debian keeps it where only root looks.
fn program() -> &'static str {
    if Path::new("/usr/sbin/nginx").exists() { "/usr/sbin/nginx" } else { "nginx" }
}

/// What is offered, at free ports and with files of our own. Every replacement must find its place.
fn adapted(ports: &Ports, server: SocketAddr, chain: &Path, key: &Path) -> String {
    let mut text = OFFERED.to_owned();
    for (offered, ours) in [
        ("server 127.0.0.1:3000;", format!("server {server};")),
        ("listen 80;", format!("listen 127.0.0.1:{};", ports.http)),
        ("    listen [::]:80;\n", String::new()),
        ("listen 443 ssl http2;", format!("listen 127.0.0.1:{} ssl http2;", ports.https)),
        ("    listen [::]:443 ssl http2;\n", String::new()),
        ("/etc/ssl/waypost/fullchain.pem", chain.display().to_string()),
        ("/etc/ssl/waypost/privkey.pem", key.display().to_string()),
        ("error_log /var/log/nginx/waypost.log crit;", "error_log stderr crit;".to_owned()),
    ] {
        assert_eq!(text.matches(offered).count(), 1, "{offered}");
        text = text.replace(offered, &ours);
    }
    text
}

/// What a distribution's own nginx.conf does, for a process without rights of its own.
fn around(files: &Path) -> String {
    let paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
    let paths = paths.map(|name| format!("{name}_temp_path {}/{name};", files.display())).join("\n");
    let files = files.display();
    format!(
        "daemon off;\nmaster_process off;\npid {files}/nginx.pid;\nevents {{ worker_connections 256; }}\n\
         http {{\naccess_log off;\n{paths}\ninclude {files}/waypost.conf;\n}}\n"
    )
}

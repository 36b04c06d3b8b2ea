//! From a cold start on an existing database to the first answer, and from a request to its first byte.

use hyper::header::ACCEPT_ENCODING;

use crate::process::Server;
use crate::table::{Table, median, milliseconds};
use crate::{Setting, http};

const STARTS: usize = 11;
const REQUESTS: usize = 200;

pub(crate) async fn measure(setting: &Setting, table: &mut Table) -> anyhow::Result<()> {
    let data = setting.fresh("startup")?;
    // The first start makes the database, which is not what is measured.
    Server::program(&setting.program, &data).await?.stop().await?;

    let (mut starts, mut first_pages) = (Vec::new(), Vec::new());
    for _ in 0..STARTS {
        let server = Server::program(&setting.program, &data).await?;
        let answer = http::fetch(server.addr, http::get("/", &[(ACCEPT_ENCODING, "br")])?).await?;
        starts.push(server.started.elapsed().as_secs_f64());
        first_pages.push(answer.first_byte);
        server.stop().await?;
    }
    let slowest = starts.iter().copied().fold(0.0, f64::max);
    table.figure("start on an existing database to / answered (slowest)", {
        format!("{} ({})", milliseconds(median(starts)), milliseconds(slowest))
    });
    table.figure("of that, first byte of the first page", milliseconds(median(first_pages)));

    let server = Server::program(&setting.program, &data).await?;
    let mut first_bytes = Vec::new();
    for _ in 0..REQUESTS {
        let answer = http::fetch(server.addr, http::get("/", &[(ACCEPT_ENCODING, "br")])?).await?;
        first_bytes.push(answer.first_byte);
    }
    table.figure("first byte of /, idle server, new connection", milliseconds(median(first_bytes)));
    server.stop().await
}

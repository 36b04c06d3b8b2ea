//! `waypost staff`.

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use uuid::Uuid;
use waypost_app::domain::ids::UnitId;
use waypost_app::domain::staff::Role;

use super::{DataDir, block_on, say};
use crate::clock::Clock;
use crate::config::PublicUrl;
use crate::people::{self, Token, check_name};
use crate::store::people::{self as kept, factors, sessions};
use crate::store::{Connection, Store, StoreError, units};

#[derive(Debug, Args)]
pub(super) struct Staff {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Add somebody, and print a link with which they choose their password. It works once, for a day.
    Add(Add),
    /// Print a link with which somebody chooses another password. They are signed out everywhere.
    Reset(Reset),
}

#[derive(Debug, Args)]
struct Add {
    /// The name they sign in with.
    name: String,
    /// What they may do: `admin` everything, `worker` cases and stations, `unit` only the cases of their unit.
    #[arg(long, value_parser = role)]
    role: Role,
    /// The id of the unit, for the role `unit`.
    #[arg(long, value_name = "ID")]
    unit: Option<Uuid>,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Args)]
struct Reset {
    /// The name they sign in with.
    name: String,
    /// Also take away the second factor, for somebody who has lost it and all recovery codes.
    #[arg(long)]
    second_factor: bool,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Args)]
struct Place {
    #[command(flatten)]
    data: DataDir,
    /// What people type to get to the server, e.g. `https://waypost.example`: the link begins with it.
    #[arg(long, env = "WAYPOST_PUBLIC_URL", default_value = "http://127.0.0.1:3000", value_name = "URL")]
    public_url: PublicUrl,
}

fn role(code: &str) -> Result<Role, String> {
    Role::from_code(code).ok_or_else(|| "give admin, worker or unit".to_owned())
}

/// Does it, beside a running server or without one.
pub(super) fn run(staff: Staff) -> anyhow::Result<()> {
    let now_ms = Clock::System.now_ms();
    match staff.what {
        What::Add(asked) => {
            let name = check_name(&asked.name).map_err(|fault| anyhow::anyhow!("the name {fault}"))?.to_owned();
            if asked.unit.is_some() && asked.role != Role::Unit {
                bail!("--unit is for the role unit");
            }
            let (role, unit) = (asked.role, asked.unit.map(UnitId));
            let words = format!("{name} chooses a password here, once and within a day:");
            let known = format!("there is a {name} already; for another password: waypost staff reset");
            let token = change(&asked.place, move |conn| {
                Box::pin(async move {
                    if let Some(unit) = unit
                        && units::find(conn, unit).await?.is_none()
                    {
                        return Ok(Err("there is no such unit: --unit is the id of one".to_owned()));
                    }
                    match kept::add(conn, &name, role, unit, now_ms).await? {
                        Some(staff) => people::link(conn, staff, now_ms).await.map(Ok),
                        None => Ok(Err(known)),
                    }
                })
            })?;
            tell(&asked.place, &words, &token.map_err(anyhow::Error::msg)?)
        }
        What::Reset(asked) => {
            let words = format!("{} chooses another password here, once and within a day:", asked.name);
            let unknown = format!("there is no {}", asked.name);
            let (name, drop_factor) = (asked.name, asked.second_factor);
            let token = change(&asked.place, move |conn| {
                Box::pin(async move {
                    let Some(person) = kept::named(conn, &name).await? else { return Ok(None) };
                    sessions::end_all(conn, person.id).await?;
                    if drop_factor {
                        factors::drop_all(conn, person.id).await?;
                    }
                    people::link(conn, person.id, now_ms).await.map(Some)
                })
            })?;
            tell(&asked.place, &words, &token.context(unknown)?)
        }
    }
}

fn change<T: Send + 'static>(
    place: &Place,
    job: impl for<'c> FnOnce(&'c mut Connection) -> futures::future::BoxFuture<'c, Result<T, StoreError>> + Send + 'static,
) -> anyhow::Result<T> {
    let database = place.data.database()?;
    block_on(async {
        let store = Store::open(&database).await.with_context(|| format!("cannot open the database {database}"))?;
        let done = store.write(job).await;
        store.close().await;
        Ok(done?)
    })
}

fn tell(place: &Place, words: &str, token: &Token) -> anyhow::Result<()> {
    say(&format!("{words}\n{}", people::url(place.public_url.as_str(), token)))
}

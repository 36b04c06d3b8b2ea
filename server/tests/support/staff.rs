//! What staff change in the district of a running server.

use futures::future::BoxFuture;
use waypost_server::schedule::exceptions::{Days, Exception, Times};
use waypost_server::store::district::Change;
use waypost_server::store::{Connection, StoreError, exceptions};

use super::TestServer;
use super::days::day;

/// Changes anything.
pub async fn change<F>(server: &TestServer, act: F)
where
    F: for<'c> FnOnce(Change<'c>) -> BoxFuture<'c, Result<(), StoreError>> + Send + 'static,
{
    let state = server.running.state();
    let job =
        state.store.write(move |conn: &mut Connection| Box::pin(async move { act(Change::begin(conn).await?).await }));
    job.await.expect("stored");
    state.snapshots.changed();
}

/// An exception from one date to another; without times, a closure.
pub fn exception(id: &str, target: &str, days: (&str, &str), times: &str, reason: &str) -> Exception {
    Exception {
        id: id.to_owned(),
        target: target.to_owned(),
        days: Days::new(day(days.0), day(days.1)).expect("days"),
        times: Times::parse(times).expect("times"),
        reason: reason.to_owned(),
        reason_en: String::new(),
    }
}

pub async fn put(server: &TestServer, exception: Exception) {
    change(server, |mut change| Box::pin(async move { exceptions::put(&mut change, &exception).await })).await;
}

pub async fn remove(server: &TestServer, id: &'static str) {
    change(server, move |mut change| {
        Box::pin(async move {
            assert!(exceptions::remove(&mut change, id).await?);
            Ok(())
        })
    })
    .await;
}

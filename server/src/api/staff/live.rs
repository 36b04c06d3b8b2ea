//! `/api/v1/staff/events`: word that the queue looks different, as it happens (server-sent events).
//!
//! What is different is asked for by the usual ways, which know who may see what; so there is nothing here to be guarded but
//! the fact that people are at work.

use std::convert::Infallible;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use axum::routing::get;
use futures::Stream;
use futures::stream::{self, StreamExt};

use crate::state::AppState;

/// News come at most so often.
const PAUSE: Duration = Duration::from_secs(1);
/// A stream ends after so long; the browser asks for another, and is asked again who it is.
const AT_MOST: Duration = Duration::from_mins(5);
/// Shorter than what proxies take for silence.
const ALIVE: Duration = Duration::from_secs(20);

pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/api/v1/staff/events", get(live))
}

async fn live(State(state): State<AppState>) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let news = state.store.watch_cases();
    // The first one at once: what changed while nobody listened.
    let changes = stream::unfold((news, true), |(mut news, is_first)| async move {
        if !is_first {
            tokio::time::sleep(PAUSE).await;
            news.changed().await.ok()?;
        }
        // What came meanwhile is told of by this word, too.
        news.mark_unchanged();
        Some((Ok(Event::default().event("cases").data("changed")), (news, false)))
    });
    let stop = state.stop.clone();
    let end = async move {
        // Either way it is over.
        let _ = tokio::time::timeout(AT_MOST, stop.cancelled_owned()).await;
    };
    Sse::new(changes.take_until(Box::pin(end)).boxed()).keep_alive(KeepAlive::new().interval(ALIVE))
}

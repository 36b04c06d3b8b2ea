//! `/reports.csv`: the same reports for spreadsheets, row by row, however many they are.

use std::sync::Arc;

use axum::body::Body;
use bytes::Bytes;
use futures::stream;
use waypost_app::domain::decimal::decimal;
use waypost_app::local::prefs::Lang;
use waypost_app::text::text;

use crate::clock::rfc3339_ms;
use crate::schedule::calendar::Calendar;
use crate::schedule::working_days;
use crate::spreadsheet::harmless;
use crate::store::reports::public::{self, Filter, Place, PublicReport};
use crate::store::{Store, StoreError};

/// Rows that are read at once.
const ROWS: u32 = 500;
/// Without it Excel takes the text for another encoding than it is.
const MARK: &str = "\u{feff}";
const COLUMNS: [&str; 11] = [
    "code",
    "category",
    "category_name",
    "state",
    "state_name",
    "received_at",
    "fixed_at",
    "working_days",
    "lat",
    "lng",
    "description",
];

#[derive(Debug, thiserror::Error)]
enum CsvError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Csv(#[from] csv::Error),
    #[error(transparent)]
    Write(#[from] std::io::Error),
}

/// What is still to be written.
struct Rest {
    after: Option<Place>,
    begun: bool,
}

/// The file. It is read as it is sent, so that a large one takes no more memory than a small one.
pub(super) fn file(store: Store, filter: Filter, lang: Lang, calendar: Arc<Calendar>) -> Body {
    let begin = Some(Rest { after: None, begun: false });
    Body::from_stream(stream::try_unfold(begin, move |rest| {
        let (store, calendar) = (store.clone(), calendar.clone());
        async move {
            let Some(Rest { after, begun }) = rest else { return Ok::<_, CsvError>(None) };
            let mut conn = store.pool().acquire().await.map_err(StoreError::from)?;
            let reports = public::list(&mut conn, filter, after, ROWS).await?;
            drop(conn);
            let next = reports
                .last()
                .filter(|_| reports.len() == ROWS as usize)
                .map(|last| Rest { after: Some(last.place()), begun: true });
            Ok(Some((written(&reports, lang, &calendar, !begun)?, next)))
        }
    }))
}

fn written(reports: &[PublicReport], lang: Lang, calendar: &Calendar, with_head: bool) -> Result<Bytes, CsvError> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    if with_head {
        writer.write_record(COLUMNS)?;
    }
    for report in reports {
        let fixed_at = report.fixed_at_ms.map(rfc3339_ms).unwrap_or_default();
        let took =
            report.fixed_at_ms.map(|fixed| working_days::passed(calendar, report.received_at_ms, fixed).to_string());
        writer.write_record([
            report.code.as_str(),
            report.category.code(),
            (text(lang).report.category_name)(report.category),
            report.state.code(),
            (text(lang).mine.state)(report.state),
            &rfc3339_ms(report.received_at_ms),
            &fixed_at,
            &took.unwrap_or_default(),
            &decimal(report.position.lat, 3),
            &decimal(report.position.lng, 3),
            &harmless(&report.description),
        ])?;
    }
    let rows = writer.into_inner().map_err(csv::IntoInnerError::into_error)?;
    Ok(if with_head { [MARK.as_bytes(), &rows].concat().into() } else { rows.into() })
}

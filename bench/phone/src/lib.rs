//! What the phone's program does to know which stations are open, exported by itself: `bench/lookup.mjs` measures it
//! beside a plain loop.

use wasm_bindgen::JsError;
use wasm_bindgen::prelude::wasm_bindgen;
use waypost_app::domain::time::Minute;
use waypost_app::local::prefs::Lang;
use waypost_app::local::replica::Replica;
use waypost_app::wire::snapshot::Snapshot;

/// A district as a phone holds it.
#[wasm_bindgen]
#[derive(Debug)]
pub struct District(Replica);

#[wasm_bindgen]
impl District {
    /// From the JSON of a snapshot.
    ///
    /// # Errors
    /// If it is none.
    #[wasm_bindgen(constructor)]
    pub fn new(snapshot: &str) -> Result<Self, JsError> {
        Ok(Self(Replica::new(serde_json::from_str::<Snapshot>(snapshot)?, false, Lang::Zh)))
    }

    /// How many stations are open in a minute, each asked for its whole status: open or not, and what changes next.
    #[must_use]
    pub fn open(&self, minute: f64) -> u32 {
        let at = Minute(minute as i64);
        let open = |station: &&_| self.0.station_status(station, at).is_open();
        u32::try_from(self.0.stations().iter().filter(open).count()).unwrap_or(u32::MAX)
    }
}

//! `IndexedDB`: drafts, photos, the outbox, verifications and the device's token. Every write is asked for with strict durability and counts only once its
//! transaction has completed, because "saved" must mean on the disk.

use crate::json::FromJson;
use std::cell::{Cell, RefCell};

use idb::event::VersionChangeEvent;
use idb::{Event as _, Factory, ObjectStoreParams, Transaction};
use js_sys::{Array, Function, JSON, Object, Promise, Reflect};
use serde::Serialize;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{IdbDatabase, IdbTransaction};

const NAME: &str = "waypost";
/// Counts up with every new drawer; see [`Store`].
const VERSION: u32 = 4;

/// A drawer of the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Store {
    /// Reports being written: `Draft` by report id.
    Drafts,
    /// Photo bytes that the server does not have yet: `ArrayBuffer` by SHA-256.
    Photos,
    /// Small pictures for lists, kept after the photo is sent: `ArrayBuffer` by SHA-256.
    Thumbs,
    /// Reports on their way, and what became of them: `Item` by report id.
    Outbox,
    /// What was said of stations: `Verification` by its id, and so in the order of saying. Since version 2.
    Verifications,
    /// This phone's token, under one key; see [`super::device`]. Since version 3.
    Device,
    /// What somebody on the staff read last, and the steps they took without a network. Since version 4.
    Desk,
}

impl Store {
    pub const ALL: [Self; 7] =
        [Self::Drafts, Self::Photos, Self::Thumbs, Self::Outbox, Self::Verifications, Self::Device, Self::Desk];

    const fn name(self) -> &'static str {
        match self {
            Self::Drafts => "drafts",
            Self::Photos => "photos",
            Self::Thumbs => "thumbs",
            Self::Outbox => "outbox",
            Self::Verifications => "verifications",
            Self::Device => "device",
            Self::Desk => "desk",
        }
    }
}

/// Why the database did not do what was asked. Nothing of the failed transaction is kept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DbError {
    /// The browser has no `IndexedDB`, or does not allow it here.
    #[error("this browser keeps no data: {0}")]
    Unavailable(String),
    /// The database was made by a newer build.
    #[error("a newer version has been here")]
    Newer,
    /// The disk or the browser's share of it is full.
    #[error("no room is left on this phone")]
    Full,
    /// A value could not be written as, or read from, a row.
    #[error("a row could not be understood: {0}")]
    Row(String),
    /// Anything else, with the browser's words.
    #[error("{0}")]
    Failed(String),
}

impl From<idb::Error> for DbError {
    fn from(error: idb::Error) -> Self {
        match &error {
            idb::Error::DomException(exception) => Self::from_js(exception),
            idb::Error::AddFailed(value) | idb::Error::UpdateFailed(value) => Self::from_js(value),
            idb::Error::IndexedDbNotFound(_) | idb::Error::IndexedDbOpenFailed(_) => {
                Self::Unavailable("IndexedDB does not open".to_owned())
            }
            _ => Self::Failed("IndexedDB".to_owned()),
        }
    }
}

impl DbError {
    fn from_js(value: &JsValue) -> Self {
        let text = |key: &str| Reflect::get(value, &key.into()).ok().and_then(|it| it.as_string()).unwrap_or_default();
        let name = text("name");
        let message = text("message");
        match name.as_str() {
            "QuotaExceededError" => Self::Full,
            "VersionError" => Self::Newer,
            // What Chromium says of a disk that is really full, before its own accounts have noticed.
            _ if message.contains("NO_SPACE") => Self::Full,
            _ => Self::Failed(format!("{name}: {message}")),
        }
    }
}

thread_local! {
    static OPEN: RefCell<Option<IdbDatabase>> = const { RefCell::new(None) };
}

/// The open connection, opened on first use and again after it was closed for another tab's upgrade.
async fn connection() -> Result<IdbDatabase, DbError> {
    if let Some(open) = OPEN.with_borrow(Clone::clone) {
        return Ok(open);
    }
    let mut request = Factory::new()?.open(NAME, Some(VERSION))?;
    request.on_upgrade_needed(|event: VersionChangeEvent| {
        // A store that cannot be made makes the whole upgrade fail, and with it the opening below.
        let Ok(database) = event.target().and_then(|target| target.database()) else { return };
        let existing = database.store_names();
        for store in Store::ALL.into_iter().filter(|store| !existing.iter().any(|name| name == store.name())) {
            let _ = database.create_object_store(store.name(), ObjectStoreParams::new());
        }
    });
    let database = match request.await {
        Ok(database) => database,
        // A newer build in another tab has added to it; what this one knows is there all the same.
        Err(error) => match DbError::from(error) {
            DbError::Newer => Factory::new()?.open(NAME, None)?.await?,
            other => return Err(other),
        },
    };
    let database = IdbDatabase::from(database);
    // Closed as soon as a newer build in another tab wants to upgrade: it would wait for us for ever otherwise.
    let closing = Closure::<dyn FnMut()>::new({
        let database = database.clone();
        move || {
            database.close();
            OPEN.set(None);
        }
    });
    database.set_onversionchange(Some(closing.as_ref().unchecked_ref()));
    // Called when the browser closes the connection by itself ("clear site data").
    database.set_onclose(Some(closing.as_ref().unchecked_ref()));
    closing.forget();
    OPEN.set(Some(database.clone()));
    Ok(database)
}

/// Whether this browser lets us keep anything.
///
/// # Errors
/// Why not.
pub async fn probe() -> Result<(), DbError> {
    connection().await.map(|_| ())
}

/// A transaction. Dropped without [`Tx::commit`], it takes back what it wrote.
#[derive(Debug)]
pub struct Tx {
    inner: Transaction,
    raw: IdbTransaction,
    done: JsFuture,
    settled: Cell<bool>,
}

/// Begins a transaction that only reads.
///
/// # Errors
/// [`DbError`] if the database cannot be opened.
pub async fn read(stores: &[Store]) -> Result<Tx, DbError> {
    begin(stores, "readonly").await
}

/// Begins a transaction that writes, with strict durability. Others that write the same stores wait for it.
///
/// # Errors
/// [`DbError`] if the database cannot be opened.
pub async fn write(stores: &[Store]) -> Result<Tx, DbError> {
    begin(stores, "readwrite").await
}

async fn begin(stores: &[Store], mode: &str) -> Result<Tx, DbError> {
    if let Ok(tx) = Tx::new(&connection().await?, stores, mode) {
        return Ok(tx);
    }
    // The connection was closed under us: once more with a new one.
    OPEN.set(None);
    Tx::new(&connection().await?, stores, mode)
}

impl Tx {
    fn new(database: &IdbDatabase, stores: &[Store], mode: &str) -> Result<Self, DbError> {
        let names: Array = stores.iter().map(|store| JsValue::from(store.name())).collect();
        // Neither idb nor stable web-sys know the third argument, where durability is asked for.
        let options = Object::new();
        set(&options, "durability", &"strict".into());
        let open: Function = Reflect::get(database, &"transaction".into())
            .and_then(JsCast::dyn_into)
            .map_err(|error| DbError::from_js(&error))?;
        let raw: IdbTransaction = open
            .call3(database, &names, &mode.into(), &options)
            .and_then(JsCast::dyn_into)
            .map_err(|error| DbError::from_js(&error))?;
        let done = JsFuture::from(settled(&raw));
        Ok(Self { inner: Transaction::from(raw.clone()), raw, done, settled: Cell::new(false) })
    }

    /// The row under `key`.
    ///
    /// # Errors
    /// [`DbError`], also when the row is there but cannot be understood.
    pub async fn get<T: FromJson>(&self, store: Store, key: &str) -> Result<Option<T>, DbError> {
        self.get_raw(store, key).await?.map(|value| from_row(&value)).transpose()
    }

    /// The value under `key` as it lies there.
    ///
    /// # Errors
    /// [`DbError`]
    pub async fn get_raw(&self, store: Store, key: &str) -> Result<Option<JsValue>, DbError> {
        let request = self.inner.object_store(store.name())?.get(JsValue::from(key))?;
        request.await.map_err(|error| self.reason(error))
    }

    /// Every value of a store as it lies there, in the order of keys.
    ///
    /// # Errors
    /// [`DbError`]
    pub async fn all_raw(&self, store: Store) -> Result<Vec<JsValue>, DbError> {
        let request = self.inner.object_store(store.name())?.get_all(None, None)?;
        request.await.map_err(|error| self.reason(error))
    }

    /// Every row of a store that can be understood, and how many cannot. Those stay where they are.
    ///
    /// # Errors
    /// [`DbError`]
    pub async fn all<T: FromJson>(&self, store: Store) -> Result<(Vec<T>, usize), DbError> {
        Ok(rows(&self.all_raw(store).await?))
    }

    /// Every key of a store.
    ///
    /// # Errors
    /// [`DbError`]
    pub async fn keys(&self, store: Store) -> Result<Vec<String>, DbError> {
        let request = self.inner.object_store(store.name())?.get_all_keys(None, None)?;
        let keys = request.await.map_err(|error| self.reason(error))?;
        Ok(keys.iter().filter_map(JsValue::as_string).collect())
    }

    /// Writes a row.
    ///
    /// # Errors
    /// [`DbError`]; a full disk may only show at [`Tx::commit`].
    pub fn put<T: Serialize>(&self, store: Store, key: &str, row: &T) -> Result<(), DbError> {
        self.put_raw(store, key, &to_row(row)?)
    }

    /// Writes a value as it is.
    ///
    /// # Errors
    /// [`DbError`]; a full disk may only show at [`Tx::commit`].
    pub fn put_raw(&self, store: Store, key: &str, value: &JsValue) -> Result<(), DbError> {
        // The request's own answer is not awaited: if it fails, the transaction does, with the reason.
        self.inner.object_store(store.name())?.put(value, Some(&key.into()))?;
        Ok(())
    }

    /// Removes a row; one that is not there is fine.
    ///
    /// # Errors
    /// [`DbError`]
    pub fn delete(&self, store: Store, key: &str) -> Result<(), DbError> {
        self.inner.object_store(store.name())?.delete(JsValue::from(key))?;
        Ok(())
    }

    /// Removes every row of a store.
    ///
    /// # Errors
    /// [`DbError`]
    pub fn clear(&self, store: Store) -> Result<(), DbError> {
        self.inner.object_store(store.name())?.clear()?;
        Ok(())
    }

    /// Why a read failed. When a write before it had no room, the read only says that the transaction was aborted; the
    /// transaction knows why.
    fn reason(&self, error: idb::Error) -> DbError {
        self.raw.error().map_or_else(|| error.into(), |error| DbError::from_js(&error))
    }

    /// Waits until everything is on the disk.
    ///
    /// # Errors
    /// [`DbError::Full`] or another reason; then nothing was written.
    pub async fn commit(mut self) -> Result<(), DbError> {
        let outcome = (&mut self.done).await;
        self.settled.set(true);
        outcome.map(|_| ()).map_err(|error| DbError::from_js(&error))
    }
}

impl Drop for Tx {
    fn drop(&mut self) {
        if !self.settled.get() {
            // Refused when it has already completed, which is what a reader's transaction does by itself.
            let _ = self.raw.abort();
        }
    }
}

/// Resolves when the transaction has completed, rejects with its error when it has been aborted. idb's own future
/// loses that error, and with it the difference between a full disk and everything else.
fn settled(raw: &IdbTransaction) -> Promise {
    Promise::new(&mut |resolve, reject| {
        let complete = Closure::once_into_js(move || {
            // Calling a promise's resolver cannot throw.
            let _ = resolve.call0(&JsValue::NULL);
        });
        let aborted = Closure::once_into_js({
            let raw = raw.clone();
            move || {
                let error = raw.error().map_or(JsValue::NULL, JsValue::from);
                let _ = reject.call1(&JsValue::NULL, &error);
            }
        });
        raw.set_oncomplete(Some(complete.unchecked_ref()));
        raw.set_onabort(Some(aborted.unchecked_ref()));
    })
}

fn set(object: &Object, key: &str, value: &JsValue) {
    // Setting a property of a plain new object cannot fail.
    let _ = Reflect::set(object, &key.into(), value);
}

/// Rows are plain objects, readable in the browser's own tools.
fn to_row<T: Serialize>(row: &T) -> Result<JsValue, DbError> {
    let text = serde_json::to_string(row).map_err(|error| DbError::Row(error.to_string()))?;
    JSON::parse(&text).map_err(|error| DbError::from_js(&error))
}

/// Every row that can be understood, and how many cannot.
#[must_use]
pub fn rows<T: FromJson>(values: &[JsValue]) -> (Vec<T>, usize) {
    let rows: Vec<T> = values.iter().filter_map(|value| from_row(value).ok()).collect();
    let strange = values.len() - rows.len();
    (rows, strange)
}

fn from_row<T: FromJson>(value: &JsValue) -> Result<T, DbError> {
    T::from_json(value.clone().into()).map_err(|error| DbError::Row(error.to_string()))
}

/// A row as JSON.
#[must_use]
pub fn row_text(value: &JsValue) -> Option<String> {
    JSON::stringify(value).ok().and_then(|text| text.as_string())
}

//! What is kept on the device: what was read last, so that it can be read without a network, and steps that are still to
//! be sent with their photos. A database of its own beside the phone's, erased at sign-out.

use std::cell::RefCell;

use idb::{Factory, ObjectStoreParams, Transaction};
use js_sys::{Array, Function, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use waypost_app::local::db::DbError;
use web_sys::{IdbDatabase, IdbTransaction};

const NAME: &str = "waypost-staff";
/// Counts up with every new drawer.
const VERSION: u32 = 1;

/// A drawer of the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drawer {
    /// Answers of the API as they came: JSON text by address.
    Views,
    /// Steps that have not been answered yet: JSON text by the event's id, which is in the order of making.
    Steps,
    /// Photos of such steps: `ArrayBuffer` by SHA-256.
    Photos,
}

impl Drawer {
    const ALL: [Self; 3] = [Self::Views, Self::Steps, Self::Photos];

    const fn name(self) -> &'static str {
        match self {
            Self::Views => "views",
            Self::Steps => "steps",
            Self::Photos => "photos",
        }
    }
}

thread_local! {
    static OPEN: RefCell<Option<IdbDatabase>> = const { RefCell::new(None) };
}

async fn connection() -> Result<IdbDatabase, DbError> {
    if let Some(open) = OPEN.with_borrow(Clone::clone) {
        return Ok(open);
    }
    let mut request = Factory::new()?.open(NAME, Some(VERSION))?;
    request.on_upgrade_needed(|event: idb::event::VersionChangeEvent| {
        use idb::Event as _;
        // A drawer that cannot be made makes the whole upgrade fail, and with it the opening below.
        let Ok(database) = event.target().and_then(|target| target.database()) else { return };
        let existing = database.store_names();
        for drawer in Drawer::ALL.into_iter().filter(|drawer| !existing.iter().any(|name| name == drawer.name())) {
            let _ = database.create_object_store(drawer.name(), ObjectStoreParams::new());
        }
    });
    let database = IdbDatabase::from(request.await?);
    OPEN.set(Some(database.clone()));
    Ok(database)
}

async fn begin(drawers: &[Drawer], mode: &str) -> Result<Transaction, DbError> {
    if let Ok(transaction) = on(&connection().await?, drawers, mode) {
        return Ok(transaction);
    }
    // The browser has closed the connection: once more with a new one.
    OPEN.set(None);
    on(&connection().await?, drawers, mode)
}

fn on(database: &IdbDatabase, drawers: &[Drawer], mode: &str) -> Result<Transaction, DbError> {
    let failed = |_| DbError::Failed("no transaction".to_owned());
    let names: Array = drawers.iter().map(|drawer| JsValue::from(drawer.name())).collect();
    // Neither idb nor stable web-sys know the third argument, where durability is asked for.
    let options = Object::new();
    Reflect::set(&options, &"durability".into(), &"strict".into()).map_err(failed)?;
    let open: Function = Reflect::get(database, &"transaction".into()).and_then(JsCast::dyn_into).map_err(failed)?;
    let raw: IdbTransaction =
        open.call3(database, &names, &mode.into(), &options).and_then(JsCast::dyn_into).map_err(failed)?;
    Ok(Transaction::from(raw))
}

/// The value under a key.
///
/// # Errors
/// [`DbError`]
pub async fn get(drawer: Drawer, key: &str) -> Result<Option<JsValue>, DbError> {
    let transaction = begin(&[drawer], "readonly").await?;
    Ok(transaction.object_store(drawer.name())?.get(JsValue::from(key))?.await?)
}

/// The text under a key; `None` also where nothing can be kept.
pub async fn text(drawer: Drawer, key: &str) -> Option<String> {
    get(drawer, key).await.ok().flatten().and_then(|value| value.as_string())
}

/// Every text of a drawer, in the order of keys.
///
/// # Errors
/// [`DbError`]
pub async fn texts(drawer: Drawer) -> Result<Vec<String>, DbError> {
    let transaction = begin(&[drawer], "readonly").await?;
    let values = transaction.object_store(drawer.name())?.get_all(None, None)?.await?;
    Ok(values.iter().filter_map(JsValue::as_string).collect())
}

/// Keeps several values at once, or none of them; resolves when they are on the disk.
///
/// # Errors
/// [`DbError`]; then none of them is kept.
pub async fn put(rows: &[(Drawer, &str, JsValue)]) -> Result<(), DbError> {
    let mut drawers: Vec<Drawer> = Vec::new();
    for (drawer, ..) in rows {
        if !drawers.contains(drawer) {
            drawers.push(*drawer);
        }
    }
    let transaction = begin(&drawers, "readwrite").await?;
    for (drawer, key, value) in rows {
        transaction.object_store(drawer.name())?.put(value, Some(&JsValue::from(*key)))?.await?;
    }
    transaction.await?;
    Ok(())
}

/// Removes values; those that are not there are fine.
///
/// # Errors
/// [`DbError`]
pub async fn delete(rows: &[(Drawer, &str)]) -> Result<(), DbError> {
    let transaction = begin(&Drawer::ALL, "readwrite").await?;
    for (drawer, key) in rows {
        transaction.object_store(drawer.name())?.delete(JsValue::from(*key))?.await?;
    }
    transaction.await?;
    Ok(())
}

/// Erases everything.
///
/// # Errors
/// [`DbError`]
pub async fn erase() -> Result<(), DbError> {
    let transaction = begin(&Drawer::ALL, "readwrite").await?;
    for drawer in Drawer::ALL {
        transaction.object_store(drawer.name())?.clear()?.await?;
    }
    transaction.await?;
    Ok(())
}

//! Pages that were drawn this minute.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use sha2::{Digest, Sha256};

use super::Visitor;
use crate::schedule::calendar::hex;
use crate::site::Encoded;
use crate::snapshots::View;

/// Different pages kept at once. What people open is far fewer; what somebody makes up must not fill the memory.
const MOST: usize = 256;
/// Longest address whose page is kept, in bytes.
const LONGEST: usize = 512;

/// Drawn pages of one view of the district; cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Pages(Arc<Mutex<Inner>>);

#[derive(Debug, Default)]
struct Inner {
    /// The view they were drawn from; views change with every revision and every minute.
    view: Option<Arc<View>>,
    pages: HashMap<(Visitor, String), Arc<Encoded>>,
}

impl Pages {
    /// The page, if it was drawn from this view.
    pub(super) fn get(&self, view: &Arc<View>, visitor: Visitor, address: &str) -> Option<Arc<Encoded>> {
        let inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !inner.view.as_ref().is_some_and(|of| Arc::ptr_eq(of, view)) {
            return None;
        }
        inner.pages.get(&(visitor, address.to_owned())).cloned()
    }

    /// Keeps a page that was drawn from this view, and gives it back ready to be sent.
    pub(super) fn keep(&self, view: &Arc<View>, visitor: Visitor, address: &str, html: String) -> Arc<Encoded> {
        let tag = hex(&Sha256::digest(&html)[..8]);
        let page = Arc::new(Encoded::new(html, &tag));
        if address.len() <= LONGEST {
            let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if !inner.view.as_ref().is_some_and(|of| Arc::ptr_eq(of, view)) || inner.pages.len() >= MOST {
                inner.pages.clear();
                inner.view = Some(view.clone());
            }
            inner.pages.insert((visitor, address.to_owned()), page.clone());
        }
        page
    }
}

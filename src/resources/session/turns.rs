//! Whose turn it is: changes of one object follow each other in this process,
//! and what stands on a network does not change while the network does.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLock};

use crate::modelarts::{Id, Network, NetworkId, Object};

/// Who may change what now.
#[derive(Debug, Default)]
pub struct Turns(Mutex<HashMap<Key, Arc<RwLock<()>>>>);

/// A collection and an identity.
type Key = (&'static str, String);

/// A turn; it ends when this is dropped.
#[derive(Debug)]
pub struct Turn {
    _own: OwnedRwLockWriteGuard<()>,
}

/// Something is asked of an object that stands on a network.
#[derive(Debug)]
pub struct Standing {
    _network: Option<OwnedRwLockReadGuard<()>>,
}

impl Turns {
    /// Waits for the turn to change an object.
    pub async fn of<T: Object>(&self, id: &Id<T>) -> Turn {
        Turn { _own: self.lock(T::COLLECTION, id.as_str()).write_owned().await }
    }

    /// Waits until a network is not being changed. Who asks for something that
    /// stands on it holds this while asking, not while waiting for the result.
    pub async fn on(&self, network: Option<&NetworkId>) -> Standing {
        let network = match network {
            Some(id) => Some(self.lock(Network::COLLECTION, id.as_str()).read_owned().await),
            None => None,
        };
        Standing { _network: network }
    }

    fn lock(&self, collection: &'static str, id: &str) -> Arc<RwLock<()>> {
        let mut locks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(locks.entry((collection, id.to_owned())).or_default())
    }
}

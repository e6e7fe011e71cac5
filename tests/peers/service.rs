//! The service behind the buckets, the same for every provider that is
//! measured: included by each with `#[path]`, so that what differs between two
//! providers is only what their frameworks ask for.
//!
//! It keeps its buckets in memory, or in the file that `BUCKET_STORE` names.
//! How a name begins says how the service behaves towards that bucket:
//!
//! | name | behaviour |
//! |---|---|
//! | `slow…` | takes two seconds until the bucket exists |
//! | `broken…` | accepts the bucket, then says that something went wrong |
//! | `refused…` | does not accept the bucket |
//! | `panic…` | the client itself panics while it creates the bucket |
//! | `unreadable…` | every read fails |
//! | `stuck…` | every deletion fails |

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A bucket as the service knows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Bucket {
    pub name: String,
    pub size: i64,
    /// Key of each item, and its value if it has one.
    pub items: Vec<(String, Option<String>)>,
}

/// What the service says when it does not do as asked.
#[derive(Debug, Clone)]
pub struct Refusal {
    pub message: String,
    /// The bucket's ID, when the bucket exists all the same.
    pub id: Option<String>,
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

static MEMORY: Mutex<Buckets> = Mutex::new(BTreeMap::new());

type Buckets = BTreeMap<String, Bucket>;

/// Asks for a bucket, which has an ID from now on and can be used once it is
/// [`ready`].
pub async fn create(bucket: Bucket) -> Result<String, Refusal> {
    let name = bucket.name.clone();
    if name.starts_with("refused") {
        return Err(refusal("This bucket is not wanted.", None::<String>));
    }
    assert!(!name.starts_with("panic"), "a bucket of this name was asked for");
    let id = with(|buckets| {
        let id = format!("bucket-{}-{name}", buckets.len());
        buckets.insert(id.clone(), bucket);
        id
    });
    if name.starts_with("broken") {
        return Err(refusal("The bucket is there, but not in order.", Some(id)));
    }
    Ok(id)
}

/// Waits until a bucket that was asked for can be used.
pub async fn ready(name: &str) {
    if name.starts_with("slow") {
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
}

/// The bucket with this ID, if there is one.
pub async fn read(id: &str) -> Result<Option<Bucket>, Refusal> {
    let bucket = with(|buckets| buckets.get(id).cloned());
    match bucket {
        Some(bucket) if bucket.name.starts_with("unreadable") => {
            Err(refusal("The service has a bad day.", Some(id)))
        }
        found => Ok(found),
    }
}

/// Changes a bucket.
pub async fn update(id: &str, bucket: Bucket) -> Result<(), Refusal> {
    with(|buckets| match buckets.get_mut(id) {
        Some(old) => {
            *old = bucket;
            Ok(())
        }
        None => Err(refusal("There is no such bucket.", None::<String>)),
    })
}

/// Deletes a bucket; one that is gone already is no mistake.
pub async fn delete(id: &str) -> Result<(), Refusal> {
    with(|buckets| {
        if buckets.get(id).is_some_and(|bucket| bucket.name.starts_with("stuck")) {
            return Err(refusal("The bucket is in use.", Some(id)));
        }
        buckets.remove(id);
        Ok(())
    })
}

fn refusal(message: &str, id: Option<impl Into<String>>) -> Refusal {
    Refusal { message: message.to_owned(), id: id.map(Into::into) }
}

fn with<T>(act: impl FnOnce(&mut Buckets) -> T) -> T {
    let mut memory = MEMORY.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let file = std::env::var_os("BUCKET_STORE");
    if let Some(file) = &file {
        let stored = std::fs::read(file).unwrap_or_default();
        *memory = serde_json::from_slice(&stored).unwrap_or_default();
    }
    let result = act(&mut memory);
    if let Some(file) = &file {
        let stored = serde_json::to_vec(&*memory).unwrap_or_default();
        assert!(std::fs::write(file, stored).is_ok(), "the store cannot be written");
    }
    result
}

//! Where the world lives: in memory, or in a file that several processes share.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read, Write},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde_json::Value;

use crate::platform::{file_number, only_for_owner};

use super::world::{VERSION, World};

/// Most nodes of one entry or zone.
const MOST_NODES: u64 = 10_000;
/// Largest number of a state; as a moment in Unix milliseconds it is three thousand years away.
const LARGEST: u64 = 100_000_000_000_000;

/// Says why the state cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file system refuses.
    #[error("cannot {action} the simulator's state file {path}")]
    File {
        /// What was tried.
        action: &'static str,
        /// The file.
        path: String,
        /// What the system says.
        source: io::Error,
    },
    /// The file holds something else.
    #[error("{path} is not a state file of the simulator; delete it to begin anew")]
    Format {
        /// The file.
        path: String,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// The file was written by another version.
    #[error(
        "{path} has state format {found}, this version knows {VERSION}; delete it to begin anew"
    )]
    Version {
        /// The file.
        path: String,
        /// The format found.
        found: u32,
    },
}

/// Keeps the world.
pub(super) enum Store {
    Memory(Mutex<World>),
    File(FileStore),
}

/// Keeps the world in a file.
pub(super) struct FileStore {
    path: PathBuf,
    cache: Mutex<Option<Cached>>,
}

struct Cached {
    stamp: Stamp,
    world: Arc<World>,
}

/// Tells versions of the file apart: every write makes a new file.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Stamp {
    modified: Option<std::time::SystemTime>,
    length: u64,
    inode: u64,
}

impl Store {
    /// Opens the store and makes the first world where there is none.
    pub(super) fn open(path: Option<PathBuf>) -> Result<Self, StoreError> {
        let Some(path) = path else { return Ok(Self::Memory(Mutex::new(World::new()))) };
        let store = Self::File(FileStore { path, cache: Mutex::new(None) });
        store.update(|_| (true, ()))?;
        Ok(store)
    }

    pub(super) fn is_file(&self) -> bool {
        matches!(self, Self::File(_))
    }

    /// Looks at the world.
    pub(super) fn read<T>(&self, look: impl FnOnce(&World) -> T) -> Result<T, StoreError> {
        match self {
            Self::Memory(world) => Ok(look(&lock(world))),
            Self::File(file) => Ok(look(file.load()?.as_ref())),
        }
    }

    /// Changes the world; the change is kept when the closure says so.
    pub(super) fn update<T>(
        &self,
        change: impl FnOnce(&mut World) -> (bool, T),
    ) -> Result<T, StoreError> {
        match self {
            Self::Memory(world) => {
                let mut world = lock(world);
                let mut changed = world.clone();
                let (keep, result) = change(&mut changed);
                if keep {
                    *world = changed;
                }
                Ok(result)
            }
            Self::File(file) => {
                let _guard = file.exclusive()?;
                let mut world = World::clone(&*file.load()?);
                let (keep, result) = change(&mut world);
                if keep {
                    file.save(world)?;
                }
                Ok(result)
            }
        }
    }
}

impl FileStore {
    fn failed(&self, action: &'static str) -> impl FnOnce(io::Error) -> StoreError {
        let path = self.path.display().to_string();
        move |source| StoreError::File { action, path, source }
    }

    /// Waits until no other process changes the state. The lock is a file of its own, because the
    /// state file is replaced as a whole.
    fn exclusive(&self) -> Result<File, StoreError> {
        let mut name = self.path.clone().into_os_string();
        name.push(".lock");
        let mut options = OpenOptions::new();
        options.create(true).truncate(false).write(true);
        only_for_owner(&mut options);
        let file = options.open(Path::new(&name)).map_err(self.failed("lock"))?;
        file.lock().map_err(self.failed("lock"))?;
        Ok(file)
    }

    fn load(&self) -> Result<Arc<World>, StoreError> {
        let mut file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(Arc::new(World::new()));
            }
            Err(error) => return Err(self.failed("read")(error)),
        };
        let stamp =
            file.metadata().map(|metadata| stamp(&metadata)).map_err(self.failed("read"))?;
        let mut cache = lock(&self.cache);
        if let Some(cached) = cache.as_ref().filter(|cached| cached.stamp == stamp) {
            return Ok(Arc::clone(&cached.world));
        }
        let mut text = String::new();
        file.read_to_string(&mut text).map_err(self.failed("read"))?;
        let world = Arc::new(self.parse(&text)?);
        *cache = Some(Cached { stamp, world: Arc::clone(&world) });
        Ok(world)
    }

    fn parse(&self, text: &str) -> Result<World, StoreError> {
        let path = || self.path.display().to_string();
        if text.trim().is_empty() {
            return Ok(World::new());
        }
        let wrong = |source| StoreError::Format { path: path(), source };
        let value: Value = serde_json::from_str(text).map_err(wrong)?;
        let found = value.get("version").and_then(Value::as_u64);
        if let Some(found) = found.and_then(|found| u32::try_from(found).ok())
            && found != VERSION
        {
            return Err(StoreError::Version { path: path(), found });
        }
        if !is_plausible(&value) {
            return Err(wrong(serde::de::Error::custom("a number in it is out of range")));
        }
        serde_json::from_value(value).map_err(wrong)
    }

    /// Replaces the file as a whole; only its owner may read it.
    fn save(&self, world: World) -> Result<(), StoreError> {
        let folder = match self.path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let text = serde_json::to_vec(&world)
            .map_err(|error| self.failed("write")(io::Error::other(error)))?;
        let mut file = tempfile::NamedTempFile::new_in(folder).map_err(self.failed("write"))?;
        file.write_all(&text).map_err(self.failed("write"))?;
        let file = file.persist(&self.path).map_err(|error| self.failed("write")(error.error))?;
        let stamp =
            file.metadata().map(|metadata| stamp(&metadata)).map_err(self.failed("read"))?;
        *lock(&self.cache) = Some(Cached { stamp, world: Arc::new(world) });
        Ok(())
    }
}

/// Tells whether the simulator could have written the numbers of a state. Moments are added to
/// and nodes are made one by one, so others would overflow or take for ever.
fn is_plausible(value: &Value) -> bool {
    let small = |value: &Value, limit: u64| match value {
        Value::Number(number) => number.as_i64().is_some_and(|n| n.unsigned_abs() <= limit),
        other => is_plausible(other),
    };
    match value {
        Value::Array(items) => items.iter().all(is_plausible),
        Value::Object(members) => members.iter().all(|(name, member)| {
            let counts = matches!(name.as_str(), "count" | "maxCount");
            small(member, if counts { MOST_NODES } else { LARGEST })
        }),
        other => !other.is_number() || small(other, LARGEST),
    }
}

fn stamp(metadata: &std::fs::Metadata) -> Stamp {
    let (modified, length) = (metadata.modified().ok(), metadata.len());
    Stamp { modified, length, inode: file_number(metadata) }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(change: impl FnOnce(&mut Value)) -> Result<World, StoreError> {
        let store = FileStore { path: "state.json".into(), cache: Mutex::new(None) };
        let mut state = serde_json::to_value(World::new()).unwrap();
        change(&mut state);
        store.parse(&state.to_string())
    }

    #[test]
    fn a_state_with_numbers_that_nobody_wrote_is_refused() {
        assert!(parse(|_| ()).is_ok());
        assert!(parse(|state| state["ahead"] = 3_600_000.into()).is_ok());
        for number in [Value::from(i64::MAX), i64::MIN.into(), u64::MAX.into(), 1e300.into()] {
            let refused = parse(|state| state["ahead"] = number.clone());
            assert!(matches!(refused, Err(StoreError::Format { .. })), "{number}");
        }
        let count = serde_json::json!({ "azs": [{ "az": "a", "count": 9_000_000_000_u64 }] });
        let refused = parse(|state| state["networks"][0]["object"]["spec"] = count);
        assert!(matches!(refused, Err(StoreError::Format { .. })));
    }
}

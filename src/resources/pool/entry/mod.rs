//! An entry of `resources`, between plan or state and the service.
//!
//! What the service adds to an entry is nobody's business here: an attribute
//! that the user left out stays null, of a map only the keys that the user
//! wrote are shown. What the service does not return keeps its prior value.

mod everything;
mod found;
mod shown;
mod volumes;
mod wanted;

pub use everything::azs;
pub use found::RESERVED_TAG_PREFIXES;
pub use shown::{managed, shown};
pub use volumes::{VOLUME_GROUP, pair_volumes};
pub use wanted::wanted;

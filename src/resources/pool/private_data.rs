//! What private data remembers between plan and apply: that a configuration
//! protects its pool.

use crate::tf::private::Private;

const PROTECTED: &str = "protected";

/// Remembers in the plan of a new pool that its configuration protects it: of a
/// replacement on demand, the delete of the old pool sees nothing else of it.
pub fn set_protected(private: &mut Private) {
    private.set(PROTECTED, true);
}

/// Says whether the configuration of the replacing pool protects it.
pub fn is_protected(private: &Private) -> bool {
    private.get(PROTECTED).is_some()
}

/// Forgets it: once the pool exists its state says so.
pub fn clear_protected(private: &mut Private) {
    private.remove(PROTECTED);
}

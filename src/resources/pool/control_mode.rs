//! What `controlMode` means (API reference, pool object).

const BITS: &[(i64, &str)] = &[
    (1, "the change to yearly/monthly billing is restricted"),
    (2, "changing specifications is restricted"),
    (4, "the service is restricted"),
    (8, "the pool is frozen"),
    (16, "the pool is frozen by public security and cannot be unsubscribed"),
];

/// Bits under which the service refuses changes.
const NO_CHANGES: i64 = 2 | 4 | 8 | 16;
/// The bit under which the service refuses to delete.
const NO_DELETE: i64 = 16;

/// The restrictions in words. Bits without a known meaning are named by number.
pub fn restrictions(mode: i64) -> Vec<String> {
    let known = BITS.iter().filter(|(bit, _)| mode & bit != 0).map(|(_, text)| (*text).to_owned());
    let unknown = mode & !BITS.iter().map(|(bit, _)| bit).fold(0, |all, bit| all | bit);
    let rest = (unknown > 0).then(|| format!("restriction {unknown}, which has no known meaning"));
    known.chain(rest).collect()
}

/// Why the service would refuse a change, if it would.
pub fn refuses_changes(mode: i64) -> Option<String> {
    (mode & NO_CHANGES != 0).then(|| restrictions(mode & NO_CHANGES).join("; "))
}

/// Why the service would refuse to delete, if it would.
pub fn refuses_delete(mode: i64) -> Option<String> {
    (mode & NO_DELETE != 0).then(|| restrictions(mode & NO_DELETE).join("; "))
}

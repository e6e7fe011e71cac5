//! Choosing between settings that say the same thing in two ways or places.

use super::reader::{Reader, Setting};

pub(super) fn unset(argument: &str, variables: &[&str]) -> String {
    let variable = variables.first().copied().unwrap_or_default();
    format!("neither {argument} nor {variable} is set")
}

/// What stands at the better level; the first at the same one.
pub(super) fn preferred<T>(
    a: Option<(Setting, T)>,
    b: Option<(Setting, T)>,
) -> Option<(Setting, T)> {
    [a, b].into_iter().flatten().min_by_key(|(setting, _)| setting.origin.rank())
}

/// Two arguments that say the same thing in two ways.
pub(super) fn conflict(
    reader: &mut Reader<'_>,
    a: Option<&Setting>,
    b: Option<&Setting>,
    a_name: &str,
    b_name: &str,
) {
    if let (Some(a), Some(b)) = (a, b)
        && a.origin.is_argument()
        && b.origin.is_argument()
    {
        reader.refuse(
            &a.origin,
            &format!("It cannot be set together with {b_name}; keep {a_name} or {b_name}."),
        );
    }
}

//! What plans of all kinds of objects say.

use crate::tf::diagnostics::Diagnostic;
use crate::tf::model::Tf;

use super::kind::Kind;

/// The workspace of a new object whose configuration names none; nothing while
/// that is decided later.
pub fn workspace(default: &Tf<String>) -> Option<&str> {
    let text = || default.text().unwrap_or(crate::modelarts::workspace::DEFAULT_WORKSPACE);
    (!default.is_unknown()).then(text)
}

/// Takes a workspace out of a generated configuration that a new object gets anyway.
pub fn without_default_workspace(written: &mut Tf<String>, default: &Tf<String>) {
    if written.is_known() && written.text() == workspace(default) {
        *written = Tf::Null;
    }
}

/// Says that a wait goes on.
pub fn waiting_goes_on<K: Kind>(name: Option<&str>, phase: Option<&str>) -> Diagnostic {
    let (title, noun) = (K::TITLE, K::NOUN);
    let (name, phase) = (name.unwrap_or_default(), phase.unwrap_or("not known yet"));
    Diagnostic::warning(
        format!("Waiting for the {noun} goes on"),
        format!(
            "{title} {name} was not ready when an earlier apply ended; its phase is {phase}. This \
             plan waits until it is ready, under the update timeout. It changes nothing else \
             than what it shows."
        ),
    )
}

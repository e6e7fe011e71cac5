//! The rules that a provider is held against. Their numbers are those of the
//! conformance checklist of the protocol reference.

pub mod changes;
pub mod process;
pub mod schema;
pub mod stop;
pub mod terraform;
pub mod transport;
pub mod values;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use crate::session::{Checked, Miss, Subject};

type Check = fn(Arc<Subject>) -> Pin<Box<dyn Future<Output = Checked> + Send>>;

/// A rule and how to try it.
pub struct Rule {
    /// The number in the checklist.
    pub number: &'static str,
    pub text: &'static str,
    check: Check,
}

/// Turns a list of `number, text, check` into rules.
macro_rules! rules {
    ($($number:literal $text:literal $check:ident,)+) => {
        pub fn rules() -> Vec<$crate::rules::Rule> {
            vec![$($crate::rules::Rule::new($number, $text, |subject| Box::pin($check(subject))),)+]
        }
    };
}
pub(crate) use rules;

impl Rule {
    pub fn new(number: &'static str, text: &'static str, check: Check) -> Self {
        Self { number, text, check }
    }

    /// Tries the rule, with a limit to what it may take.
    pub async fn holds(&self, subject: &Arc<Subject>) -> Checked {
        let limit = Duration::from_secs(120);
        match tokio::time::timeout(limit, (self.check)(Arc::clone(subject))).await {
            Ok(checked) => checked,
            Err(_) => Err(Miss::Fails(format!("no end within {} s", limit.as_secs()))),
        }
    }
}

/// All of them, with the heading of each group.
pub fn all() -> Vec<(&'static str, Vec<Rule>)> {
    vec![
        ("Start and end of the process", process::rules()),
        ("Who is served, and how", transport::rules()),
        ("Schema", schema::rules()),
        ("Values", values::rules()),
        ("Plan, apply, read, import", changes::rules()),
        ("Stop", stop::rules()),
        ("Terraform itself", terraform::rules()),
    ]
}

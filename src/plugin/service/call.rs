//! What is common to all calls: the log, and that a panic becomes an answer.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use tracing::{Instrument, debug, error_span};

use crate::plugin::convert::{bug, diagnostic};
use crate::plugin::logging::PROTOCOL;
use crate::plugin::panics::{Panicked, catch};
use crate::plugin::proto::tfplugin6 as pb;
use crate::tf::diagnostics::Diagnostic;

/// An answer that can carry messages.
pub(super) trait Answer: Default + Send + 'static {
    /// Adds an error to it.
    fn add(&mut self, error: Diagnostic);

    /// How many errors and warnings it carries.
    fn counts(&self) -> (usize, usize);

    /// An answer that is only an error.
    fn refusal(error: Diagnostic) -> Self {
        let mut answer = Self::default();
        answer.add(error);
        answer
    }
}

macro_rules! answers {
    ($($call:ident),+ $(,)?) => {$(
        impl Answer for pb::$call::Response {
            fn add(&mut self, error: Diagnostic) {
                self.diagnostics.push(diagnostic(error));
            }

            fn counts(&self) -> (usize, usize) {
                let errors = self.diagnostics.iter().filter(|d| is_error(d)).count();
                (errors, self.diagnostics.len() - errors)
            }
        }
    )+};
}

answers!(
    apply_resource_change,
    close_ephemeral_resource,
    configure_provider,
    configure_state_store,
    delete_state,
    generate_resource_config,
    get_functions,
    get_metadata,
    get_provider_schema,
    get_resource_identity_schemas,
    get_states,
    import_resource_state,
    lock_state,
    move_resource_state,
    open_ephemeral_resource,
    plan_action,
    plan_resource_change,
    read_data_source,
    read_resource,
    read_state_bytes,
    renew_ephemeral_resource,
    unlock_state,
    upgrade_resource_identity,
    upgrade_resource_state,
    validate_action_config,
    validate_data_resource_config,
    validate_ephemeral_resource_config,
    validate_list_resource_config,
    validate_provider_config,
    validate_resource_config,
    validate_state_store,
    write_state_bytes,
);

impl Answer for pb::call_function::Response {
    fn add(&mut self, error: Diagnostic) {
        let text = format!("{}: {}", error.summary, error.detail);
        self.result = None;
        self.error = Some(pb::FunctionError { text, function_argument: None });
    }

    fn counts(&self) -> (usize, usize) {
        (usize::from(self.error.is_some()), 0)
    }
}

pub(super) fn is_error(diagnostic: &pb::Diagnostic) -> bool {
    diagnostic.severity() != pb::diagnostic::Severity::Warning
}

/// Says that a call panicked.
pub(super) fn panicked(Panicked(told): Panicked) -> Diagnostic {
    bug(format!("It panicked: {told}."))
}

/// What a call is about, by the name that its log field has. Terraform's own
/// SDK uses the same names.
fn subject(rpc: &str) -> Subject {
    match rpc {
        "ValidateDataResourceConfig" | "ReadDataSource" => Subject::DataSource,
        "CallFunction" => Subject::Function,
        _ if rpc.contains("Ephemeral") => Subject::Ephemeral,
        _ if rpc.contains("List") => Subject::List,
        _ if rpc.contains("Action") => Subject::Action,
        _ if rpc.contains("State") && !rpc.contains("Resource") => Subject::StateStore,
        _ => Subject::Resource,
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Subject {
    Resource,
    DataSource,
    Function,
    Ephemeral,
    List,
    Action,
    StateStore,
}

/// Carries out a call. `kind` is the type of resource, data source or function
/// that it is about, or empty. If `work` panics, `fallback` is the answer, with
/// an error added.
pub(super) async fn answer<A: Answer>(
    rpc: &'static str,
    kind: &str,
    fallback: A,
    work: impl Future<Output = A>,
) -> A {
    let subject = subject(rpc);
    let named = |field: Subject| (field == subject && !kind.is_empty()).then_some(kind);
    let span = error_span!(
        target: PROTOCOL,
        "call",
        tf_rpc = rpc,
        tf_req_id = next_id(),
        tf_resource_type = named(Subject::Resource),
        tf_data_source_type = named(Subject::DataSource),
        tf_function_name = named(Subject::Function),
        tf_ephemeral_resource_type = named(Subject::Ephemeral),
        tf_list_resource_type = named(Subject::List),
        tf_action_type = named(Subject::Action),
        tf_state_store_type = named(Subject::StateStore),
    );
    async {
        debug!(target: PROTOCOL, "received a call");
        let began = Instant::now();
        let answer = catch(work).await.unwrap_or_else(|panic| {
            let mut answer = fallback;
            answer.add(panicked(panic));
            answer
        });
        let (errors, warnings) = answer.counts();
        debug!(
            target: PROTOCOL,
            tf_req_duration_ms = began.elapsed().as_millis(),
            diagnostic_error_count = errors,
            diagnostic_warning_count = warnings,
            "answered a call"
        );
        answer
    }
    .instrument(span)
    .await
}

/// A text that tells the calls of all processes of one Terraform run apart.
fn next_id() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(1);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    format!("{:x}-{count}", std::process::id())
}

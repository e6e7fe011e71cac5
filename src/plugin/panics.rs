//! Panics: within a call they become a diagnostic, elsewhere they are told in
//! the words that Terraform recognises.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::io::Write;
use std::panic::{AssertUnwindSafe, PanicHookInfo};
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::FutureExt;
use tracing::error;

/// Terraform shows this many lines of a crash.
const MOST_LINES: usize = 100;

tokio::task_local! {
    /// Where a panic within a guarded future leaves its description.
    static GUARD: Arc<Mutex<Option<String>>>;
}

/// A caught panic: what it said and where.
#[derive(Debug)]
pub(crate) struct Panicked(pub(crate) String);

/// Runs a future and catches its panic.
///
/// # Errors
/// The description of the panic.
pub(crate) async fn catch<T>(future: impl Future<Output = T>) -> Result<T, Panicked> {
    let slot = Arc::new(Mutex::new(None));
    let guarded = GUARD.scope(Arc::clone(&slot), AssertUnwindSafe(future).catch_unwind());
    guarded.await.map_err(|payload| {
        let told = slot.lock().unwrap_or_else(PoisonError::into_inner).take();
        Panicked(told.unwrap_or_else(|| message(&*payload)))
    })
}

/// Replaces the process's panic hook. Terraform collects what follows a line
/// that begins with `panic: ` and shows it when a command fails; a panic that
/// is caught must not look like that.
pub(crate) fn install_hook() {
    std::panic::set_hook(Box::new(|info| {
        let told = describe(info);
        let caught = GUARD.try_with(|slot| {
            *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(told.clone());
        });
        if caught.is_ok() {
            error!(panic = told, "a call panicked");
        } else {
            // There is nobody left to tell if this fails.
            let _ = std::io::stderr().lock().write_all(crash_report(&told).as_bytes());
        }
    }));
}

fn describe(info: &PanicHookInfo<'_>) -> String {
    let place = info.location().map(|place| format!(" (at {}:{})", place.file(), place.line()));
    format!("{}{}", message(info.payload()), place.unwrap_or_default())
}

fn message(payload: &(dyn std::any::Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no message".to_owned())
}

fn crash_report(told: &str) -> String {
    let backtrace = Backtrace::capture();
    let mut report = format!("panic: {told}\n");
    if backtrace.status() == BacktraceStatus::Captured {
        report.push_str(&backtrace.to_string());
    }
    let mut lines: Vec<&str> = report.lines().take(MOST_LINES).collect();
    lines.push("");
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_within_a_call_is_told_and_not_passed_on() {
        let caught: Result<(), _> = catch(async { panic!("out of {}", "luck") }).await;
        let Err(Panicked(told)) = caught else { panic!("not caught") };
        assert!(told.starts_with("out of luck"));
        assert_eq!(catch(async { 7 }).await.unwrap(), 7);
    }

    #[test]
    fn a_crash_report_begins_as_terraform_expects() {
        let report = crash_report("out of luck (at somewhere:1)");
        assert!(report.starts_with("panic: out of luck"));
        assert!(report.ends_with('\n') && report.lines().count() <= MOST_LINES);
    }
}

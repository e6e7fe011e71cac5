//! Log lines as Terraform reads them: one JSON object per line on standard
//! error, in the manner of its own logger (hclog).

use std::io::{self, Write};

use jiff::Timestamp;
use serde_json::{Map, Value as Json};
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;

use super::environment::{Lookup, process_environment};

/// The target of log lines about protocol calls.
pub(crate) const PROTOCOL: &str = "sdk.proto";

/// Where the runtime itself logs, whatever crate the provider is.
const RUNTIME: &str = concat!(env!("CARGO_CRATE_NAME"), "::plugin");

/// The longest line, in bytes. Terraform chops at 64 KiB, and a chopped line
/// is no JSON any more.
const LONGEST_LINE: usize = 60 * 1024;
/// The longest text in a line, in bytes before escaping.
const LONGEST_TEXT: usize = 8 * 1024;

/// Sends log lines to standard error from now on, if the user asked for them.
///
/// The level comes from `TF_LOG_PROVIDER_<NAME>`, else `TF_LOG_PROVIDER`, else
/// `TF_LOG`; without any of them nothing is written. `name` is the provider's
/// type name. Only events of the crate `krate` (its name as in module paths)
/// and of this runtime are written, because the words of other crates may hold
/// what must not be seen.
pub fn init_logging(name: &str, krate: &'static str) {
    let level = level(name, &process_environment);
    if level == LevelFilter::OFF {
        return;
    }
    let layer = Hclog { krate, sink: write_to_stderr };
    // An error means that there is a subscriber already, which then stays.
    let _ = tracing_subscriber::registry().with(level).with(layer).try_init();
}

fn write_to_stderr(line: &[u8]) {
    // Without a reader there is nobody to tell.
    let _ = io::stderr().lock().write_all(line);
}

fn level(name: &str, lookup: Lookup<'_>) -> LevelFilter {
    let own = format!("TF_LOG_PROVIDER_{}", name.to_uppercase().replace('-', "_"));
    let chosen = [own.as_str(), "TF_LOG_PROVIDER", "TF_LOG"]
        .into_iter()
        .find_map(|variable| lookup(variable).filter(|value| !value.is_empty()));
    match chosen.map(|level| level.to_uppercase()).as_deref() {
        None | Some("OFF") => LevelFilter::OFF,
        Some("ERROR") => LevelFilter::ERROR,
        Some("WARN") => LevelFilter::WARN,
        Some("INFO") => LevelFilter::INFO,
        Some("DEBUG") => LevelFilter::DEBUG,
        // TRACE, JSON, and what Terraform takes for TRACE because it does not
        // know it either.
        Some(_) => LevelFilter::TRACE,
    }
}

// === Hclog ===

/// Formats events and the spans around them.
struct Hclog<S> {
    krate: &'static str,
    sink: S,
}

impl<S> Hclog<S> {
    fn is_ours(&self, metadata: &Metadata<'_>) -> bool {
        let target = metadata.target();
        target == PROTOCOL || [self.krate, RUNTIME].iter().any(|outer| within(target, outer))
    }

    /// Where it comes from, in the words of other providers: `provider` and
    /// then the modules.
    fn module(&self, metadata: &Metadata<'_>) -> String {
        let target = metadata.target();
        if target == PROTOCOL {
            return target.to_owned();
        }
        let inner = target.split_once("::").map(|(_, inner)| inner.replace("::", "."));
        inner.map_or_else(|| "provider".to_owned(), |inner| format!("provider.{inner}"))
    }
}

/// Says whether a target is that of the module `outer` or of one in it.
fn within(target: &str, outer: &str) -> bool {
    let rest = target.strip_prefix(outer);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

impl<T, S> Layer<T> for Hclog<S>
where
    T: Subscriber + for<'a> LookupSpan<'a>,
    S: Fn(&[u8]) + 'static,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, T>) {
        if let Some(span) = context.span(id).filter(|span| self.is_ours(span.metadata())) {
            let mut fields = Fields::default();
            attributes.record(&mut fields);
            span.extensions_mut().insert(fields);
        }
    }

    fn on_record(&self, id: &Id, record: &Record<'_>, context: Context<'_, T>) {
        if let Some(span) = context.span(id)
            && let Some(fields) = span.extensions_mut().get_mut::<Fields>()
        {
            record.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, T>) {
        if !self.is_ours(event.metadata()) {
            return;
        }
        let mut line = Fields::default();
        // From the outside in, so that of two values the inner one stays.
        for span in context.event_scope(event).into_iter().flat_map(|scope| scope.from_root()) {
            if let Some(fields) = span.extensions().get::<Fields>() {
                line.0.extend(fields.0.iter().map(|(key, text)| (key.clone(), text.clone())));
            }
        }
        event.record(&mut line);
        let message = line.0.remove("message").unwrap_or_else(|| Json::from(""));
        line.0.insert("@message".to_owned(), message);
        line.0.insert("@level".to_owned(), level_name(*event.metadata().level()).into());
        line.0.insert("@module".to_owned(), self.module(event.metadata()).into());
        line.0.insert("@timestamp".to_owned(), timestamp(Timestamp::now()).into());
        (self.sink)(&serialize(line.0));
    }
}

fn level_name(level: Level) -> &'static str {
    match level {
        Level::ERROR => "error",
        Level::WARN => "warn",
        Level::INFO => "info",
        Level::DEBUG => "debug",
        Level::TRACE => "trace",
    }
}

/// Formats a time with exactly six digits after the point: Terraform takes a
/// line with any other form for plain text.
fn timestamp(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S.%6fZ").to_string()
}

fn serialize(mut line: Map<String, Json>) -> Vec<u8> {
    let mut bytes = serde_json::to_vec(&line).unwrap_or_default();
    while bytes.len() >= LONGEST_LINE {
        let longest = line
            .iter()
            .filter(|(key, _)| !matches!(key.as_str(), "@timestamp" | "@level" | "@module"))
            .max_by_key(|(_, text)| text.as_str().map_or(0, str::len))
            .map(|(key, _)| key.clone());
        let Some(key) = longest else { break };
        if key == "@message" {
            line.insert(key, "(too long for a log line)".into());
        } else {
            line.remove(&key);
        }
        bytes = serde_json::to_vec(&line).unwrap_or_default();
    }
    bytes.push(b'\n');
    bytes
}

// === Fields ===

/// Fields as text. All of them, because Terraform ends itself over a message
/// that is not a string.
#[derive(Default)]
struct Fields(Map<String, Json>);

impl Fields {
    fn put(&mut self, field: &Field, mut text: String) {
        if text.len() > LONGEST_TEXT {
            let end = (0..=LONGEST_TEXT).rev().find(|end| text.is_char_boundary(*end));
            text.truncate(end.unwrap_or_default());
            text.push('…');
        }
        // The names of the line's own parts begin so.
        let name = field.name().trim_start_matches('@');
        self.0.insert(name.to_owned(), Json::String(text));
    }
}

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.put(field, format!("{value:?}"));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use tracing::{debug, error_span, info};

    use super::*;

    fn logged(at: LevelFilter, act: impl FnOnce()) -> Vec<Map<String, Json>> {
        let written = Arc::new(Mutex::new(Vec::<u8>::new()));
        let sink = {
            let written = Arc::clone(&written);
            move |line: &[u8]| {
                assert!(line.len() < 64 * 1024);
                written.lock().unwrap().extend_from_slice(line);
            }
        };
        let layer = Hclog { krate: env!("CARGO_CRATE_NAME"), sink };
        let subscriber = tracing_subscriber::registry().with(at).with(layer);
        tracing::subscriber::with_default(subscriber, act);
        let written = written.lock().unwrap();
        let lines = std::str::from_utf8(&written).unwrap().lines();
        lines.map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[test]
    fn a_line_is_what_terraforms_logger_writes() {
        let lines = logged(LevelFilter::DEBUG, || {
            let span = error_span!(target: PROTOCOL, "call", tf_rpc = "ReadResource");
            span.in_scope(|| debug!(count = 3, flag = true, "looked"));
        });
        let [line] = lines.as_slice() else { panic!("{lines:?}") };
        let text = |key: &str| line[key].as_str().unwrap().to_owned();
        assert_eq!(text("@message"), "looked");
        assert_eq!(text("@level"), "debug");
        assert_eq!(text("@module"), "provider.plugin.logging.tests");
        assert_eq!(
            (text("tf_rpc"), text("count"), text("flag")),
            ("ReadResource".into(), "3".into(), "true".into())
        );
        let time = text("@timestamp");
        assert_eq!(time.len(), "2006-01-02T15:04:05.000000Z".len());
        assert!(time.parse::<Timestamp>().is_ok());
    }

    #[test]
    fn of_two_values_of_a_field_the_inner_one_is_written() {
        let lines = logged(LevelFilter::DEBUG, || {
            let outer = error_span!("outer", who = "outer", kept = "outer");
            let inner = outer.in_scope(|| error_span!("inner", who = "inner", what = "inner"));
            inner.in_scope(|| {
                debug!("from the spans");
                debug!(who = "event", "its own");
            });
        });
        let of = |line: usize| ["who", "what", "kept"].map(|key| lines[line][key].clone());
        assert_eq!(of(0), ["inner", "inner", "outer"]);
        assert_eq!(of(1), ["event", "inner", "outer"]);
    }

    #[test]
    fn a_timestamp_has_six_digits_even_on_the_full_second() {
        assert_eq!(timestamp(Timestamp::UNIX_EPOCH), "1970-01-01T00:00:00.000000Z");
    }

    #[test]
    fn lines_stay_short_enough_to_be_read() {
        let huge = "\u{1}".repeat(100_000);
        let lines = logged(LevelFilter::TRACE, || {
            info!(a = huge, b = huge, c = huge, short = "kept", "{huge}");
        });
        assert_eq!(lines[0]["short"], "kept");
    }

    #[test]
    fn other_crates_and_lower_levels_are_not_written() {
        let lines = logged(LevelFilter::INFO, || {
            info!(target: "h2::codec", "authorization: secret");
            info!(target: "terraform_provider_modelarts_other", "not ours");
            debug!("too quiet");
        });
        assert!(lines.is_empty(), "{lines:?}");
    }

    #[test]
    fn fields_cannot_take_the_place_of_the_lines_own_parts() {
        let lines = logged(LevelFilter::INFO, || info!("@level" = 7, "message"));
        assert_eq!(lines[0]["@level"], "info");
    }

    #[test]
    fn the_most_specific_variable_decides_the_level() {
        let of = |pairs: &[(&str, &str)]| {
            level("model-arts", &|name| {
                pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
            })
        };
        assert_eq!(of(&[]), LevelFilter::OFF);
        assert_eq!(of(&[("TF_LOG", "debug")]), LevelFilter::DEBUG);
        assert_eq!(of(&[("TF_LOG", "JSON")]), LevelFilter::TRACE);
        assert_eq!(of(&[("TF_LOG", "TRACE"), ("TF_LOG_PROVIDER", "WARN")]), LevelFilter::WARN);
        let own = [("TF_LOG_PROVIDER", "TRACE"), ("TF_LOG_PROVIDER_MODEL_ARTS", "off")];
        assert_eq!(of(&own), LevelFilter::OFF);
        assert_eq!(of(&[("TF_LOG", "nonsense")]), LevelFilter::TRACE);
    }
}

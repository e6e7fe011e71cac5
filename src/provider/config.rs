//! From a provider block and an environment to settings of a client.

use std::path::PathBuf;

use crate::modelarts::{Client, CredentialSource, Endpoints, ProjectRef, Settings, SettingsError};
use crate::resources::offer::Check;
use crate::tf::diagnostics::{Diagnostic, Diagnostics, Severity};
use crate::tf::model::Tf;
use crate::tf::path::Path;
use crate::tf::value::Value;

use super::addresses;
use super::credentials;
use super::environment::Environment;
use super::profile::{self, Profile};
use super::reader::{Reader, Setting, refused};
use super::schema::{self, ProviderModel, SimulatorModel};

/// Where the simulated cloud is kept when nothing else is said.
const SIMULATOR_FILE: &str = "modelarts-simulator.json";

/// What a configuration comes to.
#[derive(Debug)]
pub struct Resolution {
    /// Whether and with what the service can be called.
    pub resolved: Resolved,
    /// The workspace of objects that name none.
    pub workspace: Tf<String>,
    /// What a plan does about what is not on sale.
    pub availability_check: Check,
    /// What the user should know, whatever came out.
    pub warnings: Diagnostics,
}

/// Whether and with what the service can be called.
#[derive(Debug)]
pub enum Resolved {
    /// Everything is known.
    Known(Box<Target>),
    /// These arguments are decided during apply.
    Unknown {
        /// Their paths.
        attributes: Vec<String>,
    },
    /// The configuration is wrong wherever it is used.
    Invalid(Diagnostics),
    /// Something is missing that another environment may have.
    Incomplete(Diagnostics),
}

/// The service to call.
#[derive(Debug)]
pub struct Target {
    /// Settings of the client. With a simulator, they lack its address,
    /// project and credentials.
    pub settings: Settings,
    /// The built-in simulator, if that is the service.
    pub simulator: Option<SimulatedCloud>,
    /// Why other credentials than those in `settings` do not apply; one
    /// sentence each.
    pub passed_over: Vec<String>,
}

/// A built-in simulator. Two of the same file, scenario and speed are one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SimulatedCloud {
    /// Where the cloud is kept.
    pub file: PathBuf,
    /// File with what happens in it.
    pub scenario: Option<PathBuf>,
    /// How much faster time passes, as a decimal number above 0.
    pub speed: Option<String>,
}

/// Reads a configuration. Looks at files, never at the network.
pub fn resolve(config: &Value, environment: &Environment, terraform_version: &str) -> Resolution {
    let mut reader = Reader::new(config, environment);
    let workspace = workspace(config, environment);
    let availability_check = availability_check(&mut reader);
    let mut missing = Diagnostics::new();
    let target = match simulator(&mut reader) {
        Some(cloud) => simulated(&mut reader, cloud, terraform_version),
        None if reader.has_unknown() => None,
        None => cloud(&mut reader, terraform_version, &mut missing),
    };
    if let Some(target) = &target
        && !reader.problems.has_errors()
        && let Err(error) = Client::new(target.settings.clone())
    {
        reader.problems.push(unusable(&error));
    }
    ignored(&mut reader);
    let unknown = reader.unknown();
    let (errors, warnings): (Vec<_>, Vec<_>) =
        reader.problems.into_iter().partition(|problem| problem.severity == Severity::Error);
    let resolved = match target {
        _ if !errors.is_empty() => Resolved::Invalid(errors.into_iter().collect()),
        _ if !unknown.is_empty() => Resolved::Unknown { attributes: unknown },
        Some(target) => Resolved::Known(Box::new(target)),
        None => Resolved::Incomplete(missing),
    };
    let warnings = warnings.into_iter().collect();
    Resolution { resolved, workspace, availability_check, warnings }
}

/// The default workspace is no part of the connection: while it is unknown, all
/// that names its own works.
fn workspace(config: &Value, environment: &Environment) -> Tf<String> {
    match config.get("workspace_id") {
        Value::Unknown(_) => Tf::Unknown,
        Value::String(id) if !id.is_empty() => Tf::Known(id.clone()),
        _ => environment.get("HW_MODELARTS_WORKSPACE_ID").into(),
    }
}

/// One warning about all that is written and means nothing here.
fn ignored(reader: &mut Reader<'_>) {
    let written: Vec<String> =
        schema::ignored().into_iter().filter(|name| reader.is_written(&Path::of(name))).collect();
    let Some(first) = written.first() else { return };
    let (them, mean) = if written.len() == 1 { ("it", "means") } else { ("them", "mean") };
    let warning = Diagnostic::warning(
        "Arguments without effect",
        format!(
            "{} {mean} something to the huaweicloud provider and nothing to this one, which \
             ignores {them}.",
            written.join(", ")
        ),
    );
    reader.problems.push(warning.at(Path::of(first)));
}

/// Only a hint depends on it: while it is unknown nobody looks.
fn availability_check(reader: &mut Reader<'_>) -> Check {
    if reader.is_unknown(&Path::of(ProviderModel::AVAILABILITY_CHECK)) {
        return Check::Off;
    }
    let word = reader.top(ProviderModel::AVAILABILITY_CHECK, &["HW_MODELARTS_AVAILABILITY_CHECK"]);
    let Some(word) = word else { return Check::default() };
    Check::read(&word.value).unwrap_or_else(|| {
        let words = Check::WORDS.join(", ");
        reader.refuse(&word.origin, &format!("It is {:?}; use one of {words}.", word.value));
        Check::default()
    })
}

/// The simulator, if there is to be one.
fn simulator(reader: &mut Reader<'_>) -> Option<SimulatedCloud> {
    let written = reader.argument(&Path::of(ProviderModel::SIMULATOR))?;
    let at = |name: &str| Path::of(ProviderModel::SIMULATOR).attribute(name);
    let file = reader.text(&at(SimulatorModel::STATE_FILE), &["MODELARTS_SIMULATOR"]);
    let scenario = reader.text(&at(SimulatorModel::SCENARIO), &[]);
    let speed = speed(reader, &at(SimulatorModel::SPEED));
    let file = match file {
        Some(file) => reader.environment.path(&file.value),
        None if written.is_null() || reader.has_unknown() => return None,
        None => PathBuf::from(SIMULATOR_FILE),
    };
    let scenario = scenario.map(|scenario| reader.environment.path(&scenario.value));
    Some(SimulatedCloud { file, scenario, speed })
}

fn speed(reader: &mut Reader<'_>, path: &Path) -> Option<String> {
    let speed = reader.number(path, &[])?;
    match speed.value.parse::<f64>() {
        Ok(factor) if factor > 0.0 && factor <= 1e6 => Some(speed.value),
        _ => {
            reader.refuse(&speed.origin, "It must be a number above 0, at most 1000000.");
            None
        }
    }
}

fn simulated(
    reader: &mut Reader<'_>,
    cloud: SimulatedCloud,
    terraform_version: &str,
) -> Option<Target> {
    // Placeholders until the simulator runs and has an address.
    let endpoints = crate::modelarts::endpoints::for_region("simulator", None).ok()?;
    let project = ProjectRef::Name("simulator".to_owned());
    let mut settings = Settings::new(project, CredentialSource::Metadata, endpoints);
    settings.user_agent = user_agent(reader.environment, terraform_version);
    limits(reader, &mut settings);
    headers(reader, &mut settings);
    Some(Target { settings, simulator: Some(cloud), passed_over: Vec::new() })
}

fn cloud(
    reader: &mut Reader<'_>,
    terraform_version: &str,
    missing: &mut Diagnostics,
) -> Option<Target> {
    let profile = profile::load(reader);
    let region = reader
        .top(ProviderModel::REGION, &["HW_REGION_NAME", "OS_REGION_NAME"])
        .or_else(|| profile.as_ref().and_then(|profile| profile.setting(&profile.region)));
    let insecure = reader.flag(ProviderModel::INSECURE, &["HW_INSECURE", "OS_INSECURE"]);
    // While insecure is unknown, nothing is refused for being insecure.
    let lenient = insecure || reader.is_unknown(&Path::of(ProviderModel::INSECURE));
    let endpoints = addresses::endpoints(reader, region.as_ref(), lenient);
    let project = project(reader, region.as_ref(), profile.as_ref());
    let chosen = credentials::choose(reader, profile.as_ref());
    let base = complete(region.as_ref(), endpoints, project, missing);
    let mut settings = match base {
        Some((endpoints, project)) => Settings::new(project, chosen.source, endpoints),
        None => {
            // Read the rest all the same: several mistakes are told in one run.
            let endpoints = crate::modelarts::endpoints::for_region("none", None).ok()?;
            Settings::new(ProjectRef::Name(String::new()), chosen.source, endpoints)
        }
    };
    settings.cloud = reader.top(ProviderModel::CLOUD, &["HW_CLOUD"]).map(|cloud| cloud.value);
    settings.region = region.map(|region| region.value);
    settings.insecure = insecure;
    settings.user_agent = user_agent(reader.environment, terraform_version);
    certificates(reader, &mut settings);
    limits(reader, &mut settings);
    headers(reader, &mut settings);
    let target = Target { settings, simulator: None, passed_over: chosen.passed_over };
    missing.is_empty().then_some(target)
}

/// What cannot be done without: addresses and a project.
fn complete(
    region: Option<&Setting>,
    endpoints: Option<Endpoints>,
    project: Option<ProjectRef>,
    missing: &mut Diagnostics,
) -> Option<(Endpoints, ProjectRef)> {
    let summary = "Incomplete provider configuration";
    if endpoints.is_none() && region.is_none() {
        missing.push(
            Diagnostic::error(
                summary,
                "The region is missing. Set region in the provider block or HW_REGION_NAME in the \
                 environment, for example to \"cn-north-4\"; or set endpoints.modelarts and \
                 project_id (HW_PROJECT_ID). To try things without a cloud, set simulator or \
                 MODELARTS_SIMULATOR.",
            )
            .at(Path::of(ProviderModel::REGION)),
        );
    } else if project.is_none() {
        missing.push(
            Diagnostic::error(
                summary,
                "The project is missing. Without a region to look it up by, set project_id in the \
                 provider block or HW_PROJECT_ID in the environment.",
            )
            .at(Path::of(ProviderModel::PROJECT_ID)),
        );
    } else if endpoints.is_none() {
        missing.push(Diagnostic::error(summary, "The addresses of the services cannot be told."));
    }
    endpoints.zip(project)
}

/// The project: by ID or name where they are given, else named like the region.
fn project(
    reader: &mut Reader<'_>,
    region: Option<&Setting>,
    profile: Option<&Profile>,
) -> Option<ProjectRef> {
    let id = reader.either(
        (ProviderModel::PROJECT_ID, ProviderModel::TENANT_ID),
        &["HW_PROJECT_ID", "OS_PROJECT_ID", "OS_TENANT_ID"],
    );
    let name = reader.either(
        (ProviderModel::PROJECT_NAME, ProviderModel::TENANT_NAME),
        &["HW_PROJECT_NAME", "OS_PROJECT_NAME", "OS_TENANT_NAME"],
    );
    // A profile's project is one of the profile's region.
    let id = id.or_else(|| {
        let profile = profile?;
        let fits = profile.region.is_empty() || region.is_some_and(|r| r.value == profile.region);
        profile.setting(&profile.project_id).filter(|_| fits)
    });
    let by_id = id.map(|id| (id.origin.rank(), ProjectRef::Id(id.value)));
    let by_name = name.map(|name| (name.origin.rank(), ProjectRef::Name(name.value)));
    let given = [by_id, by_name].into_iter().flatten().min_by_key(|(rank, _)| *rank);
    let given = given.map(|(_, project)| project);
    given.or_else(|| region.map(|region| ProjectRef::Name(region.value.clone())))
}

fn certificates(reader: &mut Reader<'_>, settings: &mut Settings) {
    let authorities = reader.pem(ProviderModel::CACERT_FILE, &["HW_CACERT", "OS_CACERT"]);
    settings.cacert_pem = authorities.map(|pem| pem.value.into_bytes());
    let before = reader.problems.has_errors();
    let cert = reader.pem(ProviderModel::CERT, &["HW_CERT", "OS_CERT"]);
    let key = reader.pem(ProviderModel::KEY, &["HW_KEY", "OS_KEY"]);
    let unreadable = reader.problems.has_errors() && !before;
    let undecided = ["cert", "key"].iter().any(|name| reader.is_unknown(&Path::of(name)));
    if !unreadable && !undecided {
        if let (Some(alone), None) = (&cert, &key) {
            reader.refuse(&alone.origin, "It needs its key; set key (HW_KEY) as well.");
        } else if let (None, Some(alone)) = (&cert, &key) {
            reader.refuse(&alone.origin, "It needs its certificate; set cert (HW_CERT) as well.");
        }
    }
    settings.client_cert_pem = cert.map(|pem| pem.value.into_bytes());
    settings.client_key_pem = key.map(|pem| pem.value.into());
}

fn limits(reader: &mut Reader<'_>, settings: &mut Settings) {
    if let Some(retries) = reader.number(&Path::of(ProviderModel::MAX_RETRIES), &["HW_MAX_RETRIES"])
    {
        match retries.value.parse() {
            Ok(count) => settings.max_retries = count,
            Err(_) => reader.refuse(&retries.origin, "It must be a whole number, 0 or more."),
        }
    }
    let path = Path::of(ProviderModel::MAX_REQUESTS_PER_SECOND);
    if let Some(rate) = reader.number(&path, &["HW_MODELARTS_MAX_RPS"]) {
        match rate.value.parse::<f64>() {
            Ok(limit) if limit > 0.0 && limit <= 1e6 => {
                settings.max_requests_per_second = Some(limit);
            }
            _ => reader.refuse(&rate.origin, "It must be a number above 0, at most 1000000."),
        }
    }
}

fn headers(reader: &mut Reader<'_>, settings: &mut Settings) {
    let path = Path::of(ProviderModel::REQUEST_HEADERS);
    let Some(headers) = reader.argument(&path).and_then(Value::entries) else { return };
    for name in headers.keys() {
        let at = path.key(name);
        if let Some(value) = reader.argument(&at).and_then(Value::as_str) {
            settings.extra_headers.push((name.clone(), value.to_owned()));
        }
    }
}

/// Names this provider, its caller and what the user adds.
fn user_agent(environment: &Environment, terraform_version: &str) -> String {
    let mut agent =
        format!("terraform-provider-modelarts/{} terraform/", env!("CARGO_PKG_VERSION"));
    agent.push_str(if terraform_version.is_empty() { "unknown" } else { terraform_version });
    if let Some(more) = environment.get("TF_APPEND_USER_AGENT") {
        agent.push(' ');
        agent.push_str(more.trim());
    }
    // Anything else cannot be sent in a header.
    agent.retain(|c| c == ' ' || c.is_ascii_graphic());
    agent.trim_end().to_owned()
}

/// A setting that only the client finds to be wrong, at its argument.
fn unusable(error: &SettingsError) -> Diagnostic {
    let path = match error {
        SettingsError::Header { name, .. } => Path::of(ProviderModel::REQUEST_HEADERS).key(name),
        SettingsError::Tls { what, .. } if what.starts_with("client") => {
            Path::of(ProviderModel::CERT)
        }
        SettingsError::Tls { .. } => Path::of(ProviderModel::CACERT_FILE),
        SettingsError::Rate => Path::of(ProviderModel::MAX_REQUESTS_PER_SECOND),
        SettingsError::Empty(name) => Path::of(name),
        _ => return Diagnostic::error("Invalid provider configuration", error.to_string()),
    };
    refused(&super::reader::Origin::Argument(path), &format!("{error}."))
}

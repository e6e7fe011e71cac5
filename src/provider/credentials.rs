//! Which credentials are used, and why the others are not.

use crate::modelarts::{CredentialSource, DomainRef, Keys, UserRef};
use crate::tf::diagnostics::Diagnostic;
use crate::tf::path::Path;

use super::agencies;
use super::choice::{conflict, preferred, unset};
use super::profile::Profile;
use super::reader::{Origin, Reader, Setting};
use super::schema::ProviderModel;

const ACCESS_KEY: &[&str] = &["HW_ACCESS_KEY", "OS_ACCESS_KEY"];
const SECRET_KEY: &[&str] = &["HW_SECRET_KEY", "OS_SECRET_KEY"];
const SECURITY_TOKEN: &[&str] = &["HW_SECURITY_TOKEN", "OS_SECURITY_TOKEN"];
const TOKEN: &[&str] = &["HW_AUTH_TOKEN", "OS_AUTH_TOKEN", "OS_TOKEN"];
const USER_NAME: &[&str] = &["HW_USER_NAME", "OS_USERNAME"];
const USER_ID: &[&str] = &["HW_USER_ID", "OS_USER_ID"];
const PASSWORD: &[&str] = &["HW_USER_PASSWORD", "OS_PASSWORD"];
const DOMAIN_NAME: &[&str] =
    &["HW_DOMAIN_NAME", "OS_DOMAIN_NAME", "OS_USER_DOMAIN_NAME", "OS_PROJECT_DOMAIN_NAME"];
const DOMAIN_ID: &[&str] =
    &["HW_DOMAIN_ID", "OS_DOMAIN_ID", "OS_USER_DOMAIN_ID", "OS_PROJECT_DOMAIN_ID"];

/// The credentials to use.
pub(super) struct Chosen {
    pub(super) source: CredentialSource,
    /// Why the sources before it do not apply; one sentence each.
    pub(super) passed_over: Vec<String>,
}

/// Credentials that could be used.
struct Candidate {
    source: CredentialSource,
    /// Where the deciding part of it came from.
    origin: Origin,
}

/// Chooses credentials: an argument wins over the environment, the environment
/// over a profile; at one level a token over keys, keys over a password. The
/// last resort is the metadata service.
pub(super) fn choose(reader: &mut Reader<'_>, profile: Option<&Profile>) -> Chosen {
    let mut passed_over = Vec::new();
    let candidates = [
        token(reader, &mut passed_over),
        keys(reader, &mut passed_over),
        password(reader, &mut passed_over),
        of_profile(reader, profile, &mut passed_over),
    ];
    let present: Vec<Candidate> = candidates.into_iter().flatten().collect();
    warn_of_several(reader, &present);
    // The first of those with the lowest rank.
    let best = present.into_iter().min_by_key(|candidate| candidate.origin.rank());
    let by_profile = best.as_ref().is_some_and(|c| matches!(c.origin, Origin::Profile(_)));
    let base = best.map_or(CredentialSource::Metadata, |candidate| candidate.source);
    // Who signs in with an ID token needs no other credentials.
    let source = match agencies::with_oidc(reader, &mut passed_over) {
        Some(signed_in) => agencies::written(reader, signed_in),
        None => agencies::assumed(reader, profile.filter(|_| by_profile), base),
    };
    Chosen { source, passed_over }
}

/// Two kinds in one place are one too many; which one wins should be no riddle.
fn warn_of_several(reader: &mut Reader<'_>, present: &[Candidate]) {
    let mut arguments = present.iter().filter(|candidate| candidate.origin.is_argument());
    let (Some(used), Some(unused)) = (arguments.next(), arguments.next()) else { return };
    if let Origin::Argument(path) = &unused.origin {
        let warning = Diagnostic::warning(
            "Two kinds of credentials",
            format!("{} is used and {path} is not. Remove one of them.", used.origin),
        );
        reader.problems.push(warning.at(path.clone()));
    }
}

fn token(reader: &mut Reader<'_>, passed_over: &mut Vec<String>) -> Option<Candidate> {
    let Some(token) = reader.top(ProviderModel::TOKEN, TOKEN) else {
        passed_over.push(format!("IAM token: {}.", unset("token", TOKEN)));
        return None;
    };
    Some(Candidate { source: CredentialSource::Token(token.value.into()), origin: token.origin })
}

fn keys(reader: &mut Reader<'_>, passed_over: &mut Vec<String>) -> Option<Candidate> {
    let access = reader.top(ProviderModel::ACCESS_KEY, ACCESS_KEY);
    let secret = reader.top(ProviderModel::SECRET_KEY, SECRET_KEY);
    let session = reader.top(ProviderModel::SECURITY_TOKEN, SECURITY_TOKEN);
    let (access, secret) = match (access, secret) {
        (Some(access), Some(secret)) => (access, secret),
        (None, None) => {
            passed_over
                .push(format!("Access key and secret key: {}.", unset("access_key", ACCESS_KEY)));
            return None;
        }
        (Some(access), None) => return half(reader, &access.origin, "secret_key", SECRET_KEY),
        (None, Some(secret)) => return half(reader, &secret.origin, "access_key", ACCESS_KEY),
    };
    // A token left over in the environment does not belong to keys that were
    // both written down in the provider block.
    let weakest = access.origin.rank().max(secret.origin.rank());
    let session = session.filter(|session| session.origin.rank() <= weakest);
    let source = CredentialSource::Keys(Keys {
        access_key: access.value,
        secret_key: secret.value.into(),
        security_token: session.map(|session| session.value.into()),
    });
    Some(Candidate { source, origin: access.origin.min(secret.origin) })
}

/// Half a pair of keys is a mistake, unless the other half is still to come.
fn half(
    reader: &mut Reader<'_>,
    present: &Origin,
    missing: &'static str,
    variables: &[&str],
) -> Option<Candidate> {
    if !reader.is_unknown(&Path::of(missing)) {
        let variable = variables.first().copied().unwrap_or_default();
        let why = format!("It is half a pair of keys; set {missing} ({variable}) as well.");
        reader.refuse(present, &why);
    }
    None
}

fn password(reader: &mut Reader<'_>, passed_over: &mut Vec<String>) -> Option<Candidate> {
    let id = reader.top(ProviderModel::USER_ID, USER_ID);
    let name = reader.top(ProviderModel::USER_NAME, USER_NAME);
    let password = reader.top(ProviderModel::PASSWORD, PASSWORD);
    let domain = domain(reader);
    conflict(reader, id.as_ref(), name.as_ref(), "user_id", "user_name");
    let Some(user) = preferred(id.map(|id| (id, true)), name.map(|name| (name, false))) else {
        match password {
            Some(password) if password.origin.is_argument() => {
                lacks(reader, &password, &["user_name", "user_id"], "user_name (HW_USER_NAME)")
            }
            _ => passed_over.push(format!("User and password: {}.", unset("user_name", USER_NAME))),
        }
        return None;
    };
    let (user, by_id) = user;
    let Some(password) = password else {
        if user.origin.is_argument() {
            lacks(reader, &user, &["password"], "password (HW_USER_PASSWORD)");
        } else {
            let unset = unset("password", PASSWORD);
            passed_over.push(format!("User and password: {} is set, but {unset}.", user.origin));
        }
        return None;
    };
    let origin = user.origin.clone().min(password.origin);
    let user = if by_id {
        UserRef::Id { id: user.value, domain }
    } else {
        let Some(domain) = domain else {
            lacks(reader, &user, &["domain_name", "domain_id"], "domain_name (HW_DOMAIN_NAME)");
            return None;
        };
        UserRef::Name { name: user.value, domain }
    };
    let source = CredentialSource::Password { user, password: password.value.into() };
    Some(Candidate { source, origin })
}

/// The account that owns the user.
fn domain(reader: &mut Reader<'_>) -> Option<DomainRef> {
    let id = reader.top(ProviderModel::DOMAIN_ID, DOMAIN_ID).map(|id| id.meaning(DomainRef::Id));
    let name = reader
        .top(ProviderModel::DOMAIN_NAME, DOMAIN_NAME)
        .map(|name| name.meaning(DomainRef::Name));
    preferred(id, name).map(|(_, domain)| domain)
}

fn lacks(reader: &mut Reader<'_>, present: &Setting, names: &[&str], what: &str) {
    if !names.iter().any(|name| reader.is_unknown(&Path::of(name))) {
        reader.refuse(&present.origin, &format!("It needs {what} as well, which is not set."));
    }
}

fn of_profile(
    reader: &Reader<'_>,
    profile: Option<&Profile>,
    passed_over: &mut Vec<String>,
) -> Option<Candidate> {
    let Some(profile) = profile else {
        if !reader.has_unknown() {
            passed_over.push(
                "Profile: neither shared_config_file (HW_SHARED_CONFIG_FILE) nor profile \
                 (HW_PROFILE) is set."
                    .to_owned(),
            );
        }
        return None;
    };
    if profile.is_of_machine() {
        return Some(Candidate { source: CredentialSource::Metadata, origin: profile.origin() });
    }
    let (access, secret, _) = profile.keys();
    if access.is_empty() || secret.is_empty() {
        passed_over.push(format!(
            "{}: it holds no readable keys. The hcloud tool stores them readably after \
             `hcloud configure set --cli-auth-encrypt=false`.",
            profile.origin()
        ));
        return None;
    }
    let source = CredentialSource::Stored(profile.key_store());
    Some(Candidate { source, origin: profile.origin() })
}

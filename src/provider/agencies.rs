//! Agencies that are assumed, and signing in with an ID token.

use std::fs;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;

use crate::modelarts::{Agency, CredentialSource, DomainRef, IdToken, TokenStore};
use crate::tf::path::Path;
use crate::tf::value::Value;

use super::choice::{conflict, preferred, unset};
use super::profile::Profile;
use super::reader::{Origin, Reader, Setting};
use super::schema::{AssumeRole, AssumeRoleWithOidc, ProviderModel};

/// Temporary keys of an agency live this long, unless something else is said:
/// every agency allows an hour, and they are renewed anyway.
const ASSUMED_FOR: u64 = 3600;
/// What the service allows (API reference, agencies).
const ASSUMABLE: RangeInclusive<u64> = 900..=86_400;
/// An ID token that is longer is something else.
const LONGEST_TOKEN: u64 = 64 * 1024;

const AGENCY_NAME: &str = "HW_ASSUME_ROLE_AGENCY_NAME";
const DOMAIN_NAME: &str = "HW_ASSUME_ROLE_DOMAIN_NAME";
const DOMAIN_ID: &str = "HW_ASSUME_ROLE_DOMAIN_ID";
const DURATION: &str = "HW_ASSUME_ROLE_DURATION";
const IDP_ID: &str = "HW_ASSUME_ROLE_IDP_ID";
const ID_TOKEN: &str = "HW_ASSUME_ROLE_ID_TOKEN";
const ID_TOKEN_FILE: &str = "HW_ASSUME_ROLE_ID_TOKEN_FILE";

/// Where the parts of an agency are looked for.
struct Place {
    /// The block; without one only the environment is asked.
    block: Option<Path>,
    /// Whether the environment may say what the block leaves out.
    environment: bool,
}

impl Place {
    fn text(
        &self,
        reader: &mut Reader<'_>,
        name: &str,
        variables: &[&'static str],
    ) -> Option<Setting> {
        let variables = if self.environment { variables } else { &[] };
        match &self.block {
            Some(block) => reader.text(&block.attribute(name), variables),
            None => reader.variable(variables),
        }
    }

    fn is_unknown(&self, reader: &Reader<'_>, name: &str) -> bool {
        self.block.as_ref().is_some_and(|block| reader.is_unknown(&block.attribute(name)))
    }

    /// Where somebody is told that a part is missing.
    fn origin(&self, name: &str, variable: &'static str) -> Origin {
        match &self.block {
            Some(block) => Origin::Argument(block.attribute(name)),
            None => Origin::Variable(variable),
        }
    }

    fn duration(&self, reader: &mut Reader<'_>) -> Duration {
        let usual = Duration::from_secs(ASSUMED_FOR);
        let variables: &[&'static str] = if self.environment { &[DURATION] } else { &[] };
        let setting = match &self.block {
            Some(block) => reader.number(&block.attribute(AssumeRole::DURATION), variables),
            None => reader.variable(variables),
        };
        let Some(setting) = setting else { return usual };
        match setting.value.trim().parse::<u64>() {
            Ok(seconds) if ASSUMABLE.contains(&seconds) => Duration::from_secs(seconds),
            _ => {
                let why = "It must be a whole number of seconds from 900 to 86400.";
                reader.refuse(&setting.origin, why);
                usual
            }
        }
    }
}

/// Wraps credentials into those of the agencies that are to be assumed: those of
/// the blocks, otherwise the one of the environment or the profile.
pub(super) fn assumed(
    reader: &mut Reader<'_>,
    profile: Option<&Profile>,
    base: CredentialSource,
) -> CredentialSource {
    if !blocks(reader).is_empty() {
        return written(reader, base);
    }
    // While the blocks are not known nothing stands in for them.
    if reader.is_unknown(&Path::of(ProviderModel::ASSUME_ROLE)) {
        return base;
    }
    let place = Place { block: None, environment: true };
    if reader.variable(&[AGENCY_NAME]).is_some() {
        return match agency(reader, &place) {
            Some(agency) => wrap(base, agency, place.duration(reader)),
            None => base,
        };
    }
    let name = reader.top(ProviderModel::AGENCY_NAME, &["OS_AGENCY_NAME"]);
    let domain = reader.top(ProviderModel::AGENCY_DOMAIN_NAME, &["OS_AGENCY_DOMAIN_NAME"]);
    match (name, domain) {
        (Some(name), Some(domain)) => {
            let domain = DomainRef::Name(domain.value);
            wrap(base, Agency::Iam { name: name.value, domain }, place.duration(reader))
        }
        (Some(alone), None) => {
            let undecided = reader.is_unknown(&Path::of(ProviderModel::AGENCY_DOMAIN_NAME));
            if !undecided {
                let why = "It needs agency_domain_name as well, the account that delegates.";
                reader.refuse(&alone.origin, why);
            }
            base
        }
        (None, _) => of_profile(profile, base),
    }
}

/// Wraps credentials into those of the agencies that blocks name, each assumed with
/// the keys of the one before.
pub(super) fn written(reader: &mut Reader<'_>, base: CredentialSource) -> CredentialSource {
    let blocks = blocks(reader);
    let environment = blocks.len() == 1;
    blocks.into_iter().fold(base, |base, block| {
        let place = Place { block: Some(block), environment };
        match agency(reader, &place) {
            Some(agency) => wrap(base, agency, place.duration(reader)),
            None => base,
        }
    })
}

fn blocks(reader: &mut Reader<'_>) -> Vec<Path> {
    let path = Path::of(ProviderModel::ASSUME_ROLE);
    let blocks = reader.argument(&path).and_then(Value::elements).unwrap_or_default();
    (0..blocks.len()).map(|index| path.index(index)).collect()
}

fn wrap(base: CredentialSource, agency: Agency, duration: Duration) -> CredentialSource {
    CredentialSource::AssumeRole { base: Box::new(base), agency, duration }
}

/// An agency, with the name of the account for one of IAM and its ID for a trust
/// agency.
fn agency(reader: &mut Reader<'_>, place: &Place) -> Option<Agency> {
    let name = place.text(reader, AssumeRole::AGENCY_NAME, &[AGENCY_NAME]);
    let id = place.text(reader, AssumeRole::DOMAIN_ID, &[DOMAIN_ID]);
    let domain = place.text(reader, AssumeRole::DOMAIN_NAME, &[DOMAIN_NAME]);
    conflict(reader, id.as_ref(), domain.as_ref(), "domain_id", "domain_name");
    let Some(name) = name else {
        if !place.is_unknown(reader, AssumeRole::AGENCY_NAME) {
            let origin = place.origin(AssumeRole::AGENCY_NAME, AGENCY_NAME);
            reader.refuse(&origin, "It must name the agency to assume.");
        }
        return None;
    };
    let domain = preferred(id.map(|id| (id, true)), domain.map(|name| (name, false)));
    let Some((domain, by_id)) = domain else {
        let later = [AssumeRole::DOMAIN_ID, AssumeRole::DOMAIN_NAME];
        if !later.iter().any(|name| place.is_unknown(reader, name)) {
            reader.refuse(
                &name.origin,
                "The account that delegates is missing: set domain_name or domain_id in \
                 assume_role (HW_ASSUME_ROLE_DOMAIN_NAME or HW_ASSUME_ROLE_DOMAIN_ID).",
            );
        }
        return None;
    };
    Some(match by_id {
        true => Agency::Trust { name: name.value, domain_id: domain.value },
        false => Agency::Iam { name: name.value, domain: DomainRef::Name(domain.value) },
    })
}

/// The agency that a profile tells to assume with its own credentials.
fn of_profile(profile: Option<&Profile>, base: CredentialSource) -> CredentialSource {
    let agency = profile.and_then(|profile| {
        let domain = match (&profile.agency_domain_id, &profile.agency_domain_name) {
            (id, _) if !id.is_empty() => DomainRef::Id(id.clone()),
            (_, name) if !name.is_empty() => DomainRef::Name(name.clone()),
            _ => return None,
        };
        let name = profile.agency_name.clone();
        (!name.is_empty()).then_some(Agency::Iam { name, domain })
    });
    match agency {
        Some(agency) => wrap(base, agency, Duration::from_secs(ASSUMED_FOR)),
        None => base,
    }
}

/// Signing in with an ID token, and the trust agency that is assumed with it, if
/// the block or the environment asks for it.
pub(super) fn with_oidc(
    reader: &mut Reader<'_>,
    passed_over: &mut Vec<String>,
) -> Option<CredentialSource> {
    let path = Path::of(ProviderModel::ASSUME_ROLE_WITH_OIDC);
    let is_written = reader.argument(&path).is_some_and(|block| !block.is_null());
    if !is_written && reader.variable(&[IDP_ID]).is_none() {
        let unset = unset(ProviderModel::ASSUME_ROLE_WITH_OIDC, &[IDP_ID]);
        passed_over.insert(0, format!("ID token of another identity provider: {unset}."));
        return None;
    }
    let place = Place { block: is_written.then_some(path), environment: true };
    let idp_id = place.text(reader, AssumeRoleWithOidc::IDP_ID, &[IDP_ID]);
    let id_token = id_token(reader, &place);
    let name = place.text(reader, AssumeRoleWithOidc::AGENCY_NAME, &[AGENCY_NAME]);
    let domain = place.text(reader, AssumeRoleWithOidc::DOMAIN_ID, &[DOMAIN_ID]);
    let parts = [
        (AssumeRoleWithOidc::IDP_ID, IDP_ID, &idp_id, "the ID of the identity provider in IAM"),
        (AssumeRoleWithOidc::AGENCY_NAME, AGENCY_NAME, &name, "the trust agency to assume"),
        (AssumeRoleWithOidc::DOMAIN_ID, DOMAIN_ID, &domain, "the account that delegates"),
    ];
    for (part, variable, setting, what) in parts {
        if setting.is_none() && !place.is_unknown(reader, part) {
            let why = format!("It is missing: set it to {what} ({variable}).");
            reader.refuse(&place.origin(part, variable), &why);
        }
    }
    let duration = place.duration(reader);
    // What is missing or unknown has been told; nothing is called with this.
    let text = |setting: Option<Setting>| setting.map(|s| s.value).unwrap_or_default();
    let id_token = id_token.unwrap_or_else(|| IdToken::Text(String::new().into()));
    let base = CredentialSource::Oidc { idp_id: text(idp_id), id_token };
    Some(wrap(base, Agency::Trust { name: text(name), domain_id: text(domain) }, duration))
}

/// The token by itself or in a file: exactly one of them.
fn id_token(reader: &mut Reader<'_>, place: &Place) -> Option<IdToken> {
    let token = place.text(reader, AssumeRoleWithOidc::ID_TOKEN, &[ID_TOKEN]);
    let file = place.text(reader, AssumeRoleWithOidc::ID_TOKEN_FILE, &[ID_TOKEN_FILE]);
    let rank = |setting: &Setting| setting.origin.rank();
    match (token, file) {
        (Some(token), Some(file)) if rank(&token) == rank(&file) => {
            let why = "It cannot be set together with id_token_file; keep one of them.";
            reader.refuse(&token.origin, why);
            None
        }
        (Some(token), Some(file)) if rank(&file) < rank(&token) => stored(reader, file),
        (Some(token), _) => Some(IdToken::Text(token.value.into())),
        (None, Some(file)) => stored(reader, file),
        (None, None) => {
            let names = [AssumeRoleWithOidc::ID_TOKEN, AssumeRoleWithOidc::ID_TOKEN_FILE];
            if !names.iter().any(|name| place.is_unknown(reader, name)) {
                let why = "There is no ID token: set id_token_file (HW_ASSUME_ROLE_ID_TOKEN_FILE) \
                           or id_token (HW_ASSUME_ROLE_ID_TOKEN).";
                let origin = place.origin(AssumeRoleWithOidc::ID_TOKEN_FILE, ID_TOKEN_FILE);
                reader.refuse(&origin, why);
            }
            None
        }
    }
}

fn stored(reader: &Reader<'_>, file: Setting) -> Option<IdToken> {
    let path = reader.environment.path(&file.value);
    Some(IdToken::Stored(Arc::new(TokenFile { path, origin: file.origin.to_string() })))
}

/// A file that holds an ID token.
#[derive(Debug)]
struct TokenFile {
    path: PathBuf,
    /// The setting that names it.
    origin: String,
}

impl TokenStore for TokenFile {
    fn read(&self) -> Result<SecretString, String> {
        let Self { path, origin } = self;
        let wrong = |why: String| format!("the file {path:?} of {origin} {why}");
        let length = fs::metadata(path).map_err(|e| wrong(format!("cannot be read: {e}")))?.len();
        if length > LONGEST_TOKEN {
            return Err(wrong("is too long for an ID token".to_owned()));
        }
        let text = fs::read_to_string(path).map_err(|e| wrong(format!("cannot be read: {e}")))?;
        let token = text.trim();
        if token.is_empty() {
            return Err(wrong("is empty".to_owned()));
        }
        Ok(token.to_owned().into())
    }
}

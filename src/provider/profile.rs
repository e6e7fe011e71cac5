//! Profiles of the hcloud command line tool (API reference, shared config file).

use std::fs;
use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Deserializer};

use crate::modelarts::{KeyStore, Keys};
use crate::tf::path::Path;

use super::reader::{Origin, Reader, Setting, refused};
use super::schema::ProviderModel;

/// Where the tool keeps its profiles, below the home directory.
const DEFAULT_FILE: &str = ".hcloud/config.json";

/// The file as a whole. No `Debug`: it holds secrets.
#[derive(Deserialize)]
struct Content {
    #[serde(default, deserialize_with = "or_empty")]
    current: String,
    #[serde(default, deserialize_with = "or_empty")]
    profiles: Vec<Profile>,
}

/// The tool writes null for what is not set.
fn or_empty<'de, D, T>(d: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::deserialize(d)?.unwrap_or_default())
}

/// One profile. Fields that are absent or null are empty. No `Debug`: it holds secrets.
#[derive(Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Profile {
    #[serde(deserialize_with = "or_empty")]
    pub(super) name: String,
    #[serde(deserialize_with = "or_empty")]
    pub(super) mode: String,
    #[serde(deserialize_with = "or_empty")]
    access_key_id: String,
    #[serde(deserialize_with = "or_empty")]
    secret_access_key: String,
    #[serde(deserialize_with = "or_empty")]
    security_token: String,
    #[serde(deserialize_with = "or_empty")]
    pub(super) region: String,
    #[serde(deserialize_with = "or_empty")]
    pub(super) project_id: String,
    #[serde(deserialize_with = "or_empty")]
    pub(super) agency_name: String,
    #[serde(deserialize_with = "or_empty")]
    pub(super) agency_domain_id: String,
    #[serde(deserialize_with = "or_empty")]
    pub(super) agency_domain_name: String,
    #[serde(deserialize_with = "or_empty")]
    sso_auth: SsoAuth,
    /// What messages call it; set after reading.
    #[serde(skip)]
    label: String,
    /// The file that it stands in; set after reading.
    #[serde(skip)]
    file: PathBuf,
}

/// The keys of a profile, in a file that a tool may write anew at any time.
#[derive(Debug)]
struct ProfileKeys {
    file: PathBuf,
    name: String,
}

impl KeyStore for ProfileKeys {
    fn read(&self) -> Result<Keys, String> {
        let content = read(&self.file)?;
        let found = content.profiles.into_iter().find(|profile| profile.name == self.name);
        let keys = found.as_ref().and_then(Profile::stored_keys);
        keys.ok_or_else(|| {
            format!(
                "The shared configuration file {:?} has no readable keys of profile {:?} any more.",
                self.file, self.name
            )
        })
    }
}

#[derive(Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct SsoAuth {
    #[serde(deserialize_with = "or_empty")]
    sts_token: StsToken,
}

#[derive(Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct StsToken {
    #[serde(deserialize_with = "or_empty")]
    access_key_id: String,
    #[serde(deserialize_with = "or_empty")]
    secret_access_key: String,
    #[serde(deserialize_with = "or_empty")]
    security_token: String,
}

impl Profile {
    /// A setting from this profile; `None` when it is empty.
    pub(super) fn setting(&self, value: &str) -> Option<Setting> {
        let setting = || Setting { value: value.to_owned(), origin: self.origin() };
        (!value.is_empty()).then(setting)
    }

    pub(super) fn origin(&self) -> Origin {
        Origin::Profile(self.label.clone())
    }

    /// Access key, secret key and, perhaps empty, security token.
    pub(super) fn keys(&self) -> (&str, &str, &str) {
        let sts = &self.sso_auth.sts_token;
        if self.mode.eq_ignore_ascii_case("SSO") {
            (&sts.access_key_id, &sts.secret_access_key, &sts.security_token)
        } else {
            (&self.access_key_id, &self.secret_access_key, &self.security_token)
        }
    }

    fn stored_keys(&self) -> Option<Keys> {
        let (access, secret, session) = self.keys();
        (!access.is_empty() && !secret.is_empty()).then(|| Keys {
            access_key: access.to_owned(),
            secret_key: secret.to_owned().into(),
            security_token: (!session.is_empty()).then(|| session.to_owned().into()),
        })
    }

    /// The keys as they stand in the file whenever they are needed.
    pub(super) fn key_store(&self) -> Arc<dyn KeyStore> {
        Arc::new(ProfileKeys { file: self.file.clone(), name: self.name.clone() })
    }

    /// Says whether it tells to use the keys of the virtual machine.
    pub(super) fn is_of_machine(&self) -> bool {
        self.mode.eq_ignore_ascii_case("ecsAgency")
    }
}

/// Reads the profile that is asked for. `None` when none is, when it is not
/// known yet which, or when it cannot be read, which is then a problem of the
/// reader.
pub(super) fn load(reader: &mut Reader<'_>) -> Option<Profile> {
    let file = reader.top(ProviderModel::SHARED_CONFIG_FILE, &["HW_SHARED_CONFIG_FILE"]);
    let name = reader.top(ProviderModel::PROFILE, &["HW_PROFILE"]);
    let undecided =
        ["shared_config_file", "profile"].iter().any(|n| reader.is_unknown(&Path::of(n)));
    if undecided {
        return None;
    }
    let asked_by = file.as_ref().or(name.as_ref())?.origin.clone();
    let path = match &file {
        Some(file) => reader.environment.path(&file.value),
        None => match default_file(reader) {
            Some(path) => path,
            None => {
                reader.refuse(&asked_by, "There is no home directory; set shared_config_file too.");
                return None;
            }
        },
    };
    let content = match read(&path) {
        Ok(content) => content,
        Err(why) => {
            reader.refuse(&asked_by, &why);
            return None;
        }
    };
    pick(reader, content, &path, name, &asked_by)
}

fn default_file(reader: &Reader<'_>) -> Option<PathBuf> {
    reader.environment.home().map(|home| home.join(DEFAULT_FILE))
}

fn read(path: &FilePath) -> Result<Content, String> {
    let text = fs::read_to_string(path).map_err(|error| {
        format!("The shared configuration file {path:?} cannot be read: {error}.")
    })?;
    // The parser's own message could quote a secret; a place is enough.
    serde_json::from_str(&text).map_err(|error| {
        format!(
            "The shared configuration file {path:?} is not the JSON that the hcloud tool writes \
             (line {}, column {}).",
            error.line(),
            error.column()
        )
    })
}

fn pick(
    reader: &mut Reader<'_>,
    content: Content,
    path: &FilePath,
    name: Option<Setting>,
    asked_by: &Origin,
) -> Option<Profile> {
    let wanted = name.as_ref().map_or(content.current.as_str(), |name| &name.value).to_owned();
    let names: Vec<String> = content.profiles.iter().map(|p| format!("{:?}", p.name)).collect();
    let found = content.profiles.into_iter().find(|profile| profile.name == wanted);
    let Some(mut profile) = found else {
        let which = match &name {
            Some(_) => format!("has no profile {wanted:?}"),
            None if wanted.is_empty() => "names no current profile".to_owned(),
            None => format!("names {wanted:?} as its current profile, but has no such profile"),
        };
        let origin = name.as_ref().map_or(asked_by, |name| &name.origin);
        let known = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        let why = format!("The shared configuration file {path:?} {which}. It has: {known}.");
        reader.problems.push(refused(origin, &why));
        return None;
    };
    profile.label = format!("profile {wanted:?} of {}", path.display());
    path.clone_into(&mut profile.file);
    Some(profile)
}

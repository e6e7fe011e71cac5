//! What the provider block accepts.
//!
//! Arguments are read together with the environment and the profile
//! (`config`), each by its name; the models declare them.

use crate::tf::model::{Map, Model, Secret, Tf};
use crate::tf::number::Number;
use crate::tf::schema::Schema;

/// The schema of the provider block. Every argument is optional: it may come
/// from the environment or from a profile.
pub(super) fn schema() -> Schema {
    ProviderModel::schema()
}

/// Manages Huawei Cloud ModelArts resource pools. Arguments win over environment
/// variables, environment variables over a profile. An empty value counts as not
/// set.
#[derive(Model)]
pub(super) struct ProviderModel {
    /// Region name, such as `cn-north-4`. Environment: `HW_REGION_NAME`.
    /// Required unless `endpoints.modelarts` and a project are given. Any name
    /// is accepted; addresses follow from it by rule.
    #[tf(optional)]
    pub region: Tf<String>,
    /// ID of the project, 32 hexadecimal characters. Environment:
    /// `HW_PROJECT_ID`. Looked up by `project_name` when absent.
    #[tf(optional)]
    pub project_id: Tf<String>,
    /// Name of the project. Environment: `HW_PROJECT_NAME`. Default: the region
    /// name.
    #[tf(optional)]
    pub project_name: Tf<String>,
    /// Domain of the cloud. Environment: `HW_CLOUD`. Default:
    /// `myhuaweicloud.com`, and `myhuaweicloud.eu` for regions whose name
    /// starts with `eu-west-1`. Use `otc.t-systems.com` for the Open Telekom
    /// Cloud.
    #[tf(optional)]
    pub cloud: Tf<String>,
    /// ID of the workspace of resources and lists that name none. Environment:
    /// `HW_MODELARTS_WORKSPACE_ID`. Default: the service's default workspace.
    #[tf(optional)]
    pub workspace_id: Tf<String>,
    /// Access key, to go with `secret_key`. Environment: `HW_ACCESS_KEY`.
    /// Credentials are looked for in this order: token, keys, user and
    /// password, profile, metadata service of the machine.
    #[tf(optional, sensitive)]
    pub access_key: Tf<Secret>,
    /// Secret key. Environment: `HW_SECRET_KEY`.
    #[tf(optional, sensitive)]
    pub secret_key: Tf<Secret>,
    /// Security token of temporary keys. Environment: `HW_SECURITY_TOKEN`,
    /// which is not used with keys that both stand in the provider block.
    #[tf(optional, sensitive)]
    pub security_token: Tf<Secret>,
    /// Ready-made IAM token of the project. Environment: `HW_AUTH_TOKEN`. It
    /// cannot be renewed and is valid for 24 hours at most.
    #[tf(optional, sensitive)]
    pub token: Tf<Secret>,
    /// Name of an IAM user, to go with `password` and `domain_name`.
    /// Environment: `HW_USER_NAME`. A token is got with it and renewed in time.
    #[tf(optional)]
    pub user_name: Tf<String>,
    /// ID of an IAM user, instead of `user_name`. Environment: `HW_USER_ID`.
    #[tf(optional)]
    pub user_id: Tf<String>,
    /// Password of the IAM user. Environment: `HW_USER_PASSWORD`.
    #[tf(optional, sensitive)]
    pub password: Tf<Secret>,
    /// Name of the account that owns the user. Environment: `HW_DOMAIN_NAME`.
    #[tf(optional)]
    pub domain_name: Tf<String>,
    /// ID of the account that owns the user, instead of `domain_name`.
    /// Environment: `HW_DOMAIN_ID`.
    #[tf(optional)]
    pub domain_id: Tf<String>,
    /// An agency of another account to assume with the credentials above.
    #[tf(optional)]
    pub assume_role: Tf<AssumeRole>,
    /// Configuration file of the hcloud command line tool. Environment:
    /// `HW_SHARED_CONFIG_FILE`. Default when `profile` is set:
    /// `~/.hcloud/config.json`.
    #[tf(optional)]
    pub shared_config_file: Tf<String>,
    /// Profile in that file. Environment: `HW_PROFILE`. Default when
    /// `shared_config_file` is set: the current profile. Gives keys, region and
    /// project where neither arguments nor environment do.
    #[tf(optional)]
    pub profile: Tf<String>,
    /// Base URL of the identity service (IAM). Environment: `HW_AUTH_URL`.
    #[tf(optional)]
    pub auth_url: Tf<String>,
    /// Base URLs that win over those that follow from region and cloud. Plain
    /// http is accepted to this machine only, unless `insecure` is true.
    #[tf(optional)]
    pub endpoints: Tf<Endpoints>,
    /// Accepts any server certificate, and plain http to any host. Environment:
    /// `HW_INSECURE`. Default: false.
    #[tf(optional)]
    pub insecure: Tf<bool>,
    /// Further certificate authorities to trust: path of a PEM file, or PEM
    /// text. Environment: `HW_CACERT`.
    #[tf(optional)]
    pub cacert_file: Tf<String>,
    /// Client certificate: path of a PEM file, or PEM text. Goes with `key`.
    /// Environment: `HW_CERT`.
    #[tf(optional)]
    pub cert: Tf<String>,
    /// Key of the client certificate: path of a PEM file, or PEM text.
    /// Environment: `HW_KEY`.
    #[tf(optional, sensitive)]
    pub key: Tf<Secret>,
    /// How often a request is repeated after a transient failure, 0 or more.
    /// Environment: `HW_MAX_RETRIES`. Default: 5.
    #[tf(optional)]
    pub max_retries: Tf<Number>,
    /// Limit on the requests of the whole provider process, above 0.
    /// Environment: `HW_MODELARTS_MAX_RPS`. Default: no limit.
    #[tf(optional)]
    pub max_requests_per_second: Tf<Number>,
    /// Further headers of every ModelArts request, such as `request-type` or
    /// `X-ModelArts-User-ID`.
    #[tf(optional)]
    pub request_headers: Tf<Map<String>>,
    /// Uses the built-in simulator instead of a cloud: no account, no network,
    /// no costs and no real pools. Setting the variable `MODELARTS_SIMULATOR`
    /// to a path does the same. Regions, credentials and addresses are then
    /// ignored.
    #[tf(optional)]
    pub simulator: Tf<SimulatorModel>,
}

/// An agency of another account to assume.
#[derive(Model)]
pub(super) struct AssumeRole {
    /// Name of the agency to assume. Environment: `HW_ASSUME_ROLE_AGENCY_NAME`.
    #[tf(optional)]
    pub agency_name: Tf<String>,
    /// Name of the account that delegates. Environment:
    /// `HW_ASSUME_ROLE_DOMAIN_NAME`. Either this or `domain_id`.
    #[tf(optional)]
    pub domain_name: Tf<String>,
    /// ID of the account that delegates. Environment:
    /// `HW_ASSUME_ROLE_DOMAIN_ID`.
    #[tf(optional)]
    pub domain_id: Tf<String>,
    /// Lifetime of the temporary keys in seconds, 900 to 86400. Environment:
    /// `HW_ASSUME_ROLE_DURATION`. Default: 3600. They are renewed in time.
    #[tf(optional)]
    pub duration: Tf<Number>,
}

/// Base URLs.
#[derive(Model)]
pub(super) struct Endpoints {
    /// Base URL of ModelArts, without version and project.
    #[tf(optional)]
    pub modelarts: Tf<String>,
    /// Base URL of the identity service. Wins over `auth_url`.
    #[tf(optional)]
    pub iam: Tf<String>,
    /// Base URL of the billing service, used to unsubscribe prepaid pools.
    #[tf(optional)]
    pub bss: Tf<String>,
    /// Base URL of the security token service.
    #[tf(optional)]
    pub sts: Tf<String>,
}

/// The built-in simulator.
#[derive(Model)]
pub(super) struct SimulatorModel {
    /// File in which the simulated cloud is kept between runs. Environment:
    /// `MODELARTS_SIMULATOR`. Default: `modelarts-simulator.json` in the
    /// working directory.
    #[tf(optional)]
    pub state_file: Tf<String>,
}

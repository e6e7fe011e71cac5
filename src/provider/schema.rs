//! What the provider block accepts.
//!
//! Arguments are read together with the environment and the profile
//! (`config`), each by its name; the models declare them.

use crate::tf::model::{List, Map, Model, Secret, Tf};
use crate::tf::number::Number;
use crate::tf::schema::Schema;

/// The schema of the provider block. Every argument is optional: it may come
/// from the environment or from a profile.
pub(super) fn schema() -> Schema {
    let mut attributes = ProviderModel::attributes();
    attributes.extend(IgnoredModel::attributes());
    Schema::new(attributes, ProviderModel::DESCRIPTION)
}

/// The arguments that are accepted and mean nothing here.
pub(super) fn ignored() -> Vec<String> {
    IgnoredModel::attributes().into_iter().map(|attribute| attribute.name).collect()
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
    /// Another name of `project_id`, which counts before it.
    #[tf(optional)]
    pub tenant_id: Tf<String>,
    /// Another name of `project_name`, which counts before it.
    #[tf(optional)]
    pub tenant_name: Tf<String>,
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
    /// Name of an IAM agency to assume where no `assume_role` block is written, to
    /// go with `agency_domain_name`. Environment: `OS_AGENCY_NAME`.
    #[tf(optional)]
    pub agency_name: Tf<String>,
    /// Name of the account that delegates to the agency `agency_name`.
    /// Environment: `OS_AGENCY_DOMAIN_NAME`.
    #[tf(optional)]
    pub agency_domain_name: Tf<String>,
    /// An agency to assume with the credentials above. May be repeated: each agency
    /// is assumed with the keys of the one before. Without a block the environment
    /// may name one.
    #[tf(block)]
    pub assume_role: Tf<List<AssumeRole>>,
    /// Signs in with an ID token of another identity provider and assumes a trust
    /// agency: no key is needed. Without the block the variable
    /// `HW_ASSUME_ROLE_IDP_ID` does the same.
    #[tf(block)]
    pub assume_role_with_oidc: Tf<AssumeRoleWithOidc>,
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
    /// Base URLs that win over those that follow from region and cloud: of
    /// `modelarts` (without version and project), `iam` (wins over `auth_url`),
    /// `bss` (billing, used to unsubscribe prepaid pools) and `sts` (the security
    /// token service). Those of other services are ignored. Plain http is accepted
    /// to this machine only, unless `insecure` is true.
    #[tf(optional)]
    pub endpoints: Tf<Map<String>>,
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
    /// What a plan does when a pool that it creates or grows asks for a flavor,
    /// a zone or a driver version that is not on sale: `warn` names alternatives,
    /// `error` refuses the plan, `off` does not look. Environment:
    /// `HW_MODELARTS_AVAILABILITY_CHECK`. Default: `warn`.
    #[tf(optional)]
    pub availability_check: Tf<String>,
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

/// An agency to assume.
#[derive(Model)]
pub(super) struct AssumeRole {
    /// Name of the agency to assume. Environment: `HW_ASSUME_ROLE_AGENCY_NAME`.
    #[tf(optional)]
    pub agency_name: Tf<String>,
    /// Name of the account that delegates: assumes an agency of IAM (version 3).
    /// Environment: `HW_ASSUME_ROLE_DOMAIN_NAME`. Either this or `domain_id`.
    #[tf(optional)]
    pub domain_name: Tf<String>,
    /// ID of the account that delegates: assumes a trust agency (version 5) through
    /// the security token service. Environment: `HW_ASSUME_ROLE_DOMAIN_ID`.
    #[tf(optional)]
    pub domain_id: Tf<String>,
    /// Lifetime of the temporary keys in seconds, 900 to 86400. Environment:
    /// `HW_ASSUME_ROLE_DURATION`. Default: 3600. They are renewed in time.
    #[tf(optional)]
    pub duration: Tf<Number>,
}

/// Signing in with an ID token of another identity provider.
#[derive(Model)]
pub(super) struct AssumeRoleWithOidc {
    /// ID of the identity provider in IAM. Environment: `HW_ASSUME_ROLE_IDP_ID`.
    #[tf(optional)]
    pub idp_id: Tf<String>,
    /// The ID token. Environment: `HW_ASSUME_ROLE_ID_TOKEN`. Either this or
    /// `id_token_file`.
    #[tf(optional, sensitive)]
    pub id_token: Tf<Secret>,
    /// File that holds the ID token. It is read again whenever keys are renewed.
    /// Environment: `HW_ASSUME_ROLE_ID_TOKEN_FILE`.
    #[tf(optional)]
    pub id_token_file: Tf<String>,
    /// Name of the trust agency to assume. Environment:
    /// `HW_ASSUME_ROLE_AGENCY_NAME`.
    #[tf(optional)]
    pub agency_name: Tf<String>,
    /// ID of the account that delegates. Environment: `HW_ASSUME_ROLE_DOMAIN_ID`.
    #[tf(optional)]
    pub domain_id: Tf<String>,
    /// Lifetime of the temporary keys in seconds, 900 to 86400. Environment:
    /// `HW_ASSUME_ROLE_DURATION`. Default: 3600. They are renewed in time.
    #[tf(optional)]
    pub duration: Tf<Number>,
}

/// Arguments of the huaweicloud provider that mean nothing here: they are accepted,
/// so that one block serves both, and one warning names them.
#[derive(Model)]
pub(super) struct IgnoredModel {
    /// Ignored; the huaweicloud provider has it.
    #[tf(optional)]
    pub enterprise_project_id: Tf<String>,
    /// Ignored; the huaweicloud provider has it.
    #[tf(optional)]
    pub delegated_project: Tf<String>,
    /// Ignored; the huaweicloud provider has it.
    #[tf(optional)]
    pub regional: Tf<bool>,
    /// Ignored; the huaweicloud provider has it.
    #[tf(optional)]
    pub enable_force_new: Tf<bool>,
    /// Ignored; requests are signed with HMAC-SHA256. The huaweicloud provider has
    /// it.
    #[tf(optional)]
    pub signing_algorithm: Tf<String>,
    /// Ignored; the huaweicloud provider has it.
    #[tf(optional)]
    pub skip_check_website_type: Tf<bool>,
    /// Ignored; the huaweicloud provider has it.
    #[tf(optional)]
    pub skip_check_upgrade: Tf<bool>,
    /// Ignored; the huaweicloud provider has it.
    #[tf(optional)]
    pub default_tags: Tf<Map<String>>,
    /// Ignored; the huaweicloud provider has it.
    #[tf(optional)]
    pub ignore_tags: Tf<List<String>>,
}

/// The built-in simulator.
#[derive(Model)]
pub(super) struct SimulatorModel {
    /// File in which the simulated cloud is kept between runs. Environment:
    /// `MODELARTS_SIMULATOR`. Default: `modelarts-simulator.json` in the
    /// working directory.
    #[tf(optional)]
    pub state_file: Tf<String>,
    /// File with a scenario in JSON: how long things take, and what goes wrong.
    #[tf(optional)]
    pub scenario: Tf<String>,
    /// How much faster than in the scenario time passes, above 0. Default: 1.
    #[tf(optional)]
    pub speed: Tf<Number>,
}

//! What the provider block accepts.

use crate::tf::schema::{Attribute, Mode, Nesting, Schema};
use crate::tf::ty::Type;

/// The schema of the provider block. Every argument is optional: it may come
/// from the environment or from a profile.
pub(super) fn schema() -> Schema {
    let groups = [place(), keys(), user(), profile(), addresses(), transport(), local()];
    let description = "Manages Huawei Cloud ModelArts resource pools. Arguments win over \
                          environment variables, environment variables over a profile. An empty \
                          value counts as not set.";
    Schema::new(groups.into_iter().flatten().collect(), description)
}

fn text(name: &str, description: &str) -> Attribute {
    Attribute::string(name, Mode::Optional, description)
}

fn place() -> Vec<Attribute> {
    vec![
        text(
            "region",
            "Region name, such as `cn-north-4`. Environment: `HW_REGION_NAME`. Required unless \
             `endpoints.modelarts` and a project are given. Any name is accepted; addresses \
             follow from it by rule.",
        ),
        text(
            "project_id",
            "ID of the project, 32 hexadecimal characters. Environment: `HW_PROJECT_ID`. Looked \
             up by `project_name` when absent.",
        ),
        text(
            "project_name",
            "Name of the project. Environment: `HW_PROJECT_NAME`. Default: the region name.",
        ),
        text(
            "cloud",
            "Domain of the cloud. Environment: `HW_CLOUD`. Default: `myhuaweicloud.com`, and \
             `myhuaweicloud.eu` for regions whose name starts with `eu-west-1`. Use \
             `otc.t-systems.com` for the Open Telekom Cloud.",
        ),
        text(
            "workspace_id",
            "ID of the workspace of resources and lists that name none. Environment: \
             `HW_MODELARTS_WORKSPACE_ID`. Default: the service's default workspace.",
        ),
    ]
}

fn keys() -> Vec<Attribute> {
    vec![
        text(
            "access_key",
            "Access key, to go with `secret_key`. Environment: `HW_ACCESS_KEY`. Credentials are \
             looked for in this order: token, keys, user and password, profile, metadata service \
             of the machine.",
        )
        .sensitive(),
        text("secret_key", "Secret key. Environment: `HW_SECRET_KEY`.").sensitive(),
        text(
            "security_token",
            "Security token of temporary keys. Environment: `HW_SECURITY_TOKEN`, which is not \
             used with keys that both stand in the provider block.",
        )
        .sensitive(),
        text(
            "token",
            "Ready-made IAM token of the project. Environment: `HW_AUTH_TOKEN`. It cannot be \
             renewed and is valid for 24 hours at most.",
        )
        .sensitive(),
    ]
}

fn user() -> Vec<Attribute> {
    let role = vec![
        text(
            "agency_name",
            "Name of the agency to assume. Environment: `HW_ASSUME_ROLE_AGENCY_NAME`.",
        ),
        text(
            "domain_name",
            "Name of the account that delegates. Environment: `HW_ASSUME_ROLE_DOMAIN_NAME`. \
             Either this or `domain_id`.",
        ),
        text(
            "domain_id",
            "ID of the account that delegates. Environment: `HW_ASSUME_ROLE_DOMAIN_ID`.",
        ),
        Attribute::number(
            "duration",
            Mode::Optional,
            "Lifetime of the temporary keys in seconds, 900 to 86400. Environment: \
             `HW_ASSUME_ROLE_DURATION`. Default: 3600. They are renewed in time.",
        ),
    ];
    vec![
        text(
            "user_name",
            "Name of an IAM user, to go with `password` and `domain_name`. Environment: \
             `HW_USER_NAME`. A token is got with it and renewed in time.",
        ),
        text("user_id", "ID of an IAM user, instead of `user_name`. Environment: `HW_USER_ID`."),
        text("password", "Password of the IAM user. Environment: `HW_USER_PASSWORD`.").sensitive(),
        text(
            "domain_name",
            "Name of the account that owns the user. Environment: `HW_DOMAIN_NAME`.",
        ),
        text(
            "domain_id",
            "ID of the account that owns the user, instead of `domain_name`. Environment: \
             `HW_DOMAIN_ID`.",
        ),
        Attribute::nested(
            "assume_role",
            Nesting::Single,
            role,
            Mode::Optional,
            "An agency of another account to assume with the credentials above.",
        ),
    ]
}

fn profile() -> Vec<Attribute> {
    vec![
        text(
            "shared_config_file",
            "Configuration file of the hcloud command line tool. Environment: \
             `HW_SHARED_CONFIG_FILE`. Default when `profile` is set: `~/.hcloud/config.json`.",
        ),
        text(
            "profile",
            "Profile in that file. Environment: `HW_PROFILE`. Default when `shared_config_file` is \
             set: the current profile. Gives keys, region and project where neither arguments nor \
             environment do.",
        ),
    ]
}

fn addresses() -> Vec<Attribute> {
    let endpoints = vec![
        text("modelarts", "Base URL of ModelArts, without version and project."),
        text("iam", "Base URL of the identity service. Wins over `auth_url`."),
        text("bss", "Base URL of the billing service, used to unsubscribe prepaid pools."),
        text("sts", "Base URL of the security token service."),
    ];
    vec![
        text("auth_url", "Base URL of the identity service (IAM). Environment: `HW_AUTH_URL`."),
        Attribute::nested(
            "endpoints",
            Nesting::Single,
            endpoints,
            Mode::Optional,
            "Base URLs that win over those that follow from region and cloud. Plain http is \
             accepted to this machine only, unless `insecure` is true.",
        ),
    ]
}

fn transport() -> Vec<Attribute> {
    vec![
        Attribute::bool(
            "insecure",
            Mode::Optional,
            "Accepts any server certificate, and plain http to any host. Environment: \
             `HW_INSECURE`. Default: false.",
        ),
        text(
            "cacert_file",
            "Further certificate authorities to trust: path of a PEM file, or PEM text. \
             Environment: `HW_CACERT`.",
        ),
        text(
            "cert",
            "Client certificate: path of a PEM file, or PEM text. Goes with `key`. Environment: \
             `HW_CERT`.",
        ),
        text(
            "key",
            "Key of the client certificate: path of a PEM file, or PEM text. Environment: \
             `HW_KEY`.",
        )
        .sensitive(),
        Attribute::number(
            "max_retries",
            Mode::Optional,
            "How often a request is repeated after a transient failure, 0 or more. Environment: \
             `HW_MAX_RETRIES`. Default: 5.",
        ),
        Attribute::number(
            "max_requests_per_second",
            Mode::Optional,
            "Limit on the requests of the whole provider process, above 0. Environment: \
             `HW_MODELARTS_MAX_RPS`. Default: no limit.",
        ),
        Attribute::new(
            "request_headers",
            Type::map(Type::String),
            Mode::Optional,
            "Further headers of every ModelArts request, such as `request-type` or \
             `X-ModelArts-User-ID`.",
        ),
    ]
}

fn local() -> Vec<Attribute> {
    let simulator = vec![text(
        "state_file",
        "File in which the simulated cloud is kept between runs. Environment: \
         `MODELARTS_SIMULATOR`. Default: `modelarts-simulator.json` in the working directory.",
    )];
    vec![Attribute::nested(
        "simulator",
        Nesting::Single,
        simulator,
        Mode::Optional,
        "Uses the built-in simulator instead of a cloud: no account, no network, no costs and no \
         real pools. Setting the variable `MODELARTS_SIMULATOR` to a path does the same. Regions, \
         credentials and addresses are then ignored.",
    )]
}

use std::fs;

use secrecy::ExposeSecret;

use super::config::Target;
use super::*;
use crate::modelarts::{Agency, CredentialSource, DomainRef, IdToken, Keys, ProjectRef, UserRef};
use crate::tf::diagnostics::Severity;
use crate::tf::model::Tf;
use crate::tf::path::Path;

type Vars<'a> = &'a [(&'a str, &'a str)];

const KEYS: Vars<'static> = &[("HW_ACCESS_KEY", "env-ak"), ("HW_SECRET_KEY", "hidden-env-sk")];
const REGION: (&str, &str) = ("HW_REGION_NAME", "cn-north-4");

/// A provider block with these arguments; all others are null.
fn block(arguments: &[(&str, Value)]) -> Value {
    let mut config =
        Value::object(schema::schema().attributes.iter().map(|a| (a.name.clone(), Value::Null)));
    for (name, value) in arguments {
        assert!(schema::schema().attribute(name).is_some(), "no argument {name}");
        config.set_entry(name, value.clone());
    }
    config
}

fn strings(arguments: Vars<'_>) -> Value {
    let values: Vec<_> = arguments.iter().map(|(n, v)| (*n, Value::string(*v))).collect();
    block(&values)
}

fn resolved(config: &Value, variables: Vars<'_>) -> Resolution {
    resolve(config, &Environment::fixed(variables.iter().copied()), "1.9.0")
}

fn known(config: &Value, variables: Vars<'_>) -> Target {
    match resolved(config, variables).resolved {
        Resolved::Known(target) => *target,
        other => panic!("{other:?}"),
    }
}

/// Path and detail of the errors.
fn errors(config: &Value, variables: Vars<'_>) -> Vec<(String, String)> {
    let (Resolved::Invalid(errors) | Resolved::Incomplete(errors)) =
        resolved(config, variables).resolved
    else {
        panic!("no errors")
    };
    let path = |path: &Option<Path>| path.as_ref().map(ToString::to_string).unwrap_or_default();
    errors.iter().map(|error| (path(&error.path), error.detail.clone())).collect()
}

/// Credentials with their secrets, for comparison.
fn shown(source: &CredentialSource) -> String {
    match source {
        CredentialSource::Keys(keys) => signing(keys),
        CredentialSource::Stored(store) => signing(&store.read().unwrap()),
        CredentialSource::Token(token) => format!("token {}", token.expose_secret()),
        CredentialSource::Password { user, password } => {
            let user = match user {
                UserRef::Id { id, .. } => format!("id:{id}"),
                UserRef::Name { name, domain } => format!("{name}@{}", account(domain)),
            };
            format!("password {user} {}", password.expose_secret())
        }
        CredentialSource::AssumeRole { base, agency, duration } => {
            let secs = duration.as_secs();
            let (name, of) = match agency {
                Agency::Iam { name, domain } => (name, account(domain)),
                Agency::Trust { name, domain_id } => (name, format!("trust:{domain_id}")),
            };
            format!("{name}@{of} {secs} by {}", shown(base))
        }
        CredentialSource::Oidc { idp_id, id_token } => {
            let token = match id_token {
                IdToken::Text(text) => text.expose_secret().to_owned(),
                IdToken::Stored(store) => store.read().unwrap().expose_secret().to_owned(),
            };
            format!("oidc {idp_id} {token}")
        }
        CredentialSource::Metadata => "metadata".to_owned(),
    }
}

fn signing(keys: &Keys) -> String {
    let token = keys.security_token.as_ref().map_or("-", |token| token.expose_secret());
    format!("keys {} {} {token}", keys.access_key, keys.secret_key.expose_secret())
}

fn account(domain: &DomainRef) -> String {
    match domain {
        DomainRef::Id(id) => format!("id:{id}"),
        DomainRef::Name(name) => name.clone(),
    }
}

fn cx() -> Context {
    Context::default()
}

#[test]
fn credentials_come_from_the_best_source() {
    let ak_sk: Vars = &[("access_key", "ak"), ("secret_key", "sk")];
    let password: Vars = &[("user_name", "u"), ("password", "p"), ("domain_name", "d")];
    let table: &[(Vars, Vars, &str)] = &[
        (ak_sk, &[], "keys ak sk -"),
        (&[], KEYS, "keys env-ak hidden-env-sk -"),
        (ak_sk, KEYS, "keys ak sk -"),
        (&[("access_key", "ak")], KEYS, "keys ak hidden-env-sk -"),
        // An empty argument is none.
        (&[("access_key", ""), ("secret_key", "")], KEYS, "keys env-ak hidden-env-sk -"),
        // At one level the token wins; a better level wins over a better kind.
        (&[("token", "t"), ("access_key", "ak"), ("secret_key", "sk")], &[], "token t"),
        (ak_sk, &[("HW_AUTH_TOKEN", "t")], "keys ak sk -"),
        (&[], &[("HW_AUTH_TOKEN", "t"), KEYS[0], KEYS[1]], "token t"),
        // A security token in the environment belongs to keys in the environment.
        (ak_sk, &[("HW_SECURITY_TOKEN", "st")], "keys ak sk -"),
        (&[], &[KEYS[0], KEYS[1], ("HW_SECURITY_TOKEN", "st")], "keys env-ak hidden-env-sk st"),
        (password, &[], "password u@d p"),
        (password, &[("HW_DOMAIN_ID", "x"), KEYS[0], KEYS[1]], "password u@d p"),
        (&[("user_id", "7"), ("password", "p")], &[], "password id:7 p"),
        (
            &[],
            &[("OS_USERNAME", "u"), ("OS_PASSWORD", "p"), ("OS_USER_DOMAIN_NAME", "d")],
            "password u@d p",
        ),
        // A user name alone in the environment is no mistake.
        (&[], &[("HW_USER_NAME", "u")], "metadata"),
        (&[], &[("HW_ACCESS_KEY", ""), ("HW_SECRET_KEY", "")], "metadata"),
        (
            &[],
            &[
                KEYS[0],
                KEYS[1],
                ("HW_ASSUME_ROLE_AGENCY_NAME", "agency"),
                ("HW_ASSUME_ROLE_DOMAIN_NAME", "other"),
                ("HW_ASSUME_ROLE_DURATION", "900"),
            ],
            "agency@other 900 by keys env-ak hidden-env-sk -",
        ),
    ];
    for (arguments, variables, expected) in table {
        let variables: Vec<_> = variables.iter().copied().chain([REGION]).collect();
        let target = known(&strings(arguments), &variables);
        assert_eq!(shown(&target.settings.credentials), *expected, "{arguments:?} {variables:?}");
    }
}

/// A block `assume_role`.
fn role(name: &str, domain_name: Option<&str>, domain_id: Option<&str>) -> Value {
    let text = |text: Option<&str>| text.map_or(Value::Null, Value::string);
    Value::object([
        ("agency_name", name.into()),
        ("domain_id", text(domain_id)),
        ("domain_name", text(domain_name)),
        ("duration", Value::Null),
    ])
}

#[test]
fn agencies_are_assumed_one_with_the_keys_of_the_other() {
    let keys = "keys env-ak hidden-env-sk -";
    let around = [
        REGION,
        KEYS[0],
        KEYS[1],
        ("HW_ASSUME_ROLE_AGENCY_NAME", "env-agency"),
        ("HW_ASSUME_ROLE_DOMAIN_ID", "8"),
        ("HW_ASSUME_ROLE_DURATION", "900"),
    ];
    let one = role("a", Some("d"), None);
    let two = role("b", None, Some("9"));
    let cases = [
        (vec![], &around[..3], keys.to_owned()),
        (vec![], &around[..], format!("env-agency@trust:8 900 by {keys}")),
        (vec![one.clone()], &around[..3], format!("a@d 3600 by {keys}")),
        (vec![two.clone()], &around[..3], format!("b@trust:9 3600 by {keys}")),
        // What one block leaves out the environment may say, except what it says.
        (vec![one.clone()], &around[..], format!("a@d 900 by {keys}")),
        (
            vec![one.clone(), two.clone()],
            &around[..],
            format!("b@trust:9 3600 by a@d 3600 by {keys}"),
        ),
        (vec![two, one], &around[..3], format!("a@d 3600 by b@trust:9 3600 by {keys}")),
    ];
    for (roles, variables, expected) in cases {
        let target = known(&block(&[("assume_role", Value::List(roles))]), variables);
        assert_eq!(shown(&target.settings.credentials), expected);
    }
    let old = block(&[("agency_name", "old".into()), ("agency_domain_name", "d".into())]);
    let target = known(&old, &around[..3]);
    assert_eq!(shown(&target.settings.credentials), format!("old@d 3600 by {keys}"));
}

/// The block `assume_role_with_oidc`.
fn oidc(members: &[(&str, &str)]) -> Value {
    let names = ["idp_id", "id_token", "id_token_file", "agency_name", "domain_id", "duration"];
    let value = |name: &str| {
        let written = members.iter().find(|(member, _)| *member == name);
        written.map_or(Value::Null, |(_, text)| Value::string(*text))
    };
    Value::object(names.map(|name| (name, value(name))))
}

#[test]
fn an_id_token_signs_in_and_assumes_one_agency() {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), " of-file\n").unwrap();
    let path = file.path().to_str().unwrap();
    let written = [("idp_id", "idp"), ("id_token", "t"), ("agency_name", "a"), ("domain_id", "9")];
    let around = [
        REGION,
        KEYS[0],
        KEYS[1],
        ("HW_ASSUME_ROLE_IDP_ID", "env-idp"),
        ("HW_ASSUME_ROLE_ID_TOKEN_FILE", path),
        ("HW_ASSUME_ROLE_AGENCY_NAME", "env-agency"),
        ("HW_ASSUME_ROLE_DOMAIN_ID", "8"),
    ];
    let credentials =
        |config: &Value, variables: Vars<'_>| shown(&known(config, variables).settings.credentials);
    let block_of = |oidc: Value| block(&[("assume_role_with_oidc", oidc)]);
    assert_eq!(
        credentials(&block_of(oidc(&written)), &around[..3]),
        "a@trust:9 3600 by oidc idp t"
    );
    // In the environment, the agency is assumed once.
    assert_eq!(
        credentials(&block(&[]), &around),
        "env-agency@trust:8 3600 by oidc env-idp of-file"
    );
    // An argument wins over the variable of the other kind.
    assert_eq!(
        credentials(&block_of(oidc(&[("id_token", "t")])), &around),
        "env-agency@trust:8 3600 by oidc env-idp t"
    );
    let both = block(&[
        ("assume_role_with_oidc", oidc(&written)),
        ("assume_role", Value::List(vec![role("b", Some("d"), None)])),
    ]);
    assert_eq!(credentials(&both, &around[..1]), "b@d 3600 by a@trust:9 3600 by oidc idp t");
    let lacks = |left: &str| {
        let rest: Vec<_> = written.into_iter().filter(|(name, _)| *name != left).collect();
        errors(&block_of(oidc(&rest)), &[REGION])
    };
    for (left, path, words) in [
        ("idp_id", "assume_role_with_oidc.idp_id", "identity provider"),
        ("agency_name", "assume_role_with_oidc.agency_name", "trust agency"),
        ("domain_id", "assume_role_with_oidc.domain_id", "delegates"),
        ("id_token", "assume_role_with_oidc.id_token_file", "There is no ID token"),
    ] {
        let found = lacks(left);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].0 == path && found[0].1.contains(words), "{found:?}");
    }
    let two = [&written[..], &[("id_token_file", path)]].concat();
    assert!(errors(&block_of(oidc(&two)), &[REGION])[0].1.contains("keep one of them"));
}

#[test]
fn arguments_without_effect_are_told_in_one_warning() {
    let tags = Value::map([("a", Value::from("b"))]);
    let config = block(&[
        ("region", "r".into()),
        ("regional", true.into()),
        ("default_tags", tags),
        ("signing_algorithm", "HmacSM3".into()),
    ]);
    let warnings: Vec<_> = resolved(&config, KEYS).warnings.into_iter().collect();
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    let detail = &warnings[0].detail;
    assert!(
        detail.starts_with("regional, signing_algorithm, default_tags mean something"),
        "{detail}"
    );
    assert_eq!(resolved(&block(&[("region", "r".into())]), KEYS).warnings.into_iter().count(), 0);
}

#[test]
fn addresses_follow_from_region_and_cloud_unless_written() {
    let endpoints = Value::map([
        ("modelarts", Value::from("http://127.0.0.1:8080/")),
        // Of another service: whoever shares the block may need it.
        ("ecs", "https://ecs.example.com/".into()),
    ]);
    let table: &[(Value, Vars, &str, &str, &str)] = &[
        (
            strings(&[("region", "eu-west-101")]),
            &[REGION],
            "https://modelarts.eu-west-101.myhuaweicloud.eu/",
            "https://iam.eu-west-101.myhuaweicloud.eu/",
            "region \"eu-west-101\" (the argument region)",
        ),
        (
            block(&[]),
            &[("HW_REGION_NAME", "eu-de"), ("HW_CLOUD", "otc.t-systems.com")],
            "https://modelarts.eu-de.otc.t-systems.com/",
            "https://iam.eu-de.otc.t-systems.com/",
            "region \"eu-de\" (HW_REGION_NAME) and cloud \"otc.t-systems.com\" (HW_CLOUD)",
        ),
        (
            strings(&[("region", "eu-west-101"), ("cloud", "myhuaweicloud.com")]),
            &[],
            "https://modelarts.eu-west-101.myhuaweicloud.com/",
            "https://iam.eu-west-101.myhuaweicloud.com/",
            "region \"eu-west-101\" (the argument region) and cloud \"myhuaweicloud.com\" (the \
             argument cloud)",
        ),
        (
            strings(&[("region", "no-such-region-9")]),
            &[("HW_AUTH_URL", "https://iam.example.com/v3")],
            "https://modelarts.no-such-region-9.myhuaweicloud.com/",
            "https://iam.example.com/",
            "region \"no-such-region-9\" (the argument region)",
        ),
        (
            block(&[("endpoints", endpoints), ("project_id", "p1".into())]),
            &[],
            "http://127.0.0.1:8080/",
            "https://iam.myhuaweicloud.com/",
            "endpoints.modelarts",
        ),
    ];
    for (config, variables, modelarts, iam, origin) in table {
        let endpoints = known(config, variables).settings.endpoints;
        assert_eq!(endpoints.modelarts.url.as_str(), *modelarts);
        assert_eq!(endpoints.iam.url.as_str(), *iam);
        assert_eq!(endpoints.modelarts.origin, *origin);
    }
}

#[test]
fn the_project_is_given_or_named_like_the_region() {
    let id = |id: &str| ProjectRef::Id(id.to_owned());
    let name = |name: &str| ProjectRef::Name(name.to_owned());
    let table: &[(Vars, Vars, ProjectRef)] = &[
        (&[], &[REGION], name("cn-north-4")),
        (&[], &[REGION, ("HW_PROJECT_NAME", "cn-north-4_sub")], name("cn-north-4_sub")),
        (&[], &[REGION, ("HW_PROJECT_NAME", "n"), ("HW_PROJECT_ID", "i")], id("i")),
        (&[("project_name", "n")], &[REGION, ("HW_PROJECT_ID", "i")], name("n")),
        (&[("project_id", "a")], &[REGION, ("HW_PROJECT_ID", "i")], id("a")),
    ];
    for (arguments, variables, expected) in table {
        assert_eq!(known(&strings(arguments), variables).settings.project, *expected);
    }
}

#[test]
fn the_rest_of_the_settings_is_read_too() {
    let headers = Value::map([("request-type", "console".into())]);
    let config = block(&[
        ("region", "cn-north-4".into()),
        ("max_retries", 0.into()),
        ("request_headers", headers),
        ("workspace_id", "w1".into()),
    ]);
    let variables: Vars = &[
        ("HW_MAX_RETRIES", "9"),
        ("HW_MODELARTS_MAX_RPS", "2.5"),
        ("HW_INSECURE", "true"),
        ("HW_MODELARTS_WORKSPACE_ID", "w2"),
        ("TF_APPEND_USER_AGENT", "ci/7\n"),
    ];
    let resolution = resolved(&config, variables);
    assert_eq!(resolution.workspace, Tf::Known("w1".to_owned()));
    let settings = known(&config, variables).settings;
    assert_eq!((settings.max_retries, settings.insecure), (0, true));
    assert_eq!(settings.max_requests_per_second, Some(2.5));
    assert_eq!(settings.extra_headers, [("request-type".to_owned(), "console".to_owned())]);
    let version = env!("CARGO_PKG_VERSION");
    let agent = format!("terraform-provider-modelarts/{version} terraform/1.9.0 ci/7");
    assert_eq!(settings.user_agent, agent);
    let other = resolved(&block(&[]), variables).workspace;
    assert_eq!(other, Tf::Known("w2".to_owned()));
}

#[test]
fn mistakes_are_told_with_their_place() {
    let endpoint = |url: &str| {
        let members = [("modelarts", Value::from(url))];
        block(&[("region", "r".into()), ("endpoints", Value::map(members))])
    };
    let region = |name: &'static str, value: Value| block(&[("region", "r".into()), (name, value)]);
    let role = |name: Value, domain: Value| {
        let members =
            [("agency_name", name), ("domain_name", domain.clone()), ("domain_id", domain)];
        region("assume_role", Value::List(vec![Value::object(members)]))
    };
    let both = |a: &'static str, b: &'static str| {
        block(&[("region", "r".into()), ("password", "p".into()), (a, "x".into()), (b, "y".into())])
    };
    let table: &[(Value, Vars, &str, &str)] = &[
        (block(&[]), &[], "region", "HW_REGION_NAME"),
        (endpoint("modelarts.example.com"), &[], "endpoints.modelarts", "base URL"),
        (endpoint("http://10.0.0.1"), &[], "endpoints.modelarts", "insecure"),
        (region("auth_url", "ftp://x".into()), &[], "auth_url", "base URL"),
        (block(&[]), &[REGION, ("HW_AUTH_URL", "x")], "", "HW_AUTH_URL"),
        (block(&[("region", "a/b".into())]), &[], "region", "host name"),
        (region("access_key", "ak".into()), &[], "access_key", "secret_key (HW_SECRET_KEY)"),
        (region("secret_key", "sk".into()), &[], "secret_key", "access_key (HW_ACCESS_KEY)"),
        (region("profile", Value::Null), &[KEYS[0]], "", "HW_ACCESS_KEY"),
        (region("password", "p".into()), &[], "password", "user_name"),
        (region("user_name", "u".into()), &[], "user_name", "password"),
        (region("user_name", "u".into()), &[("HW_USER_PASSWORD", "p")], "user_name", "domain_name"),
        (both("user_id", "user_name"), &[], "user_id", "together"),
        (role("a".into(), Value::Null), KEYS, "assume_role[0].agency_name", "domain_name"),
        (role(Value::Null, Value::Null), KEYS, "assume_role[0].agency_name", "agency"),
        (role("a".into(), "d".into()), KEYS, "assume_role[0].domain_id", "together"),
        (block(&[]), &[REGION, ("HW_ASSUME_ROLE_AGENCY_NAME", "a")], "", "delegates"),
        (
            region("agency_name", "a".into()),
            &[KEYS[0], KEYS[1]],
            "agency_name",
            "agency_domain_name",
        ),
        (
            region("availability_check", "maybe".into()),
            KEYS,
            "availability_check",
            "warn, error, off",
        ),
        (region("max_retries", Value::from(-1)), &[], "max_retries", "0 or more"),
        (region("max_retries", Value::Null), &[("HW_MAX_RETRIES", "many")], "", "HW_MAX_RETRIES"),
        (region("max_requests_per_second", 0.into()), &[], "max_requests_per_second", "above 0"),
        (region("insecure", Value::Null), &[("HW_INSECURE", "maybe")], "", "HW_INSECURE"),
        (region("cacert_file", "/no/such/file".into()), &[], "cacert_file", "/no/such/file"),
        (region("cacert_file", "-----BEGIN nonsense".into()), &[], "cacert_file", "certificate"),
        (region("cert", "-----BEGIN X".into()), &[], "cert", "HW_KEY"),
        (region("key", "-----BEGIN X".into()), &[], "key", "HW_CERT"),
        (region("shared_config_file", "/no/file".into()), &[], "shared_config_file", "/no/file"),
        (
            region("request_headers", Value::map([("Authorization", "x".into())])),
            &[],
            "request_headers[\"Authorization\"]",
            "by itself",
        ),
    ];
    for (config, variables, path, text) in table {
        let errors = errors(config, variables);
        assert!(
            errors.iter().any(|(at, detail)| at == path && detail.contains(text)),
            "wanted {path:?} {text:?}, got {errors:?}"
        );
    }
}

#[test]
fn several_mistakes_are_told_in_one_run() {
    let config = block(&[("max_retries", Value::from(-1)), ("access_key", "ak".into())]);
    assert_eq!(errors(&config, &[REGION, ("HW_INSECURE", "maybe")]).len(), 3);
}

#[tokio::test]
async fn what_is_missing_fails_the_plan_and_not_the_validation() {
    let provider = ModelArtsProvider::with(Environment::fixed([("X", "y")]), |_| Offer::default());
    assert!(provider.validate(&cx(), &block(&[])).await.is_empty());
    assert!(provider.configure(&cx(), &block(&[]), "1.9.0").await.has_errors());
}

#[tokio::test]
async fn unknown_arguments_put_off_whatever_needs_the_service() {
    let variables = [REGION, KEYS[0], KEYS[1]];
    let provider = ModelArtsProvider::with(Environment::fixed(variables), |_| Offer::default());
    let config = block(&[
        ("secret_key", Value::UNKNOWN),
        ("endpoints", Value::UNKNOWN),
        ("workspace_id", Value::UNKNOWN),
    ]);
    assert!(provider.validate(&cx(), &config).await.is_empty());
    assert!(provider.configure(&cx(), &config, "1.9.0").await.is_empty());
    assert!(provider.session().default_workspace().is_unknown());
    let refused = provider.session().connect(&cx()).await.unwrap_err();
    let detail = &refused.iter().next().unwrap().detail;
    assert!(detail.contains(": endpoints, secret_key."), "{detail}");

    // The apply brings a configuration that is known.
    let known = strings(&[("secret_key", "sk")]);
    assert!(provider.configure(&cx(), &known, "1.9.0").await.is_empty());
    assert!(provider.session().default_workspace().is_null());
    let connection = provider.session().connect(&cx()).await.unwrap();
    assert_eq!(shown(&connection.client().settings().credentials), "keys env-ak sk -");
}

#[test]
fn an_unknown_argument_hides_no_mistake_in_another() {
    let config = block(&[("region", Value::UNKNOWN), ("max_retries", Value::from(-1))]);
    assert_eq!(errors(&config, &[])[0].0, "max_retries");
    let unknown_half = block(&[("access_key", Value::UNKNOWN), ("secret_key", "sk".into())]);
    let resolution = resolved(&unknown_half, &[REGION]);
    assert!(matches!(resolution.resolved, Resolved::Unknown { .. }), "{resolution:?}");
}

const PROFILES: &str = r#"{ "current": "one", "profiles": [
    { "name": "one", "mode": "AKSK", "accessKeyId": "one-ak", "secretAccessKey": "hidden-one",
      "region": "cn-east-3", "projectId": "one-project" },
    { "name": "sso", "mode": "SSO", "region": "cn-east-4", "ssoAuth": { "stsToken": {
      "accessKeyId": "sso-ak", "secretAccessKey": "hidden-sso", "securityToken": "hidden-st" } } },
    { "name": "agency", "accessKeyId": "a", "secretAccessKey": "b", "agencyName": "agency",
      "agencyDomainName": "other" },
    { "name": "sealed", "region": "cn-east-3", "ssoAuth": null, "accessKeyId": null },
    { "name": "nulls", "mode": null, "accessKeyId": "n-ak", "secretAccessKey": "hidden-n",
      "securityToken": null, "region": "cn-east-3", "projectId": null, "agencyName": null,
      "agencyDomainId": null, "agencyDomainName": null, "ssoAuth": { "stsToken": null } },
    { "name": "machine", "mode": "ecsAgency" } ] }"#;

#[test]
fn profiles_stand_behind_arguments_and_environment() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join(".hcloud");
    fs::create_dir(&folder).unwrap();
    let file = folder.join("config.json");
    fs::write(&file, PROFILES).unwrap();
    let home = ("HOME", home.path().to_str().unwrap());
    let by_file = ("HW_SHARED_CONFIG_FILE", "~/.hcloud/config.json");
    let named = |name: &'static str| ("HW_PROFILE", name);
    let table: &[(Vars, &str, &str)] = &[
        (&[home, by_file], "keys one-ak hidden-one -", "cn-east-3"),
        (&[home, named("sso")], "keys sso-ak hidden-sso hidden-st", "cn-east-4"),
        (&[home, named("agency"), REGION], "agency@other 3600 by keys a b -", "cn-north-4"),
        (&[home, named("one"), KEYS[0], KEYS[1]], "keys env-ak hidden-env-sk -", "cn-east-3"),
        (&[home, named("machine"), REGION], "metadata", "cn-north-4"),
        (&[home, named("sealed")], "metadata", "cn-east-3"),
        (&[home, named("nulls")], "keys n-ak hidden-n -", "cn-east-3"),
    ];
    for (variables, credentials, region) in table {
        let settings = known(&block(&[]), variables).settings;
        assert_eq!(shown(&settings.credentials), *credentials);
        assert_eq!(settings.region.as_deref(), Some(*region));
    }
    // The profile's project is one of the profile's region.
    let project = |variables: Vars| known(&block(&[]), variables).settings.project;
    assert_eq!(project(&[home, by_file]), ProjectRef::Id("one-project".to_owned()));
    assert_eq!(project(&[home, by_file, REGION]), ProjectRef::Name("cn-north-4".to_owned()));

    let config = strings(&[("profile", "two"), ("region", "r")]);
    let (path, detail) = errors(&config, &[home]).remove(0);
    assert_eq!(path, "profile");
    assert!(detail.contains("\"one\", \"sso\""), "{detail}");

    fs::write(&file, r#"{ "profiles": "hidden" }"#).unwrap();
    let (_, detail) = errors(&block(&[]), &[home, by_file, REGION]).remove(0);
    assert!(detail.contains("hcloud") && !detail.contains("hidden"), "{detail}");
}

#[test]
fn no_secret_shows_in_messages_and_debug_output() {
    let secrets = ["access_key", "secret_key", "security_token", "token", "password", "key"];
    for name in secrets {
        let attribute = schema::schema().attribute(name).cloned().unwrap();
        assert!(attribute.sensitive, "{name}");
        for other in [("region", "r"), ("max_retries", "")] {
            let mut config = strings(&[(name, "hidden-secret")]);
            config.set_entry(other.0, if other.1.is_empty() { 1.into() } else { other.1.into() });
            let resolution = resolved(&config, &[("HW_SECURITY_TOKEN", "hidden-secret"), KEYS[1]]);
            let text = format!("{resolution:?}");
            assert!(name == "access_key" || !text.contains("hidden"), "{name}: {text}");
        }
    }
    let environment = Environment::fixed([("HW_SECRET_KEY", "hidden-secret")]);
    assert!(!format!("{environment:?}").contains("hidden"));
}

#[test]
fn two_kinds_of_credentials_in_the_block_are_worth_a_warning() {
    let config = strings(&[("token", "t"), ("access_key", "ak"), ("secret_key", "sk")]);
    let warnings = resolved(&config, &[REGION]).warnings;
    let warning = warnings.iter().next().unwrap();
    assert_eq!(warning.severity, Severity::Warning);
    assert_eq!(warning.path, Some(Path::of("access_key")));
}

#[tokio::test]
async fn the_simulator_needs_nothing_else_and_says_that_it_is_one() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("cloud.json");
    let file = file.to_str().unwrap();
    let written = Value::object([("state_file", Value::string(file))]);
    let by_argument = block(&[("simulator", written), ("region", Value::UNKNOWN)]);
    let by_variable = block(&[]);
    for (config, variables) in
        [(by_argument, vec![]), (by_variable, vec![("MODELARTS_SIMULATOR", file)])]
    {
        let provider = ModelArtsProvider::with(Environment::fixed(variables), |_| Offer::default());
        for _ in 0..2 {
            let told = provider.configure(&cx(), &config, "1.9.0").await;
            let summaries: Vec<_> = told.iter().map(|d| (d.severity, d.summary.as_str())).collect();
            assert_eq!(summaries, [(Severity::Warning, "Using the built-in simulator")]);
        }
        let connection = provider.session().connect(&cx()).await.unwrap();
        let call = crate::modelarts::Call::default();
        let all = crate::modelarts::PoolFilter::default();
        assert!(connection.client().list_pools(&call, &all).await.unwrap().is_empty());
        let again = provider.session().connect(&cx()).await.unwrap();
        assert!(Arc::ptr_eq(&connection, &again));
    }
}

#[tokio::test]
async fn a_simulator_that_cannot_start_says_why() {
    let variables = [("MODELARTS_SIMULATOR", "/no/such/folder/cloud.json")];
    let provider = ModelArtsProvider::with(Environment::fixed(variables), |_| Offer::default());
    provider.configure(&cx(), &block(&[]), "1.9.0").await;
    let refused = provider.session().connect(&cx()).await.unwrap_err();
    assert!(refused.iter().next().unwrap().detail.contains("/no/such/folder"), "{refused:?}");
}

#[test]
fn without_credentials_every_source_tells_why_it_does_not_apply() {
    let target = known(&block(&[]), &[REGION, ("HW_USER_NAME", "u")]);
    assert_eq!(shown(&target.settings.credentials), "metadata");
    let reasons = target.passed_over.join("\n");
    for part in ["HW_AUTH_TOKEN", "HW_ACCESS_KEY", "HW_USER_NAME is set", "HW_PROFILE"] {
        assert!(reasons.contains(part), "{part} in {reasons}");
    }
}

#[tokio::test]
async fn where_there_are_no_credentials_the_first_use_tells_what_was_tried() {
    // A port that was free a moment ago: nobody answers there.
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut resolution = resolved(&block(&[]), &[REGION]);
    let Resolved::Known(target) = &mut resolution.resolved else { panic!("{resolution:?}") };
    target.settings.endpoints.metadata.url = format!("http://{closed}").parse().unwrap();
    let handle = Handle::default();
    handle.configure(resolution);
    for _ in 0..2 {
        let refused = handle.connect(&cx()).await.unwrap_err();
        let detail = &refused.iter().next().unwrap().detail;
        for part in ["HW_AUTH_TOKEN", "HW_ACCESS_KEY", "HW_PROFILE", "Metadata service"] {
            assert!(detail.contains(part), "{part} in {detail}");
        }
    }
}

#[test]
fn terraform_accepts_every_schema_of_this_provider() {
    let provider = ModelArtsProvider::new();
    assert_eq!(crate::tf::schema::check::check_provider(provider.schema()), Vec::<String>::new());
    for resource in provider.resources() {
        let problems = crate::tf::schema::check::check(resource.schema());
        assert_eq!(problems, Vec::<String>::new(), "{}", resource.type_name());
    }
}

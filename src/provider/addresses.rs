//! Where the services are: by rule from the region, or as somebody wrote.

use crate::modelarts::endpoints::{DEFAULT_CLOUD, for_region, metadata};
use crate::modelarts::{Endpoint, Endpoints, SettingsError};
use crate::tf::diagnostics::Diagnostic;
use crate::tf::path::Path;

use super::reader::{Origin, Reader, Setting, refused};
use super::schema::ProviderModel;

/// Addresses that somebody wrote.
struct Written {
    modelarts: Option<Endpoint>,
    iam: Option<Endpoint>,
    bss: Option<Endpoint>,
    sts: Option<Endpoint>,
}

/// The addresses of all services. `None` when they cannot be told; the reader
/// then holds a problem, unless the region is merely missing or unknown.
pub(super) fn endpoints(
    reader: &mut Reader<'_>,
    region: Option<&Setting>,
    insecure: bool,
) -> Option<Endpoints> {
    let cloud = reader.top(ProviderModel::CLOUD, &["HW_CLOUD"]);
    let written = written(reader, insecure);
    let domain = cloud.as_ref().map(|cloud| cloud.value.as_str());
    let by_rule = match region {
        Some(region) => match for_region(&region.value, domain) {
            Ok(endpoints) => named(endpoints, region, cloud.as_ref()),
            Err(_) => {
                reader.refuse(
                    &region.origin,
                    "Region and cloud make no host name. A region is a name such as cn-north-4, a \
                     cloud a domain such as myhuaweicloud.com.",
                );
                return None;
            }
        },
        None => without_region(written.modelarts.clone()?, domain.unwrap_or(DEFAULT_CLOUD))?,
    };
    Some(Endpoints {
        modelarts: written.modelarts.unwrap_or(by_rule.modelarts),
        iam: written.iam.unwrap_or(by_rule.iam),
        bss: written.bss.unwrap_or(by_rule.bss),
        sts: written.sts.unwrap_or(by_rule.sts),
        metadata: by_rule.metadata,
    })
}

fn written(reader: &mut Reader<'_>, insecure: bool) -> Written {
    let mut at = |name: &str| {
        let endpoints = Path::of(ProviderModel::ENDPOINTS);
        let setting = reader.text(&endpoints.key(name), &[]);
        // People write it like an attribute, and are told of it like that.
        let origin = Origin::Argument(endpoints.attribute(name));
        parse(reader, setting.map(|setting| Setting { origin, ..setting }), insecure)
    };
    let (modelarts, iam, bss, sts) = (at("modelarts"), at("iam"), at("bss"), at("sts"));
    let auth_url = reader.top(ProviderModel::AUTH_URL, &["HW_AUTH_URL", "OS_AUTH_URL"]);
    let auth_url = parse(reader, auth_url, insecure);
    Written { modelarts, iam: iam.or(auth_url), bss, sts }
}

fn parse(reader: &mut Reader<'_>, setting: Option<Setting>, insecure: bool) -> Option<Endpoint> {
    let setting = setting?;
    let endpoint = Endpoint::parse(&setting.value, setting.origin.to_string());
    match endpoint.and_then(|endpoint| endpoint.check(insecure).map(|()| endpoint)) {
        Ok(endpoint) => Some(endpoint),
        Err(error) => {
            reader.problems.push(malformed(&setting.origin, &error));
            None
        }
    }
}

fn malformed(origin: &Origin, error: &SettingsError) -> Diagnostic {
    let reason = match error {
        SettingsError::Endpoint { reason, .. } => reason.clone(),
        other => other.to_string(),
    };
    refused(
        origin,
        &format!("This is no usable base URL: {reason}. It looks like https://host[:port]/."),
    )
}

/// Says of every address which setting of the user it follows from.
fn named(endpoints: Endpoints, region: &Setting, cloud: Option<&Setting>) -> Endpoints {
    let by = |setting: &Setting, argument: &str| match &setting.origin {
        Origin::Argument(_) => format!("the argument {argument}"),
        other => other.to_string(),
    };
    let mut origin = format!("region {:?} ({})", region.value, by(region, "region"));
    if let Some(cloud) = cloud {
        origin.push_str(&format!(" and cloud {:?} ({})", cloud.value, by(cloud, "cloud")));
    }
    let rename = |endpoint: Endpoint| Endpoint { origin: origin.clone(), ..endpoint };
    Endpoints {
        modelarts: rename(endpoints.modelarts),
        iam: rename(endpoints.iam),
        bss: rename(endpoints.bss),
        sts: rename(endpoints.sts),
        metadata: endpoints.metadata,
    }
}

/// Without a region only the addresses of the whole cloud remain; they serve
/// for what is not written.
fn without_region(modelarts: Endpoint, cloud: &str) -> Option<Endpoints> {
    let global = |service: &str| {
        let origin = format!("cloud {cloud:?}, as there is no region");
        Endpoint::parse(&format!("https://{service}.{cloud}"), origin).ok()
    };
    Some(Endpoints {
        modelarts,
        iam: global("iam")?,
        bss: global("bss")?,
        sts: global("sts")?,
        metadata: metadata().ok()?,
    })
}

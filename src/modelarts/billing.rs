//! Billing calls for prepaid pools and nodes (API reference, billing calls).

use http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::call::Call;
use super::client::Client;
use super::error::{Error, Subject};
use super::transport::{Answer, Effect, Request, Service};
use super::{lenient, shape};

/// Codes with which the Chinese site sends an international account away.
const OTHER_SITE: [&str; 2] = ["CBC.0150", "CBC.0156"];

/// A resource that could not be unsubscribed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct FailedResource {
    /// Billing resource.
    #[serde(deserialize_with = "lenient::string")]
    pub resource_id: String,
    /// Code of the reason.
    #[serde(deserialize_with = "lenient::opt_string")]
    pub error_code: Option<String>,
    /// Reason.
    #[serde(deserialize_with = "lenient::opt_string")]
    pub error_msg: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Unsubscribed {
    #[serde(deserialize_with = "lenient::list")]
    fail_resource_infos: Vec<FailedResource>,
}

impl Client {
    /// Unsubscribes prepaid resources; the answer lists those that failed.
    ///
    /// # Errors
    /// `Ambiguous` when the order may have been taken: query before repeating.
    pub async fn unsubscribe(
        &self,
        call: &Call,
        resource_ids: &[String],
    ) -> Result<Vec<FailedResource>, Error> {
        let body = json!({ "resource_ids": resource_ids, "unsubscribe_type": 1 });
        let target = "/v2/orders/subscriptions/resources/unsubscribe";
        let failed = |answer: &Value| shape::list(answer, "fail_resource_infos");
        let post =
            Request::new(Effect::Act, target, Subject::Other).json(Ok(body)).expecting(failed);
        let answer = self.bill(call, post).await?;
        Ok(answer.object::<Unsubscribed>().unwrap_or_default().fail_resource_infos)
    }

    /// Tells which of these resources are still subscribed.
    ///
    /// # Errors
    /// As any read.
    pub async fn subscribed(
        &self,
        call: &Call,
        resource_ids: &[String],
    ) -> Result<Vec<String>, Error> {
        let body = json!({
            "resource_ids": resource_ids,
            "status_list": [2],
            "only_main_resource": 1,
            "limit": resource_ids.len().clamp(1, 500),
            "offset": 0,
        });
        // The service spells it this way.
        let target = "/v2/orders/suscriptions/resources/query";
        let data = |answer: &Value| shape::list(answer, "data");
        let query = Request::reading(Method::POST, target).json(Ok(body)).expecting(data);
        let answer = self.bill(call, query).await?;
        let found = answer.value().ok_or_else(|| answer.unusable("it is empty"))?;
        let ids = found.get("data").and_then(Value::as_array).into_iter().flatten();
        let ids = ids.filter_map(|resource| resource.get("resource_id")?.as_str());
        Ok(ids.map(str::to_owned).collect())
    }

    /// Sends to the one site, and to the other if the account lives there.
    async fn bill(&self, call: &Call, request: Request) -> Result<Answer, Error> {
        match self.send(call, request.clone().to(Service::Bss)).await {
            Err(error) if error.code().is_some_and(|code| OTHER_SITE.contains(&code)) => {
                self.send(call, request.to(Service::BssInternational)).await
            }
            other => other,
        }
    }
}

//! Billing calls for prepaid pools and nodes (API reference, billing calls).

use http::Method;
use serde_json::{Value, json};

use super::answer::Answer;
use super::call::Call;
use super::client::Client;
use super::error::Error;
use super::request::{Effect, Request, Service};
use super::shape;

/// Codes with which the Chinese site sends an international account away.
const OTHER_SITE: [&str; 2] = ["CBC.0150", "CBC.0156"];

wire! {
    "snake_case";

    /// A resource that could not be unsubscribed.
    pub struct FailedResource {
        /// Billing resource.
        pub resource_id: String,
        /// Code of the reason.
        pub error_code: Option<String>,
        /// Reason.
        pub error_msg: Option<String>,
    }
}

wire! {
    "snake_case";

    struct Unsubscribed {
        fail_resource_infos: Vec<FailedResource>,
    }
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
        let post = Request::new(Effect::Act, target, failures).json(&body);
        self.bill(call, post).await
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
        let query = Request::new(Effect::Read, target, subscriptions).by(Method::POST).json(&body);
        self.bill(call, query).await
    }

    /// Sends to the one site, and to the other if the account lives there.
    async fn bill<T: Send>(&self, call: &Call, request: Request<'_, T>) -> Result<T, Error> {
        let request = request.to(Service::Bss);
        match self.send(call, &request).await {
            Err(error)
                if error.code().is_some_and(|code| OTHER_SITE.contains(&code))
                    && self.settings().endpoints.international_bss().is_some() =>
            {
                self.send(call, &request.to(Service::BssInternational)).await
            }
            other => other,
        }
    }
}

/// Reads which resources could not be unsubscribed; an answer without a body
/// names none.
fn failures(answer: &Answer) -> Result<Vec<FailedResource>, Error> {
    let Ok(body) = answer.object::<Value>() else { return Ok(Vec::new()) };
    shape::list(&body, "fail_resource_infos").map_err(|reason| answer.unusable(&reason))?;
    Ok(serde_json::from_value::<Unsubscribed>(body).unwrap_or_default().fail_resource_infos)
}

fn subscriptions(answer: &Answer) -> Result<Vec<String>, Error> {
    let body: Value = answer.object()?;
    shape::list(&body, "data").map_err(|reason| answer.unusable(&reason))?;
    let listed = body.get("data").and_then(Value::as_array).into_iter().flatten();
    let ids = listed.filter_map(|resource| resource.get("resource_id")?.as_str());
    Ok(ids.map(str::to_owned).collect())
}

//! Plans and states as Terraform prints them for machines.

use serde_json::Value as Json;

/// A plan (`terraform show -json PLAN`).
#[derive(Debug, Clone)]
pub(crate) struct Plan(pub(crate) Json);

impl Plan {
    /// What the plan does to a resource: `["no-op"]`, `["create"]`,
    /// `["update"]`, `["delete", "create"]` …
    #[track_caller]
    pub(crate) fn actions(&self, address: &str) -> Vec<String> {
        let actions = self.change(address).pointer("/change/actions").and_then(Json::as_array);
        let actions = actions.expect("a change has actions").iter();
        actions.map(|action| action.as_str().unwrap_or_default().to_owned()).collect()
    }

    /// The resource after the change, by a JSON pointer; null when unknown.
    #[track_caller]
    pub(crate) fn after(&self, address: &str, pointer: &str) -> Json {
        self.part(address, "after", pointer)
    }

    /// Whether a value is only known after the apply.
    #[track_caller]
    pub(crate) fn is_unknown(&self, address: &str, pointer: &str) -> bool {
        self.part(address, "after_unknown", pointer) == Json::Bool(true)
    }

    /// Attributes whose change makes it a replacement.
    #[track_caller]
    pub(crate) fn replace_paths(&self, address: &str) -> Json {
        self.part(address, "replace_paths", "")
    }

    /// Addresses that anything happens to.
    pub(crate) fn changed(&self) -> Vec<String> {
        let changes = self.0.pointer("/resource_changes").and_then(Json::as_array);
        let changes = changes.map(Vec::as_slice).unwrap_or_default().iter();
        changes
            .filter(|change| {
                change.pointer("/change/actions") != Some(&serde_json::json!(["no-op"]))
            })
            .filter_map(|change| change.get("address").and_then(Json::as_str).map(str::to_owned))
            .collect()
    }

    #[track_caller]
    fn change(&self, address: &str) -> &Json {
        let changes = self.0.pointer("/resource_changes").and_then(Json::as_array);
        changes
            .and_then(|all| all.iter().find(|one| one["address"] == address))
            .unwrap_or_else(|| panic!("the plan does not mention {address}: {:#}", self.0))
    }

    #[track_caller]
    fn part(&self, address: &str, part: &str, pointer: &str) -> Json {
        let value = self.change(address).pointer(&format!("/change/{part}{pointer}"));
        value.cloned().unwrap_or(Json::Null)
    }
}

/// A state (`terraform show -json`).
#[derive(Debug, Clone)]
pub(crate) struct State(pub(crate) Json);

impl State {
    /// Addresses of what the state holds.
    pub(crate) fn addresses(&self) -> Vec<String> {
        let address = |one: &Json| one["address"].as_str().unwrap_or_default().to_owned();
        self.resources().iter().map(address).collect()
    }

    /// A value of a resource, by a JSON pointer; null when absent.
    #[track_caller]
    pub(crate) fn value(&self, address: &str, pointer: &str) -> Json {
        let value = self.resource(address).pointer(&format!("/values{pointer}"));
        value.cloned().unwrap_or(Json::Null)
    }

    /// A string of a resource.
    #[track_caller]
    pub(crate) fn text(&self, address: &str, pointer: &str) -> String {
        let value = self.value(address, pointer);
        value.as_str().unwrap_or_else(|| panic!("{address}{pointer} is {value}")).to_owned()
    }

    /// Whether the next apply would destroy and make the resource anew.
    #[track_caller]
    pub(crate) fn is_tainted(&self, address: &str) -> bool {
        self.resource(address)["tainted"] == true
    }

    fn resources(&self) -> &[Json] {
        let resources = self.0.pointer("/values/root_module/resources").and_then(Json::as_array);
        resources.map(Vec::as_slice).unwrap_or_default()
    }

    #[track_caller]
    fn resource(&self, address: &str) -> &Json {
        let found = self.resources().iter().find(|one| one["address"] == address);
        found.unwrap_or_else(|| panic!("the state does not hold {address}: {:#}", self.0))
    }
}

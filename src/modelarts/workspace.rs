//! Workspaces (API reference, workspaces).

use std::sync::{Mutex, PoisonError};

use super::call::Call;
use super::client::Client;
use super::error::Error;
use super::paging::page;
use super::request::{Effect, Request};

/// The workspace that every project has (API reference, list pools).
pub const DEFAULT_WORKSPACE: &str = "0";

/// Most the service gives at once.
const PAGE: usize = 1000;

wire! {
    "snake_case";

    /// A workspace.
    pub struct Workspace {
        /// 32 hexadecimal characters; `0` is the default workspace.
        pub id: String,
        /// Name.
        pub name: String,
        /// Free text.
        pub description: Option<String>,
        /// `PUBLIC`, `PRIVATE`, `INTERNAL`, in capitals or not.
        pub auth_type: Option<String>,
        /// Enterprise project.
        pub enterprise_project_id: Option<String>,
        /// Name of the enterprise project.
        pub enterprise_project_name: Option<String>,
        /// Who made it.
        pub owner: Option<String>,
        /// `NORMAL`, `CREATE_FAILED`, `DELETING`, `DELETE_FAILED`.
        pub status: Option<String>,
        /// Reason of a failure.
        pub status_info: Option<String>,
        /// Milliseconds since 1970.
        pub create_time: Option<i64>,
        /// Milliseconds since 1970.
        pub update_time: Option<i64>,
    }
}

impl Client {
    /// Lists all workspaces; `name` finds parts of names.
    ///
    /// # Errors
    /// As any read.
    pub async fn list_workspaces(
        &self,
        call: &Call,
        name: Option<&str>,
        enterprise_project_id: Option<&str>,
    ) -> Result<Vec<Workspace>, Error> {
        let limit = PAGE.to_string();
        let query = [
            ("limit", Some(limit.as_str())),
            ("name", name),
            ("enterprise_project_id", enterprise_project_id),
        ];
        // Pages have numbers. A service that ignores them sends the first again.
        let last = Mutex::new((0, String::new()));
        let get = Request::new(Effect::Read, "/v1/{project_id}/workspaces", |answer| {
            let mut page = page::<Workspace>(answer, "WorkspaceList", "workspaces")?;
            let first = page.items.first().map(|first| first.id.clone()).unwrap_or_default();
            let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
            if last.0 > 0 && last.1 == first {
                page.items.clear();
            }
            if page.items.len() >= PAGE {
                *last = (last.0 + 1, first);
                page.next = Some(("offset", last.0.to_string()));
            }
            Ok(page)
        });
        self.all_pages(call, get.query(query)).await
    }
}

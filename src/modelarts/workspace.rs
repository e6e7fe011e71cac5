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

wire! {
    "snake_case";

    struct Total {
        total_count: Option<i64>,
    }
}

/// What the pages of a list have shown. Pages have numbers, and a service may
/// give less at once than it is asked for, or ignore the numbers.
#[derive(Default)]
struct Seen {
    pages: usize,
    items: usize,
    first: Option<String>,
    more: bool,
}

impl Seen {
    /// Takes another page; one that has been there before is emptied.
    fn take(&mut self, page: &mut Vec<Workspace>, total: Option<i64>) {
        let first = page.first().map(|workspace| workspace.id.clone());
        if self.pages > 0 && first == self.first {
            page.clear();
        }
        self.pages += 1;
        self.items += page.len();
        self.first = first;
        let total = total.and_then(|total| usize::try_from(total).ok());
        let more = total.map_or(page.len() >= PAGE, |total| self.items < total);
        self.more = more && !page.is_empty();
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
        let seen = Mutex::new(Seen::default());
        let get = Request::new(Effect::Read, "/v1/{project_id}/workspaces", |answer| {
            let mut page = page::<Workspace>(answer, "WorkspaceList", "workspaces")?;
            let total = answer.object::<Total>()?.total_count;
            let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
            seen.take(&mut page.items, total);
            page.next = seen.more.then(|| ("offset", seen.pages.to_string()));
            Ok(page)
        });
        self.all_pages(call, get.query(query)).await
    }
}

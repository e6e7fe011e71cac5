//! Workspaces (API reference, workspaces).

use serde::Deserialize;

use super::call::Call;
use super::client::Client;
use super::error::{Error, Subject};
use super::transport::{Effect, Request};
use super::{lenient, paging};

/// Most the service gives at once.
const PAGE: usize = 1000;
/// Pages after which a list is a mistake of the service.
const MOST_PAGES: usize = 100;

/// A workspace.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Workspace {
    /// 32 hexadecimal characters; `0` is the default workspace.
    #[serde(deserialize_with = "lenient::string")]
    pub id: String,
    /// Name.
    #[serde(deserialize_with = "lenient::string")]
    pub name: String,
    /// Free text.
    #[serde(deserialize_with = "lenient::opt_string")]
    pub description: Option<String>,
    /// `PUBLIC`, `PRIVATE`, `INTERNAL`, in capitals or not.
    #[serde(deserialize_with = "lenient::opt_string")]
    pub auth_type: Option<String>,
    /// Enterprise project.
    #[serde(deserialize_with = "lenient::opt_string")]
    pub enterprise_project_id: Option<String>,
    /// Name of the enterprise project.
    #[serde(deserialize_with = "lenient::opt_string")]
    pub enterprise_project_name: Option<String>,
    /// Who made it.
    #[serde(deserialize_with = "lenient::opt_string")]
    pub owner: Option<String>,
    /// `NORMAL`, `CREATE_FAILED`, `DELETING`, `DELETE_FAILED`.
    #[serde(deserialize_with = "lenient::opt_string")]
    pub status: Option<String>,
    /// Reason of a failure.
    #[serde(deserialize_with = "lenient::opt_string")]
    pub status_info: Option<String>,
    /// Milliseconds since 1970.
    #[serde(deserialize_with = "lenient::opt_i64")]
    pub create_time: Option<i64>,
    /// Milliseconds since 1970.
    #[serde(deserialize_with = "lenient::opt_i64")]
    pub update_time: Option<i64>,
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
        let mut filter = vec![("limit".to_owned(), PAGE.to_string())];
        filter.extend(name.map(|name| ("name".to_owned(), name.to_owned())));
        filter.extend(
            enterprise_project_id.map(|id| ("enterprise_project_id".to_owned(), id.to_owned())),
        );
        let mut all: Vec<Workspace> = Vec::new();
        for page in 0..MOST_PAGES {
            let get = Request::new(Effect::Read, "/v1/{project_id}/workspaces", Subject::Other)
                .query(filter.clone())
                .query(vec![("offset".to_owned(), page.to_string())]);
            let answer = self.send(call, get).await?;
            let found = paging::items::<Workspace>(&answer, "WorkspaceList", "workspaces")?.items;
            let full = found.len() >= PAGE;
            let news: Vec<_> = found.into_iter().filter(|w| !all.contains(w)).collect();
            // A service that ignores the offset sends the same again.
            let more = full && !news.is_empty();
            all.extend(news);
            if !more {
                break;
            }
        }
        Ok(all)
    }
}

//! The workspaces of the project (API reference, workspaces).

use serde_json::{Value, json};

use super::{
    access::WORKSPACE_ID,
    answer::{Answer, Check},
    call::Call,
};

/// Lists ID and name of every workspace.
const WORKSPACES: &[(&str, &str)] = &[("0", "default"), (WORKSPACE_ID, "simulator-workspace")];

pub(super) fn exists(id: &str) -> bool {
    WORKSPACES.iter().any(|(known, _)| *known == id)
}

fn view((id, name): &(&str, &str)) -> Value {
    json!({
        "id": id,
        "name": name,
        "description": if id == &"0" { "" } else { "For teams that share a project" },
        "auth_type": "PUBLIC",
        "enterprise_project_id": "0",
        "enterprise_project_name": "default",
        "owner": super::access::USER_NAME,
        "create_time": 1_704_164_645_000_i64,
        "update_time": 1_704_164_645_000_i64,
        "status": "NORMAL",
        "status_info": "",
    })
}

pub(super) fn list(call: &Call<'_>) -> Check<Answer> {
    call.query.only(&[
        "offset",
        "limit",
        "sort_by",
        "order",
        "enterprise_project_id",
        "name",
        "filter_accessible",
    ])?;
    // The offset counts pages.
    let limit = call.query.number("limit", 1..=1000, 1000)?;
    let page = call.query.number("offset", 0..=1_000_000, 0)?;
    let name = call.query.get("name").unwrap_or("");
    let project = call.query.get("enterprise_project_id");
    let all: Vec<Value> = WORKSPACES
        .iter()
        .filter(|(_, own)| own.contains(name))
        .map(view)
        .filter(|w| project.is_none_or(|id| w["enterprise_project_id"] == id))
        .collect();
    let total = all.len();
    let some: Vec<Value> = all.into_iter().skip(page.saturating_mul(limit)).take(limit).collect();
    Ok(Answer::ok(json!({ "total_count": total, "count": some.len(), "workspaces": some })))
}

pub(super) fn show(id: &str) -> Check<Answer> {
    let found = WORKSPACES.iter().find(|workspace| workspace.0 == id);
    let missing = || Answer::error(400, "0102", format!("The workspace {id} does not exist."));
    found.map(|found| Answer::ok(view(found))).ok_or_else(missing)
}

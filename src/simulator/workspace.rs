//! The workspaces of the project (API reference, workspaces).

use serde_json::{Value, json};

use super::{
    access::WORKSPACE_ID,
    answer::{Answer, Check},
    call::Call,
    scenario::OfferedWorkspace,
};

/// Lists ID and name of every workspace.
const WORKSPACES: &[(&str, &str)] = &[("0", "default"), (WORKSPACE_ID, "simulator-workspace")];

pub(super) fn exists(id: &str) -> bool {
    WORKSPACES.iter().any(|(known, _)| *known == id)
}

/// Lists everything that is answered, in the order of the service.
fn all(call: &Call<'_>) -> Vec<OfferedWorkspace> {
    let own = WORKSPACES.iter().map(|(id, name)| OfferedWorkspace {
        id: (*id).to_owned(),
        name: (*name).to_owned(),
        description: if *id == "0" { "" } else { "For teams that share a project" }.to_owned(),
        ..OfferedWorkspace::default()
    });
    own.chain(call.scenario().offer.workspaces.iter().cloned()).collect()
}

fn project(workspace: &OfferedWorkspace) -> &str {
    workspace.enterprise_project_id.as_deref().unwrap_or("0")
}

fn view(workspace: &OfferedWorkspace) -> Value {
    let project = project(workspace);
    json!({
        "id": workspace.id,
        "name": workspace.name,
        "description": workspace.description,
        "auth_type": workspace.auth_type.as_deref().unwrap_or("PUBLIC"),
        "enterprise_project_id": project,
        "enterprise_project_name": if project == "0" { "default" } else { "project" },
        "owner": super::access::USER_NAME,
        "create_time": 1_704_164_645_000_i64,
        "update_time": 1_704_164_645_000_i64,
        "status": workspace.status.as_deref().unwrap_or("NORMAL"),
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
    let limit = call.query.number("limit", 1..=1000, 1000)?.min(call.scenario().answers.page_size);
    let page = call.query.number("offset", 0..=1_000_000, 0)?;
    let name = call.query.get("name").unwrap_or("");
    let wanted = call.query.get("enterprise_project_id");
    let mut all = all(call);
    all.retain(|workspace| {
        workspace.name.contains(name) && wanted.is_none_or(|id| id == project(workspace))
    });
    let some = all.iter().skip(page.saturating_mul(limit)).take(limit).map(view);
    let some: Vec<Value> = some.collect();
    Ok(Answer::ok(json!({ "total_count": all.len(), "count": some.len(), "workspaces": some })))
}

pub(super) fn show(call: &Call<'_>, id: &str) -> Check<Answer> {
    let found = all(call).into_iter().find(|workspace| workspace.id == id);
    let missing = || Answer::error(400, "0102", format!("The workspace {id} does not exist."));
    found.map(|found| Answer::ok(view(&found))).ok_or_else(missing)
}

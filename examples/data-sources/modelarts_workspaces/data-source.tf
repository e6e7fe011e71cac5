data "modelarts_workspaces" "all" {}

locals {
  workspace_ids = { for workspace in data.modelarts_workspaces.all.workspaces : workspace.name => workspace.id }
}

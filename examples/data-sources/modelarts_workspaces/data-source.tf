data "modelarts_workspaces" "all" {}

output "workspaces" {
  value = { for workspace in data.modelarts_workspaces.all.workspaces : workspace.name => workspace.id }
}

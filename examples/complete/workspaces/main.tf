# A pool for each team: one network that all share, and a pool in the workspace of
# each team.

terraform {
  required_version = ">= 1.3"

  required_providers {
    modelarts = {
      source = "modelarts/modelarts"
    }
  }
}

variable "region" {
  type    = string
  default = "cn-north-4"
}

variable "nodes" {
  description = "Nodes of each team, by the name of its workspace."
  type        = map(number)
  default = {
    default             = 1
    simulator-workspace = 2
  }
}

provider "modelarts" {
  region = var.region
}

data "modelarts_workspaces" "all" {}

locals {
  workspace_ids = {
    for workspace in data.modelarts_workspaces.all.workspaces : workspace.name => workspace.id
  }
}

resource "modelarts_network" "shared" {
  name = "teams-net"
  cidr = "10.20.0.0/16"
}

resource "modelarts_pool" "team" {
  for_each = var.nodes

  name         = "team-${each.key}"
  workspace_id = local.workspace_ids[each.key]
  scope        = ["Train", "Notebook"]
  network      = { name = modelarts_network.shared.id }
  resources    = [{ flavor = "modelarts.vm.cpu.8ud", count = each.value }]
}

output "pools" {
  value = { for team, pool in modelarts_pool.team : team => pool.id }
}

# From nothing to a running pool: a network, a flavor chosen from what is on sale,
# a pool spread over zones, and its nodes.

terraform {
  required_version = ">= 1.8" # for the function

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
  type    = number
  default = 3
}

provider "modelarts" {
  region = var.region
}

# The smallest flavor with a GPU that can be had today, paid by use.
data "modelarts_flavors" "gpu" {
  type          = "Dedicate"
  accelerator   = "gpu"
  available     = true
  charging_mode = "postPaid"
  scope         = "Train"
}

locals {
  sizes  = [for flavor in data.modelarts_flavors.gpu.flavors : flavor.gpu.count * 1000 + flavor.cpu]
  flavor = data.modelarts_flavors.gpu.flavors[index(local.sizes, min(local.sizes...))]
  zones  = sort(local.flavor.available_azs)
}

data "modelarts_drivers" "gpu" {
  kind = "gpu"
}

resource "modelarts_network" "training" {
  name        = "from-nothing-net"
  description = "Network of the training pool"
  cidr        = "192.168.0.0/16"
}

resource "modelarts_pool" "training" {
  name    = "from-nothing"
  scope   = ["Train"]
  network = { name = modelarts_network.training.id }
  driver  = { gpu_version = data.modelarts_drivers.gpu.versions[0] }

  resources = [
    {
      flavor = local.flavor.name
      count  = var.nodes
      azs    = provider::modelarts::spread(var.nodes, local.zones)
    },
  ]

  lifecycle {
    # What is on sale changes from day to day; the nodes that there are stay.
    ignore_changes = [resources[0].flavor, resources[0].azs, driver]
  }
}

data "modelarts_pool_nodes" "training" {
  pool_id = modelarts_pool.training.id
}

output "nodes" {
  description = "Zone and address of each node."
  value = {
    for node in data.modelarts_pool_nodes.training.nodes : node.name => "${node.az} ${node.private_ip}"
  }
}

# A module for pools in two or more zones, which a pipeline tests without an
# account: see tests/.

terraform {
  required_version = ">= 1.8" # for the function

  required_providers {
    modelarts = {
      source = "modelarts/modelarts"
    }
  }
}

variable "name" {
  description = "Name of the pool, and of its network with -net behind it."
  type        = string
  default     = "module-pool"
}

variable "flavor" {
  type    = string
  default = "modelarts.vm.cpu.8ud"
}

variable "nodes" {
  type    = number
  default = 3
}

variable "zones" {
  description = "Availability zones, the preferred ones first."
  type        = list(string)
  default     = ["cn-north-4a", "cn-north-4b"]

  validation {
    condition     = length(var.zones) >= 2
    error_message = "A pool in one zone stops with that zone. Name at least two."
  }
}

resource "modelarts_network" "this" {
  name = "${var.name}-net"
  cidr = "192.168.0.0/16"
}

resource "modelarts_pool" "this" {
  name    = var.name
  scope   = ["Train", "Infer"]
  network = { name = modelarts_network.this.id }

  resources = [
    {
      flavor = var.flavor
      count  = var.nodes
      azs    = provider::modelarts::spread(var.nodes, var.zones)
    },
  ]
}

output "pool_id" {
  value = modelarts_pool.this.id
}

output "zones" {
  description = "Number of nodes by zone."
  value       = { for zone in modelarts_pool.this.resources[0].azs : zone.az => zone.count }
}

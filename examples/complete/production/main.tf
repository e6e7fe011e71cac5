# A pool that costs money: guarded against deletion, spread over zones, and a
# pipeline that goes red while it is not ready without losing it.

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

variable "network_id" {
  description = "ID of a ModelArts network."
  type        = string
}

variable "nodes_per_zone" {
  type    = number
  default = 2
}

locals {
  zones = ["${var.region}a", "${var.region}b"]
}

provider "modelarts" {
  region = var.region
}

resource "modelarts_pool" "main" {
  name                = "production-pool"
  description         = "Training and inference, owned by the platform team"
  scope               = ["Train", "Infer", "Notebook"]
  deletion_protection = true

  network = {
    name = var.network_id
  }

  resources = [
    {
      flavor = "modelarts.vm.cpu.8ud"
      count  = var.nodes_per_zone * length(local.zones)
      azs = [
        for zone in local.zones : {
          az    = zone
          count = var.nodes_per_zone
        }
      ]
      extend_params = {
        dockerBaseSize = "100"
      }
    },
  ]

  timeouts {
    create = "2h"
    update = "2h"
  }

  lifecycle {
    # The apply fails here while the pool is not ready. The pool is not
    # tainted, and the next apply goes on waiting.
    postcondition {
      condition     = self.ready
      error_message = "The pool is not ready: ${self.status.phase}. Run apply again to go on waiting."
    }
  }
}

output "pool_id" {
  description = "For jobs that run on the pool."
  value       = modelarts_pool.main.id
}

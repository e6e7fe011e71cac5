# A whole set-up that needs no account: the cloud is a file next to this one.
# Use it to try changes, or with `terraform test` in a pipeline.

terraform {
  required_providers {
    modelarts = {
      source = "modelarts/modelarts"
    }
  }
}

provider "modelarts" {
  region = "cn-north-4"

  simulator = {
    state_file = "${path.root}/cloud.json"
  }
}

resource "modelarts_network" "main" {
  name = "offline-network"
  cidr = "192.168.128.0/17"
}

resource "modelarts_pool" "main" {
  name  = "offline-pool"
  scope = ["Train"]

  network = {
    name = modelarts_network.main.id
  }

  resources = [
    {
      flavor = "modelarts.vm.cpu.8ud"
      count  = 2
    },
  ]
}

output "pool_id" {
  value = modelarts_pool.main.id
}

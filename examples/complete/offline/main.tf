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

resource "modelarts_pool" "main" {
  name  = "offline-pool"
  scope = ["Train"]

  # The simulated cloud comes with this network.
  network = {
    name = "sim-net-0a1b2c3d4e5f60718293a4b5c6d7e8f9"
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

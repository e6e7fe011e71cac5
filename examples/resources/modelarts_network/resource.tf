# Network and pool
#
# A network, and a pool that stands on it.

resource "modelarts_network" "training" {
  name        = "training-net"
  description = "Network of the training pools"
  cidr        = "192.168.0.0/16"
}

resource "modelarts_pool" "training" {
  name    = "training-pool"
  scope   = ["Train"]
  network = { name = modelarts_network.training.id }

  resources = [
    { flavor = "modelarts.vm.cpu.8ud", count = 2 },
  ]
}

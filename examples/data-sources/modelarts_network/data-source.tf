# A network that is managed elsewhere, for a pool of this configuration.
data "modelarts_network" "shared" {
  name = "training-net"
}

resource "modelarts_pool" "training" {
  name      = "training-pool"
  scope     = ["Train"]
  network   = { name = data.modelarts_network.shared.id }
  resources = [{ flavor = "modelarts.vm.cpu.8ud", count = 2 }]
}

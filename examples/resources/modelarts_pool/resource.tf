resource "modelarts_network" "main" {
  name = "training-network"
  cidr = "192.168.128.0/17"
}

resource "modelarts_pool" "training" {
  name        = "training-pool"
  description = "Nightly training runs"
  scope       = ["Train", "Infer"]

  network = {
    name = modelarts_network.main.id
  }

  resources = [
    {
      flavor = "modelarts.vm.cpu.8ud"
      count  = 2
    },
    {
      flavor = "modelarts.vm.gpu.tnt004"
      count  = 1
    },
  ]
}

# Standard pool
#
# Nodes of two flavors in a ModelArts network, for the job types in `scope`.

variable "network_id" {
  description = "ID of a ModelArts network."
  type        = string
}

resource "modelarts_pool" "training" {
  name        = "training-pool"
  description = "Nightly training runs"
  scope       = ["Train", "Infer"]

  network = {
    name = var.network_id
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

# Ascend nodes
#
# Supernodes that are made two at a time, so `count` is a multiple of `step`. The
# driver is upgraded in place, on each node once no job runs on it.

variable "network_id" {
  description = "ID of a ModelArts network."
  type        = string
}

resource "modelarts_pool" "ascend" {
  name  = "ascend-training"
  scope = ["Train"]

  network = {
    name = var.network_id
  }

  driver = {
    npu_version     = "C78"
    update_strategy = "idle"
  }

  resources = [
    {
      flavor = "modelarts.bm.npu.8a910"
      count  = 4

      creating_step = {
        step = 2
        type = "hyperinstance"
      }
    },
  ]
}

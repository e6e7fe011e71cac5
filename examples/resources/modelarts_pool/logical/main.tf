# Logical pool
#
# A share of another pool for one team. It has neither network nor job types of
# its own, and may grow to `max_count` nodes. Some clouds want an administrator
# to approve it first.

variable "network_id" {
  description = "ID of a ModelArts network."
  type        = string
}

resource "modelarts_pool" "platform" {
  name  = "platform-pool"
  scope = ["Train"]

  network = {
    name = var.network_id
  }

  resources = [
    {
      flavor = "modelarts.vm.cpu.16u64g.d"
      count  = 4
    },
  ]
}

resource "modelarts_pool" "vision_team" {
  name        = "vision-team"
  description = "Share of the vision team"
  type        = "Logical"
  parent      = modelarts_pool.platform.id

  resources = [
    {
      flavor    = "modelarts.vm.cpu.16u64g.d"
      count     = 1
      max_count = 3
    },
  ]
}

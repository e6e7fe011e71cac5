# Waiting, timeouts and protection
#
# A pool that takes long. An apply that runs out of time keeps it, the next one
# waits on, and until it is ready the postcondition makes each apply fail. The
# pool cannot be destroyed or replaced until `deletion_protection` is `false`
# and applied.

variable "network_id" {
  description = "ID of a ModelArts network."
  type        = string
}

resource "modelarts_pool" "shared" {
  name                = "shared-training"
  scope               = ["Train", "Notebook"]
  wait_for            = "ready"
  on_timeout          = "keep"
  deletion_protection = true

  network = {
    name = var.network_id
  }

  resources = [
    {
      flavor = "modelarts.vm.cpu.8ud"
      count  = 3
    },
  ]

  timeouts {
    create = "2h"
    update = "2h"
    delete = "1h30m"
  }

  lifecycle {
    postcondition {
      condition     = self.ready
      error_message = "Pool ${self.name} is not ready yet. Run apply again to go on waiting."
    }
  }
}

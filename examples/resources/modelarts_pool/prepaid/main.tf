# Prepaid pool
#
# Ordered for six months and renewed after them. With `auto_pay` an apply spends
# money without asking; without it the pool waits until somebody pays the order.

variable "network_id" {
  description = "ID of a ModelArts network."
  type        = string
}

resource "modelarts_pool" "reserved" {
  name  = "reserved-inference"
  scope = ["Infer"]

  charging_mode = "prePaid"
  period_unit   = "month"
  period        = 6
  auto_renew    = true
  auto_pay      = true

  network = {
    name = var.network_id
  }

  resources = [
    {
      flavor = "modelarts.vm.gpu.tnt004"
      count  = 2
    },
  ]
}

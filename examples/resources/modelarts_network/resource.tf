resource "modelarts_network" "main" {
  name        = "training-network"
  description = "Network of the training pools"
  cidr        = "192.168.128.0/17"
}

data "modelarts_network" "main" {
  name = "training-network"
}

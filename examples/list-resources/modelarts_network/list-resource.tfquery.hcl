list "modelarts_network" "all" {
  provider = modelarts
}

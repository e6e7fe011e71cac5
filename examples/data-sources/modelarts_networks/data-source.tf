data "modelarts_networks" "all" {}

output "networks" {
  value = [for network in data.modelarts_networks.all.networks : network.name]
}

data "modelarts_networks" "all" {}

output "blocks" {
  description = "Address blocks that are taken."
  value       = { for network in data.modelarts_networks.all.networks : network.name => network.cidr }
}

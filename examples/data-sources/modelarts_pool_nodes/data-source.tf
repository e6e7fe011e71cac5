data "modelarts_pool" "training" {
  name = "training-pool"
}

data "modelarts_pool_nodes" "training" {
  pool_id = data.modelarts_pool.training.id
}

output "addresses" {
  value = [for node in data.modelarts_pool_nodes.training.nodes : node.private_ip]
}

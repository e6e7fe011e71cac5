data "modelarts_pool" "shared" {
  name = "training-pool"
}

# The nodes that need somebody's attention.
data "modelarts_pool_nodes" "abnormal" {
  pool_id = data.modelarts_pool.shared.id
  phase   = "Abnormal"
}

output "abnormal_nodes" {
  value = data.modelarts_pool_nodes.abnormal.nodes[*].name
}

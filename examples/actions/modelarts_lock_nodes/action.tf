data "modelarts_pool" "training" {
  name = "training-pool"
}

data "modelarts_pool_nodes" "all" {
  pool_id = data.modelarts_pool.training.id
}

action "modelarts_lock_nodes" "all" {
  config {
    pool_id    = data.modelarts_pool.training.id
    node_names = data.modelarts_pool_nodes.all.nodes[*].name
  }
}

data "modelarts_pool" "training" {
  name = "training-pool"
}

data "modelarts_pool_nodes" "zone" {
  pool_id = data.modelarts_pool.training.id
  az      = "cn-north-4a"
}

action "modelarts_drain_nodes" "zone" {
  config {
    pool_id    = data.modelarts_pool.training.id
    node_names = data.modelarts_pool_nodes.zone.nodes[*].name
  }
}

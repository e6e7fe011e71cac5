data "modelarts_pool" "training" {
  name = "training-pool"
}

data "modelarts_pool_nodes" "abnormal" {
  pool_id = data.modelarts_pool.training.id
  phase   = "Abnormal"
}

action "modelarts_reset_nodes" "abnormal" {
  config {
    pool_id    = data.modelarts_pool.training.id
    node_names = data.modelarts_pool_nodes.abnormal.nodes[*].name
    timeout    = "1h"
  }
}

data "modelarts_pool" "training" {
  name = "training-pool"
}

action "modelarts_retry_scope" "inference" {
  config {
    pool_id = data.modelarts_pool.training.id
    scopes  = ["Infer"]
  }
}

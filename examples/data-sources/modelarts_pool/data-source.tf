data "modelarts_pool" "training" {
  name = "training-pool"
}

output "training_ready" {
  value = data.modelarts_pool.training.ready
}

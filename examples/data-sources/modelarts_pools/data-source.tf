data "modelarts_pools" "training" {
  name_regex = "^training-"
}

output "training_pools" {
  value = { for pool in data.modelarts_pools.training.pools : pool.name => pool.id }
}

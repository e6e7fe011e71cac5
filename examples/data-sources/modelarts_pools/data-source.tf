# All pools whose names start with train-, and the nodes that they have.
data "modelarts_pools" "training" {
  name_regex = "^train-"
  status     = "created"
}

output "nodes" {
  value = { for pool in data.modelarts_pools.training.pools : pool.name => pool.status.nodes.available }
}

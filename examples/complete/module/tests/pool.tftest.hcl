# `terraform test` needs no account and no network: the provider brings a cloud along.

provider "modelarts" {
  region             = "cn-north-4"
  availability_check = "error"

  simulator = {
    state_file = "simulated-cloud.json"
    speed      = 20
  }
}

run "a_pool_is_spread_over_its_zones" {
  assert {
    condition     = output.zones["cn-north-4a"] == 2 && output.zones["cn-north-4b"] == 1
    error_message = "Three nodes are spread as ${jsonencode(output.zones)}."
  }

  assert {
    condition     = modelarts_pool.this.ready
    error_message = "The pool is in phase ${modelarts_pool.this.status.phase}."
  }
}

run "it_grows_in_place" {
  variables {
    nodes = 5
  }

  assert {
    condition     = output.pool_id == run.a_pool_is_spread_over_its_zones.pool_id
    error_message = "Growing made another pool."
  }

  assert {
    condition     = modelarts_pool.this.status.nodes.available == 5
    error_message = "Not all nodes are there."
  }
}

run "one_zone_is_refused" {
  command = plan

  variables {
    zones = ["cn-north-4a"]
  }

  expect_failures = [var.zones]
}

# A pool that is managed elsewhere.
data "modelarts_pool" "shared" {
  name = "training-pool"
}

check "shared_pool" {
  assert {
    condition     = data.modelarts_pool.shared.ready
    error_message = "The shared pool is in phase ${data.modelarts_pool.shared.status.phase}."
  }
}

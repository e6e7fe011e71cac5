import {
  to = modelarts_pool.training
  id = "name:training-pool"
}

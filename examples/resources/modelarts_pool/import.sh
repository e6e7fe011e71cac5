# By pool ID:
terraform import modelarts_pool.training training-pool-0123456789abcdef0123456789abcdef

# By display name, in the provider's workspace:
terraform import modelarts_pool.training name:training-pool

# By display name, in another workspace:
terraform import modelarts_pool.training fedcba9876543210fedcba9876543210/name:training-pool

# By network ID:
terraform import modelarts_network.training training-net-0a1b2c3d4e5f60718293a4b5c6d7e8f9

# By display name, in the provider's workspace:
terraform import modelarts_network.training name:training-net

# By display name, in another workspace:
terraform import modelarts_network.training 5f0a1b2c3d4e4f60718293a4b5c6d7e8/name:training-net

# Five nodes over three zones: two, two and one.
resource "modelarts_pool" "training" {
  name    = "training-pool"
  scope   = ["Train"]
  network = { name = "training-net-0a1b2c3d4e5f60718293a4b5c6d7e8f9" }

  resources = [
    {
      flavor = "modelarts.vm.cpu.8ud"
      count  = 5
      azs    = provider::modelarts::spread(5, ["cn-north-4a", "cn-north-4b", "cn-north-4c"])
    },
  ]
}

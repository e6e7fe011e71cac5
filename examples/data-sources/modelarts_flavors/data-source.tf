# GPU flavors that can be had in a zone today, paid by use.
data "modelarts_flavors" "gpu" {
  accelerator   = "gpu"
  az            = "cn-north-4b"
  available     = true
  charging_mode = "postPaid"
}

output "gpu_flavors" {
  value = data.modelarts_flavors.gpu.names
}

data "modelarts_drivers" "gpu" {
  kind = "gpu"
}

output "newest_driver" {
  value = data.modelarts_drivers.gpu.versions[0]
}

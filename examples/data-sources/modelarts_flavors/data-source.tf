data "modelarts_flavors" "all" {}

output "flavors" {
  value = [for flavor in data.modelarts_flavors.all.flavors : flavor.name]
}

# Privileged pool with a key pair
#
# The same for people who log in with a key pair instead of a password, on any
# version of Terraform.

variable "vpc_id" {
  description = "ID of the VPC."
  type        = string
}

variable "subnet_id" {
  description = "ID of a subnet (network ID) in that VPC."
  type        = string
}

variable "cluster_id" {
  description = "ID of a CCE cluster in that VPC."
  type        = string
}

variable "key_pair_name" {
  description = "Name of a key pair."
  type        = string
}

resource "modelarts_pool" "privileged" {
  name = "privileged-pool"

  network = {
    vpc_id    = var.vpc_id
    subnet_id = var.subnet_id
  }

  clusters = [
    {
      provider_id = var.cluster_id
    },
  ]

  user_login = {
    key_pair_name = var.key_pair_name
  }

  resources = [
    {
      flavor = "modelarts.vm.cpu.16u64g.d"
      count  = 2
    },
  ]
}

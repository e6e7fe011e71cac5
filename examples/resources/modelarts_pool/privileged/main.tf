# Privileged pool
#
# Nodes in a VPC and a CCE cluster of your own. The password of root is handed
# through without being stored in plan or state, which needs Terraform 1.11.

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

variable "root_password" {
  description = "Password of root: salted, encrypted and Base64-encoded."
  type        = string
  sensitive   = true
  ephemeral   = true
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

  # Another password_wo is noticed by its version alone, and makes a new pool.
  user_login = {
    password_wo         = var.root_password
    password_wo_version = 1
  }

  resources = [
    {
      flavor = "modelarts.vm.cpu.16u64g.d"
      count  = 2
    },
  ]
}

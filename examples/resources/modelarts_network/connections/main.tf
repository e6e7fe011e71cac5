# Connections
#
# To a VPC, and to a file system with the training data.

variable "vpc_id" {
  description = "ID of the VPC that jobs should reach."
  type        = string
}

variable "subnet_id" {
  description = "ID of the subnet in that VPC."
  type        = string
}

variable "file_system_id" {
  description = "ID of an SFS Turbo file system with training data."
  type        = string
}

resource "modelarts_network" "data" {
  name = "data-net"
  cidr = "10.10.0.0/16"

  peer_connections = [
    { vpc_id = var.vpc_id, subnet_id = var.subnet_id },
  ]

  sfs_turbo_connections = [
    { name = "training-data", sfs_id = var.file_system_id },
  ]

  timeouts {
    create = "30m"
  }
}

output "mount_addresses" {
  description = "Where the file systems are mounted from."
  value       = modelarts_network.data.sfs_turbo_connection_status[*].ip_address
}

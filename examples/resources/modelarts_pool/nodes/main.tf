# Disks, image and settings of nodes
#
# Two groups of nodes of the same flavor, told apart by `node_pool`; one of them
# has an image, disks and Kubernetes settings of its own. Image and disks act on
# nodes that are made later, labels, taints and tags on all of them.

variable "network_id" {
  description = "ID of a ModelArts network."
  type        = string
}

variable "image_id" {
  description = "ID of a private image for the nodes."
  type        = string
}

resource "modelarts_pool" "data" {
  name  = "data-preparation"
  scope = ["Train", "Notebook"]

  network = {
    name = var.network_id
  }

  resources = [
    {
      flavor = "modelarts.vm.cpu.8ud"
      count  = 1
    },
    {
      flavor    = "modelarts.vm.cpu.8ud"
      node_pool = "large-disks"
      count     = 2

      os = {
        image_id   = var.image_id
        image_type = "private"
      }

      root_volume = {
        volume_type = "SSD"
        size        = 100
      }

      # The first disk holds containers, the other two make one file system.
      data_volumes = [
        {
          volume_type   = "SSD"
          size          = 200
          extend_params = { volumeGroup = "vgpaas" }
        },
        {
          volume_type   = "GPSSD"
          size          = 500
          count         = 2
          extend_params = { volumeGroup = "vguser1" }
        },
      ]

      volume_group_configs = [
        {
          volume_group     = "vgpaas"
          docker_thin_pool = 80
          types            = ["volume"]
        },
        {
          volume_group = "vguser1"
          lvm_config = {
            lv_type = "striped"
            path    = "/data"
          }
        },
      ]

      extend_params = {
        dockerBaseSize             = "100"
        runtime                    = "containerd"
        labelPolicyOnExistingNodes = "refresh"
      }

      # Most clouds take these for privileged pools only.
      labels = {
        workload = "data"
      }

      taints = [
        {
          key    = "workload"
          value  = "data"
          effect = "NoSchedule"
        },
      ]

      tags = {
        cost-centre = "research"
      }
    },
  ]
}

terraform {
  required_providers {
    modelarts = {
      source = "modelarts/modelarts"
    }
  }
}

# Keys come from HW_ACCESS_KEY and HW_SECRET_KEY, or from any other source
# listed below.
provider "modelarts" {
  region = "cn-north-4"
}

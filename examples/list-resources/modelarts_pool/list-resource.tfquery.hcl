# Every pool of the default workspace.
list "modelarts_pool" "all" {
  provider = modelarts
}

# The pools of a team, with all that an import would find.
list "modelarts_pool" "team" {
  provider         = modelarts
  include_resource = true
  limit            = 500

  config {
    name_regex = "^team-"
    type       = "Dedicate"
  }
}

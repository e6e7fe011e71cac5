//! No byte of a secret is logged, printed or kept.

use crate::harness::{Cloud, SECRET, Workspace};
use crate::pools::pool;

#[test]
fn a_whole_life_at_trace_level_shows_no_secret() {
    let cloud = Cloud::start();
    let mut work = Workspace::new("secrets", &cloud);
    work.env("TF_LOG", "trace");
    work.write("main.tf", &pool(1));
    let mut shown = Vec::new();
    shown.push(work.run(&["plan"]).success());
    shown.push(work.apply());
    work.write("main.tf", &pool(2));
    shown.push(work.apply());
    let state = std::fs::read_to_string(work.root().join("terraform.tfstate")).unwrap();
    shown.push(work.destroy());
    assert!(shown.iter().any(|run| run.stderr.contains("/pools")), "calls are logged");
    for run in &shown {
        assert!(!run.stdout.contains(SECRET) && !run.stderr.contains(SECRET), "{}", run.command);
        let signature = run.stderr.contains("Signature=");
        assert!(!signature, "{} logs a signature", run.command);
    }
    assert!(!state.contains(SECRET));
}

#[test]
fn a_token_and_a_password_do_not_show_in_errors() {
    let cloud = Cloud::start();
    for (name, value) in [("token", "token-not-real"), ("password", "password-not-real")] {
        let user = if name == "password" { "user_name = \"u\"\n  domain_name = \"d\"" } else { "" };
        let block = format!(
            r#"
provider "modelarts" {{
  region     = "cn-north-4"
  project_id = "{project}"
  {name} = "{value}"
  {user}
  endpoints = {{ modelarts = "{url}", iam = "{url}" }}
}}
"#,
            project = crate::harness::PROJECT,
            url = cloud.url(),
        );
        let mut work = Workspace::with_provider("refused", &block);
        work.env("TF_LOG", "trace");
        work.write("main.tf", &pool(1));
        let output = work.apply_fails();
        // Terraform shows the configuration around an error only for the
        // attribute that the error is about.
        assert!(!output.stderr.contains(value), "{output}");
        assert!(!output.stdout.contains(value), "{output}");
    }
}

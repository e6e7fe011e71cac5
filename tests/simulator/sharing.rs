//! State files: one cloud for several processes, nothing lost by a restart.

use std::path::Path;

use serde_json::json;
use terraform_provider_modelarts::simulator::{Config, StartError, StoreError, start};

use super::client::{World, nodes, physical, pool, resources};

async fn on(file: &Path) -> World {
    World::from(Config { state_file: Some(file.to_owned()), ..Config::default() }).await
}

#[tokio::test]
async fn two_servers_on_one_file_see_one_cloud() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state.json");
    let (one, two) = (on(&file).await, on(&file).await);
    let id = one.ready_pool(&physical("pool-a", 1)).await;
    assert_eq!(two.show(&id).await["status"]["phase"], "Running");
    two.create(&physical("pool-a", 1)).await.refused(409, "ModelArts.50015000");
    let grown = json!([{ "flavor": super::client::CPU, "count": 2 }]);
    two.patch(&id, &resources(grown)).await.expect(200);
    two.pass(1000);
    assert_eq!(nodes(&one.show(&id).await, "available"), 2);
    one.delete(&id).await.expect(200);
    one.pass(1000);
    two.get(&pool(&id)).await.refused(404, "ModelArts.50015001");
}

#[tokio::test]
async fn a_restart_loses_nothing_and_time_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state.json");
    let first = on(&file).await;
    first.create(&physical("pool-a", 1)).await.expect(200);
    first.running.stop().await;
    let second = on(&file).await;
    assert!(second.cloud.pool("pool-a").unwrap().unwrap()["status"].get("phase").is_none());
    second.pass(1000);
    let pool = second.cloud.pool("pool-a").unwrap().unwrap();
    assert_eq!(pool["status"]["phase"], "Running");
}

#[tokio::test]
async fn changes_by_many_servers_at_once_are_all_kept() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state.json");
    let worlds = [on(&file).await, on(&file).await, on(&file).await];
    let one = async |world: &World, number: usize| {
        let mut created = 0;
        for name in 0..8 {
            // Every name is asked for by everybody, and one of them gets it.
            let own = world.create(&physical(&format!("own-{number}-{name}"), 1)).await;
            assert_eq!(own.status, 200, "{}", own.text);
            let shared = world.create(&physical(&format!("shared-{name}"), 1)).await;
            created += usize::from(shared.status == 200);
        }
        created
    };
    let (a, b, c) = tokio::join!(one(&worlds[0], 0), one(&worlds[1], 1), one(&worlds[2], 2));
    assert_eq!(a + b + c, 8);
    assert_eq!(worlds[0].cloud.pools().unwrap().len(), 32);
}

#[tokio::test]
async fn tokens_and_keys_of_one_process_open_the_other() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state.json");
    let (one, two) = (on(&file).await, on(&file).await);
    let identity = json!({ "methods": ["token"] });
    let body = json!({ "auth": { "identity": identity } });
    let keys = one.call("POST", "/v3.0/OS-CREDENTIAL/securitytokens", &body).await.expect(201);
    let text = |key: &str| keys["credential"][key].as_str().unwrap().to_owned();
    let draft = super::client::Draft::new("GET", &super::client::pools(), "")
        .with("X-Security-Token", &text("securitytoken"))
        .signed_by(&two.host(), &text("access"), &text("secret"), 0);
    assert_eq!(draft.send(two.running.addr()).await.unwrap().status, 200);
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_may_read_the_state() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state.json");
    let world = on(&file).await;
    world.create(&physical("pool-a", 1)).await.expect(200);
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{:?}", entry.path());
    }
}

#[tokio::test]
async fn a_file_that_is_no_state_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state.json");
    let config = Config { state_file: Some(file.clone()), ..Config::default() };
    for (text, is_version) in [("precious text", false), (r#"{ "version": 99 }"#, true)] {
        std::fs::write(&file, text).unwrap();
        match start(config.clone()).await.unwrap_err() {
            StartError::State(StoreError::Version { found, .. }) => {
                assert!(is_version && found == 99)
            }
            StartError::State(StoreError::Format { .. }) => assert!(!is_version),
            other => panic!("{other}"),
        }
        assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
    }
    let nowhere = Config { state_file: Some(folder.path().join("no/such.json")), ..config };
    let error = start(nowhere).await.unwrap_err();
    assert!(matches!(error, StartError::State(StoreError::File { .. })), "{error}");
}

#[tokio::test]
async fn a_file_that_breaks_later_is_an_error_of_the_service() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state.json");
    let world = on(&file).await;
    std::fs::write(&file, "broken").unwrap();
    let reply = world.get(&super::client::pools()).await;
    reply.refused(500, "ModelArts.50005000");
    world.create(&physical("pool-a", 1)).await.refused(500, "ModelArts.50005000");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "broken");
}

#[tokio::test]
async fn an_empty_file_is_a_new_world() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let world = on(file.path()).await;
    assert_eq!(world.cloud.networks().unwrap().len(), 1);
}

//! The same lives over the real protocol.

use std::sync::Arc;

use terraform_provider_modelarts::tf::testing::Driver;

use crate::everything::Everything;
use crate::random::one_life;

use super::host::Setup;
use super::remote::Remote;

#[tokio::test]
async fn lives_over_the_protocol_keep_terraforms_rules() {
    let process = Setup::peer().start().await;
    let provider = process.provider().await;
    for seed in 0..20 {
        let remote = Remote::new::<Everything>(&provider, "test_everything");
        if let Err(text) = one_life(seed, Driver::new(Arc::new(remote))).await {
            panic!("{text}");
        }
    }
}

//! The account that the simulator knows: well-known values that are no secrets anywhere else.

use secrecy::SecretString;

/// Names the access key that is accepted by default.
pub const ACCESS_KEY: &str = "SIMULATORACCESSKEY01";
/// Holds the secret of [`ACCESS_KEY`].
pub const SECRET_KEY: &str = "simulator-secret-key-not-real";
/// Names the one project of the simulated account.
pub const PROJECT_ID: &str = "0a1b2c3d4e5f60718293a4b5c6d7e8f9";
/// Names the region; the project's name is the same (API reference, project look-up).
pub const REGION: &str = "cn-north-4";
/// Names the IAM user.
pub const USER_NAME: &str = "simulator-user";
/// Identifies the IAM user.
pub const USER_ID: &str = "00000000000000000000000000000a01";
/// Holds the password of [`USER_NAME`].
pub const PASSWORD: &str = "simulator-password-not-real";
/// Names the account that owns the user and the project.
pub const DOMAIN_NAME: &str = "simulator-domain";
/// Identifies the account.
pub const DOMAIN_ID: &str = "00000000000000000000000000000d01";
/// Identifies the identity provider whose ID tokens are accepted.
pub const IDP_ID: &str = "simulator-idp";
/// Is the ID token of that identity provider that is accepted.
pub const ID_TOKEN: &str = "simulator.id.token-not-real";
/// Identifies the workspace that exists beside the default workspace `0`.
pub const WORKSPACE_ID: &str = "0123456789abcdef0123456789abcdef";
/// Holds the display name of the network that exists from the beginning.
pub const NETWORK_NAME: &str = "sim-net";

/// Returns the ID of the network that exists from the beginning: its name and the project.
pub fn network_id() -> String {
    format!("{NETWORK_NAME}-{PROJECT_ID}")
}

/// Says which keys and which user the simulator accepts.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// The access key, as sent in the `Authorization` header.
    pub access_key: String,
    /// The secret that signatures are made with.
    pub secret_key: SecretString,
    /// The IAM user of token requests.
    pub user_name: String,
    /// That user's password.
    pub password: SecretString,
    /// The account that the user belongs to.
    pub domain_name: String,
}

impl Default for Credentials {
    fn default() -> Self {
        Self {
            access_key: ACCESS_KEY.to_owned(),
            secret_key: SecretString::from(SECRET_KEY),
            user_name: USER_NAME.to_owned(),
            password: SecretString::from(PASSWORD),
            domain_name: DOMAIN_NAME.to_owned(),
        }
    }
}

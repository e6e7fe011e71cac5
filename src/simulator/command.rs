//! The simulator as a subcommand.

use std::{io::Write, net::SocketAddr, path::PathBuf};

use anyhow::Context;

use crate::platform::Signals;

use super::{
    Config, Running,
    access::{self, Credentials},
    scenario::Scenario,
    start,
};

/// Holds the settings of the subcommand.
#[derive(Clone, Debug)]
pub struct Options {
    /// The loopback address to listen on; port 0 takes any free one.
    pub listen: SocketAddr,
    /// The file that keeps the state; absent means that it ends with the process.
    pub state_file: Option<PathBuf>,
    /// Divides all durations: 1 is quick, 0.01 is closer to a real cloud.
    pub speed: f64,
    /// A scenario file.
    pub scenario: Option<PathBuf>,
}

/// Serves until Ctrl-C or SIGTERM, after writing down how to use it.
///
/// # Errors
/// A scenario that is not valid, an address that cannot be used, a state file that cannot be read.
pub async fn run_command(options: Options, out: &mut (impl Write + Send)) -> anyhow::Result<()> {
    let scenario = options.scenario.as_deref().map(Scenario::read).transpose()?;
    let config = Config {
        listen: options.listen,
        state_file: options.state_file,
        speed: options.speed,
        scenario,
        credentials: Credentials::default(),
    };
    // Asked for before anything is announced, so that no signal is missed.
    let mut signals = Signals::take().context("cannot wait for Ctrl-C")?;
    let running = start(config).await?;
    out.write_all(help(&running).as_bytes()).and_then(|()| out.flush()).context("cannot write")?;
    signals.next().await;
    running.stop().await;
    Ok(())
}

fn help(running: &Running) -> String {
    let url = running.url();
    format!(
        "A simulated ModelArts is listening on {url}

Environment:

  export HW_REGION_NAME={region}
  export HW_PROJECT_ID={project}
  export HW_ACCESS_KEY={key}
  export HW_SECRET_KEY={secret}

Provider configuration:

  provider \"modelarts\" {{
    endpoints = {{
      modelarts = \"{url}\"
      iam       = \"{url}\"
      bss       = \"{url}\"
      sts       = \"{url}\"
    }}
  }}

A network for pools is there already: {network}
Nothing here costs money or leaves this machine. Stop it with Ctrl-C.
",
        region = access::REGION,
        project = access::PROJECT_ID,
        key = access::ACCESS_KEY,
        secret = access::SECRET_KEY,
        network = access::network_id(),
    )
}

//! The simulator as a subcommand.

use std::{
    io::{Result, Write},
    path::PathBuf,
};

use terraform_provider_modelarts::simulator::{Options, run_command};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

/// Hands on what is written.
struct Output(UnboundedSender<String>);

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        let _ = self.0.send(String::from_utf8_lossy(bytes).into_owned());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<()> {
        Ok(())
    }
}

fn options(scenario: Option<PathBuf>) -> Options {
    let listen = "127.0.0.1:0".parse().unwrap();
    Options { listen, state_file: None, speed: 1.0, scenario }
}

#[cfg(unix)]
#[tokio::test]
async fn it_says_how_to_use_it_and_ends_on_a_signal() {
    let (sender, mut receiver) = unbounded_channel();
    let running =
        tokio::spawn(async move { run_command(options(None), &mut Output(sender)).await });
    let text = receiver.recv().await.unwrap();
    let (_, rest) = text.split_once("http://").unwrap();
    let address = rest.split_whitespace().next().unwrap().parse().unwrap();
    for word in
        ["HW_REGION_NAME=", "HW_PROJECT_ID=", "HW_ACCESS_KEY=", "HW_SECRET_KEY=", "endpoints"]
    {
        assert!(text.contains(word), "{word}: {text}");
    }
    let reply = super::client::Draft::new("GET", "/", "").send(address).await.unwrap();
    reply.refused(404, "APIGW.0101");
    let own = nix::unistd::Pid::this();
    nix::sys::signal::kill(own, nix::sys::signal::Signal::SIGTERM).unwrap();
    running.await.unwrap().unwrap();
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn a_scenario_that_is_not_there_is_an_error() {
    let options = options(Some("no/such/scenario.json".into()));
    let error = run_command(options, &mut std::io::sink()).await.unwrap_err();
    assert!(error.to_string().contains("no/such/scenario.json"), "{error}");
}

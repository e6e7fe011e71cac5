//! What becomes of work when somebody wants it to end. The service takes two
//! seconds for a bucket whose name begins with `slow`.

use std::sync::Arc;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use rmpv::Value;
use tokio::task::JoinHandle;

use super::rules;
use crate::session::{Checked, Kept, Miss, Session, Subject, ensure};
use crate::wire::{get, is_known};

type S = Arc<Subject>;

rules! {
    "38" "StopProvider is answered, and the process goes on serving" idle,
    "38" "a creation that runs is answered after StopProvider, with the object" answered,
    "38" "it is answered within a second of StopProvider" quickly,
    "38" "after that it serves new work" again,
    "11" "an interrupt during a creation is ignored" interrupt,
    "11" "a termination during a creation still delivers the answer" terminated,
    "10" "Shutdown during a creation ends the process within 500 ms" shut_down,
}

/// How long a call takes to be under way. A test of something that the client
/// cannot see begin has nothing better to wait for.
const UNDER_WAY: Duration = Duration::from_millis(300);

/// Begins to create a bucket that takes long.
async fn begun(subject: &S) -> Result<(Session, JoinHandle<Result<Kept, Miss>>), Miss> {
    let session = Session::start(subject).await?;
    let config = subject.bucket("slow")?;
    let plan = session.calls.plan(&Value::Nil, &config, &[]).await?;
    let calls = session.calls.clone();
    let call = tokio::spawn(async move { calls.apply(&Value::Nil, &config, &plan).await });
    tokio::time::sleep(UNDER_WAY).await;
    ensure(!call.is_finished(), || "the creation ended too soon to be stopped".to_owned())?;
    Ok((session, call))
}

async fn answer(call: JoinHandle<Result<Kept, Miss>>) -> Checked {
    let kept = call.await.map_err(|error| error.to_string())??;
    let whole = get(&kept.state, "id").is_str() && is_known(&kept.state);
    ensure(whole, || format!("the answer holds {}", kept.state))
}

async fn idle(subject: S) -> Checked {
    let session = Session::start(&subject).await?;
    session.calls.stop().await?;
    tokio::time::sleep(UNDER_WAY).await;
    session.calls.still_serves().await
}

async fn answered(subject: S) -> Checked {
    let (session, call) = begun(&subject).await?;
    session.calls.stop().await?;
    answer(call).await
}

async fn quickly(subject: S) -> Checked {
    let (session, call) = begun(&subject).await?;
    let began = Instant::now();
    session.calls.stop().await?;
    answer(call).await?;
    let took = began.elapsed();
    ensure(took < Duration::from_secs(1), || format!("after {} ms", took.as_millis()))
}

async fn again(subject: S) -> Checked {
    let (session, call) = begun(&subject).await?;
    session.calls.stop().await?;
    let _ = call.await;
    session.calls.still_serves().await?;
    session.calls.create(&subject.bucket("next")?).await?;
    Ok(())
}

async fn interrupt(subject: S) -> Checked {
    let (session, call) = begun(&subject).await?;
    session.process.signal(Signal::SIGINT);
    session.process.signal(Signal::SIGINT);
    answer(call).await
}

async fn terminated(subject: S) -> Checked {
    let (session, call) = begun(&subject).await?;
    session.process.signal(Signal::SIGTERM);
    answer(call).await
}

async fn shut_down(subject: S) -> Checked {
    let (session, _call) = begun(&subject).await?;
    let ended = session.process.shut_down(&session.channel).await?;
    ensure(ended.status.success(), || format!("it ends with {}", ended.status))?;
    ensure(ended.took < Duration::from_millis(500), || format!("after {:?}", ended.took))
}

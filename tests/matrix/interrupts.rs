//! Terraform or the provider ends at a bad moment, under the real Terraform.

use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value as Json, json};

use terraform_provider_modelarts::simulator::Recorded;

use crate::harness::{Cloud, Running, Workspace};
use crate::subject::{Subject, shape};

/// How long the provider may outlive Terraform.
const GONE_WITHIN: Duration = Duration::from_secs(10);

/// Longer than everything that takes its time in the simulated cloud.
const LATER: Duration = Duration::from_secs(24 * 3600);

/// What is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Doing {
    Create,
    Update,
    Delete,
}

impl Doing {
    /// The method and the path of the request.
    fn request(self, subject: Subject) -> (&'static str, &'static str) {
        match self {
            Self::Create => ("POST", subject.all()),
            Self::Update => ("PATCH", subject.one()),
            Self::Delete => ("DELETE", subject.one()),
        }
    }
}

/// When it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    /// The request has been carried out, its answer comes later.
    InFlight,
    /// The request has been carried out, its answer never comes.
    AnswerLost,
    /// During the wait.
    Waiting,
}

/// How it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Interrupt,
    TwoInterrupts,
    ProviderKilled,
    TerraformKilled,
}

/// The columns of the table.
pub(crate) const ENDS: [(End, &str); 4] = [
    (End::Interrupt, "Ctrl-C"),
    (End::TwoInterrupts, "Ctrl-C twice"),
    (End::ProviderKilled, "provider killed"),
    (End::TerraformKilled, "Terraform killed"),
];

/// The rows of the table.
pub(crate) const MOMENTS: [(Doing, Moment, &str); 7] = [
    (Doing::Create, Moment::InFlight, "create: POST in flight"),
    (Doing::Create, Moment::AnswerLost, "create: POST in flight, answer lost"),
    (Doing::Create, Moment::Waiting, "create: wait"),
    (Doing::Update, Moment::InFlight, "update: PATCH in flight"),
    (Doing::Update, Moment::Waiting, "update: wait"),
    (Doing::Delete, Moment::InFlight, "delete: DELETE in flight"),
    (Doing::Delete, Moment::Waiting, "delete: wait"),
];

/// What is left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Left {
    pub(crate) objects: usize,
    /// It is the one from before, or the one that the interrupted run made.
    pub(crate) same: bool,
    /// The state has it right after the end.
    pub(crate) known: bool,
    pub(crate) destructive: u64,
    pub(crate) next: Next,
}

/// What the next apply does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// It finishes.
    Finishes,
    /// It names the object in an import block, with which another one finishes.
    NamesImport,
    /// One of these, by chance.
    Either,
}

/// Whether chance decides what the state holds. Terraform writes its state file
/// in place after the first Ctrl-C, and exits at once on the second: the file
/// may then be empty, whatever the provider has answered.
pub(crate) fn is_chance(doing: Doing, moment: Moment, end: End) -> bool {
    let something_to_write = doing != Doing::Create || moment == Moment::Waiting;
    end == End::TwoInterrupts && something_to_write
}

/// Runs every story of a kind of object, so many at a time. A story that fails is a text.
pub(crate) fn all(subject: Subject, lanes: usize) -> Vec<Result<Left, String>> {
    let stories: Vec<_> =
        MOMENTS.iter().flat_map(|moment| ENDS.iter().map(move |end| (moment, end))).collect();
    let next = AtomicUsize::new(0);
    let results = Mutex::new(vec![Err("never told".to_owned()); stories.len()]);
    std::thread::scope(|scope| {
        for _ in 0..lanes {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::SeqCst);
                    let Some(((doing, moment, name), (end, way))) = stories.get(index) else {
                        return;
                    };
                    let told = std::panic::catch_unwind(|| tell(subject, *doing, *moment, *end));
                    let told = told.map_err(|panic| {
                        let text = panic.downcast_ref::<String>().cloned().unwrap_or_default();
                        format!("{name}, {way}: {text}")
                    });
                    results.lock().expect("no story panics here")[index] = told;
                }
            });
        }
    });
    results.into_inner().expect("no story panics here")
}

fn tell(subject: Subject, doing: Doing, moment: Moment, end: End) -> Left {
    let cloud = Cloud::start();
    let hand = cloud.hand();
    let objects = || subject.objects(&hand);
    let work = Workspace::new("ended", &cloud);
    work.write("main.tf", &subject.story(false));
    if doing != Doing::Create {
        work.apply();
    }
    if doing == Doing::Update {
        work.write("main.tf", &subject.story(true));
    }
    let before = objects().first().map(identity);
    cloud.play(&slow(subject, doing, moment));
    let earlier = hand.requests().len();
    let run = match doing {
        Doing::Delete => work.start(&["destroy", "-auto-approve"]),
        _ => work.start(&["apply", "-auto-approve"]),
    };
    reach(&cloud, earlier, (subject, doing, moment));
    let made = objects().first().map(identity);
    let output = bring_about(run, end);

    let state = work.state();
    let known = state.addresses() == [subject.address()];
    assert!(!known || !state.is_tainted(&subject.address()), "tainted:\n{output}");
    cloud.play(&json!({}));
    cloud.advance(LATER);
    let id = made.as_ref().map(|(id, _)| id.as_str());
    let next = go_on(&work, subject, doing, known, id);
    let after: Vec<_> = objects().iter().map(identity).collect();
    let same = after.iter().all(|object| Some(object) == before.as_ref().or(made.as_ref()));
    let posts = hand.requests().into_iter().filter(|r| r.method == "POST");
    assert_eq!(posts.filter(|r| shape(&r.path) == subject.all()).count(), 1, "{output}");
    let (known, next) =
        if is_chance(doing, moment, end) { (false, Next::Either) } else { (known, next) };
    Left { objects: after.len(), same, known, destructive: cloud.destructive_calls(), next }
}

/// A cloud that works on for an hour, with the answer to the request as told.
fn slow(subject: Subject, doing: Doing, moment: Moment) -> Json {
    let (method, path) = doing.request(subject);
    let close = moment == Moment::AnswerLost;
    let fault = json!({
        "match": { "method": method, "path": path, "nth": 1 },
        "do": { "hang": { "for": "2s", "when": "after", "close": close } },
    });
    let faults = if moment == Moment::Waiting { json!([]) } else { json!([fault]) };
    let mut durations = json!({ "pickup": "0s" });
    for name in ["create", "scale_out", "delete", "network", "connection", "network_delete"] {
        durations[name] = json!("1h");
    }
    json!({ "durations": durations, "faults": faults })
}

/// Waits for the moment, whatever was asked earlier.
fn reach(cloud: &Cloud, earlier: usize, (subject, doing, moment): (Subject, Doing, Moment)) {
    let (method, path) = doing.request(subject);
    let is = |request: &Recorded, method: &str, path: &str| {
        request.method == method && shape(&request.path) == path
    };
    if moment == Moment::Waiting {
        return cloud.wait_until(&format!("a poll after {method} {path}"), |requests| {
            let after =
                requests.iter().skip(earlier).skip_while(|request| !is(request, method, path));
            let mut looks = after.skip(1).filter(|request| is(request, "GET", subject.one()));
            looks.any(|look| look.status.is_some())
        });
    }
    cloud.wait_until(&format!("{method} {path}"), |requests| {
        requests.iter().skip(earlier).any(|request| is(request, method, path))
    });
    let hand = cloud.hand();
    eventually("it is carried out", || match (doing, subject.objects(&hand).as_slice()) {
        (Doing::Create, objects) => objects.len() == 1,
        (Doing::Update, [object]) => subject.is_updated(object),
        (Doing::Update, _) => false,
        (Doing::Delete, _) => cloud.destructive_calls() == 1,
    });
}

/// Ends the run. Returns what it printed.
fn bring_about(mut run: Running, end: End) -> String {
    let provider = provider_of(run.id());
    match end {
        End::Interrupt => run.interrupt(),
        End::TwoInterrupts => {
            run.interrupt();
            run.wait_until_it_says("Interrupt received");
            run.interrupt();
        }
        End::ProviderKilled => kill(Pid::from_raw(provider), Signal::SIGKILL).unwrap(),
        End::TerraformKilled => run.kill(),
    }
    let began = Instant::now();
    let output = if end == End::TerraformKilled { String::new() } else { run.finish().to_string() };
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}: {output}", began.elapsed());
    eventually("the provider is gone", || !is_running(provider));
    output
}

/// The next apply or destroy, and what it takes to have it finish.
fn go_on(work: &Workspace, subject: Subject, doing: Doing, known: bool, id: Option<&str>) -> Next {
    let address = subject.address();
    if doing == Doing::Delete {
        work.destroy();
        assert!(work.state().addresses().is_empty());
        return Next::Finishes;
    }
    let mut next = Next::Finishes;
    if !known {
        let id = id.expect("there is an object");
        work.apply_fails().says("import {").says(&format!("id = \"{id}\""));
        work.write("import.tf", &format!("import {{\n  to = {address}\n  id = \"{id}\"\n}}\n"));
        next = Next::NamesImport;
    }
    work.apply();
    assert_eq!(work.state().addresses(), [address]);
    work.plan_is_empty();
    next
}

fn identity(object: &Json) -> (String, String) {
    let text = |pointer: &str| {
        object.pointer(pointer).and_then(Json::as_str).unwrap_or_default().to_owned()
    };
    (text("/metadata/name"), text("/metadata/creationTimestamp"))
}

/// The provider that a Terraform has started.
fn provider_of(terraform: i32) -> i32 {
    let children: Vec<_> =
        processes().into_iter().filter(|process| process.parent == terraform).collect();
    let [provider] = children.as_slice() else { panic!("not one child: {children:?}") };
    provider.id
}

fn is_running(id: i32) -> bool {
    processes().iter().any(|process| process.id == id && !process.is_dead)
}

#[derive(Debug)]
struct Process {
    id: i32,
    parent: i32,
    /// It has ended, and nobody has asked how.
    is_dead: bool,
}

fn processes() -> Vec<Process> {
    let listed = Command::new("ps").args(["-A", "-o", "pid=,ppid=,stat="]).output().unwrap();
    let text = String::from_utf8(listed.stdout).unwrap();
    let process = |line: &str| {
        let mut fields = line.split_whitespace();
        Some(Process {
            id: fields.next()?.parse().ok()?,
            parent: fields.next()?.parse().ok()?,
            is_dead: fields.next()?.starts_with('Z'),
        })
    };
    text.lines().filter_map(process).collect()
}

/// Asks until something is so.
#[track_caller]
fn eventually(what: &str, is_so: impl Fn() -> bool) {
    let deadline = Instant::now() + GONE_WITHIN;
    while !is_so() {
        assert!(Instant::now() < deadline, "{what}: not within {GONE_WITHIN:?}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

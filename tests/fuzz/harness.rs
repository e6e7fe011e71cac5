//! Runs a target until its time is up, and cuts a failing input down.
//!
//! Chance and the cutting down are proptest's; an input is a seed with some
//! changes, so what is left in the end are the changes that matter.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::panic;
use std::path::Path;
use std::sync::{Arc, Mutex, Once};
use std::time::{Duration, Instant};

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};

use super::mutate::{Change, Corpus};

/// Time for each target when nothing else is said.
const DEFAULT: Duration = Duration::from_secs(3);
/// Longest time for one input, with room for a busy machine.
const PATIENCE: Duration = Duration::from_secs(5);
/// Time after which an input is taken to have no end.
const ENDLESS: Duration = Duration::from_secs(60);
/// Memory that any input may take, in bytes.
const MEMORY: u64 = 4 << 20;
/// Further memory for each byte of an input.
const MEMORY_PER_BYTE: u64 = 2000;

thread_local! {
    static WATCHED: Cell<bool> = const { Cell::new(false) };
    static PANICS: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// An input, shown so that it can be pasted into a test.
#[derive(Clone)]
struct Input(Vec<u8>);

impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "b\"{}\"", self.0.escape_ascii())
    }
}

/// Feeds `check` with tampered seeds. A panic is a finding, also one that
/// somebody has caught on this thread.
pub fn fuzz(name: &str, seeds: Vec<Vec<u8>>, check: impl Fn(&[u8])) {
    watch();
    for seed in &seeds {
        if let Err(reason) = tried(&check, seed) {
            panic!("{name}: an unchanged seed fails: {reason}\n{:?}", Input(seed.clone()));
        }
    }
    let number = seed_number();
    let length = seconds();
    eprintln!("{name}: FUZZ_SEED={number}, {length:?}");
    let mut key = [0; 32];
    key.iter_mut().zip(number.to_le_bytes()).for_each(|(slot, byte)| *slot = byte);
    let config = Config { failure_persistence: None, max_shrink_iters: 2000, ..Config::default() };
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &key);
    let mut runner = TestRunner::new_with_rng(config, rng);
    let corpus = Corpus::new(seeds);
    let inputs = (any::<prop::sample::Index>(), vec(any::<Change>(), 1..6))
        .prop_map(|(seed, changes)| Input(corpus.tampered(seed, &changes)));
    let trying = Trying::default();
    end_the_endless(name, number, &trying);
    let began = Instant::now();
    let mut count = 0u64;
    while began.elapsed() < length {
        let tree = inputs.new_tree(&mut runner).unwrap();
        let outcome = runner.run_one(tree, |input| {
            *trying.lock().unwrap() = Some((Instant::now(), input.clone()));
            let outcome = tried(&check, &input.0);
            *trying.lock().unwrap() = None;
            outcome.map_err(TestCaseError::fail)
        });
        if let Err(TestError::Fail(reason, input)) = outcome {
            panic!("{name}: after {count} inputs of FUZZ_SEED={number}: {reason}\n{input:?}");
        }
        count += 1;
    }
    eprintln!("{name}: {count} inputs in {:.0?}", began.elapsed());
}

/// The input that is being tried, and since when.
type Trying = Arc<Mutex<Option<(Instant, Input)>>>;

/// Ends the process when an input has no end: nothing else could show it.
fn end_the_endless(name: &str, number: u64, trying: &Trying) {
    let (name, trying) = (name.to_owned(), Arc::downgrade(trying));
    std::thread::spawn(move || {
        while let Some(trying) = trying.upgrade() {
            if let Some((since, input)) = trying.lock().unwrap().as_ref()
                && since.elapsed() > ENDLESS
            {
                eprintln!("{name}: an input of FUZZ_SEED={number} has no end\n{input:?}");
                std::process::abort();
            }
            drop(trying);
            std::thread::sleep(Duration::from_secs(1));
        }
    });
}

fn tried(check: impl Fn(&[u8]), input: &[u8]) -> Result<(), String> {
    PANICS.take();
    WATCHED.set(true);
    let began = Instant::now();
    let mut caught = Ok(());
    let memory = allocation_counter::measure(|| {
        caught = panic::catch_unwind(panic::AssertUnwindSafe(|| check(input)));
    });
    WATCHED.set(false);
    let panics = PANICS.take();
    let time = began.elapsed();
    let limit = MEMORY + MEMORY_PER_BYTE * input.len() as u64;
    if caught.is_err() || !panics.is_empty() {
        return Err(panics.join("; then "));
    }
    if time > PATIENCE {
        return Err(format!("{} bytes took {time:?}", input.len()));
    }
    if memory.bytes_max > limit {
        return Err(format!("{} bytes took {} bytes of memory", input.len(), memory.bytes_max));
    }
    Ok(())
}

/// Keeps the words of panics on threads that are being watched.
fn watch() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if WATCHED.get() {
                PANICS.with_borrow_mut(|panics| panics.push(info.to_string()));
            } else {
                usual(info);
            }
        }));
    });
}

fn seconds() -> Duration {
    std::env::var("FUZZ_SECONDS").map_or(DEFAULT, |text| Duration::from_secs(text.parse().unwrap()))
}

/// Another one in each run, so that runs add up; printed to be repeated.
fn seed_number() -> u64 {
    let clock = || {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        u64::from(now.subsec_nanos()) ^ now.as_secs()
    };
    std::env::var("FUZZ_SEED").map_or_else(|_| clock(), |text| text.parse().unwrap())
}

/// The files of a folder of test data whose names contain `part`.
pub fn data(folder: &str, part: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(folder);
    let mut files: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    // The seeds of a run are numbered: they must not depend on the file system.
    files.sort();
    let named = |path: &std::path::PathBuf| path.to_string_lossy().contains(part);
    files.iter().filter(|path| named(path)).map(|path| std::fs::read(path).unwrap()).collect()
}

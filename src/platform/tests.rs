//! Both counterparts offer the same items in the same shape, and what they
//! have in common holds for both.

use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::path::Path;

use tokio::process::{Child, Command};

use super::SocketError;

macro_rules! counterpart {
    ($module:ident) => {
        mod $module {
            use super::*;
            use crate::platform::$module as platform;
            use crate::platform::$module::{Parent, Socket};

            #[test]
            fn its_items_have_the_shape_that_callers_rely_on() {
                let _: fn(&Path, Option<&str>) -> Result<Socket, SocketError> = Socket::bind;
                let _: fn(&Socket) -> &Path = Socket::path;
                let _ = async |socket: Socket| {
                    let _: Box<dyn tokio::io::AsyncRead> = Box::new(socket.accept().await?);
                    io::Result::Ok(())
                };
                let _: fn() -> io::Result<()> = platform::redirect_stdout;
                let _: fn(&mut Command) = platform::on_its_own;
                let _: [fn(&mut Child); 2] = [platform::interrupt, platform::kill_with_children];
                let _: fn(&Metadata) -> u64 = platform::file_number;
                let _: (&str, &str) = platform::TERRAFORM_DIRECTORY;
            }

            #[test]
            fn a_living_parent_is_not_gone() {
                let parent = Parent::now();
                assert!(!parent.is_gone());
                // Where nothing is known of the parent, that is said.
                assert_eq!(parent.is_watched(), cfg!(unix) && stringify!($module) == "unix");
            }

            #[test]
            fn a_program_is_a_file_that_was_made_one() {
                let directory = tempfile::tempdir().unwrap();
                let file = directory.path().join("program");
                let mut options = OpenOptions::new();
                platform::only_for_owner(options.create_new(true).write(true));
                let metadata = options.open(&file).unwrap().metadata().unwrap();
                platform::make_program(&file).unwrap();
                assert!(platform::is_program(&file));
                assert!(!platform::is_program(directory.path()));
                assert!(!platform::is_program(&directory.path().join("missing")));
                let again = File::open(&file).unwrap().metadata().unwrap();
                assert_eq!(platform::file_number(&metadata), platform::file_number(&again));
            }

            #[cfg(unix)] // for the program that is started
            #[tokio::test]
            async fn a_killed_process_is_gone() {
                let mut command = Command::new("sleep");
                command.arg("600").kill_on_drop(true);
                platform::on_its_own(&mut command);
                let mut child = command.spawn().unwrap();
                platform::kill_with_children(&mut child);
                assert!(!child.wait().await.unwrap().success());
            }
        }
    };
}

#[cfg(unix)]
counterpart!(unix);
counterpart!(windows);

#[test]
fn values_are_quoted_for_the_shell_of_the_system() {
    let windows = super::windows::assignment("A", r#"{"it's": 1}"#);
    assert_eq!(windows, r#"$env:A = '{"it''s": 1}'"#);
    #[cfg(unix)]
    assert_eq!(super::unix::assignment("A", r#"{"it's": 1}"#), r#"A='{"it'\''s": 1}'"#);
}

#[test]
fn windows_has_no_sockets_and_says_so() {
    let socket = super::windows::Socket::bind(Path::new("/"), None);
    assert!(matches!(socket, Err(SocketError::Unsupported)));
}

#[cfg(unix)]
mod unix_alone {
    use std::os::unix::fs::PermissionsExt;

    use crate::platform::{
        Event, Parent, Signals, Socket, interrupt, is_program, make_program, only_for_owner,
    };

    use super::*;

    fn mode(path: &Path) -> u32 {
        std::fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[tokio::test]
    async fn a_socket_is_the_owners_alone_and_goes_with_its_listener() {
        let directory = tempfile::tempdir().unwrap();
        let socket = Socket::bind(directory.path(), None).unwrap();
        let path = socket.path().to_owned();
        assert_eq!(path.parent(), Some(directory.path()));
        assert_eq!(mode(&path), 0o700);
        drop(socket);
        assert!(!path.exists());
    }

    #[tokio::test]
    async fn a_group_may_connect_when_it_exists() {
        let directory = tempfile::tempdir().unwrap();
        let own = nix::unistd::getgid().to_string();
        let socket = Socket::bind(directory.path(), Some(&own)).unwrap();
        assert_eq!(mode(socket.path()), 0o660);
        let unknown = Socket::bind(directory.path(), Some("no such group"));
        assert!(matches!(unknown, Err(SocketError::Group(_))));
    }

    #[tokio::test]
    async fn a_path_that_is_too_long_is_told_from_one_that_is_not_there() {
        let directory = tempfile::tempdir().unwrap();
        let long = directory.path().join("x".repeat(100));
        std::fs::create_dir(&long).unwrap();
        assert!(matches!(Socket::bind(&long, None), Err(SocketError::TooLong)));
        let missing = directory.path().join("missing");
        assert!(matches!(Socket::bind(&missing, None), Err(SocketError::System(_))));
    }

    #[test]
    fn a_parent_that_ended_is_gone() {
        assert!(Parent::gone().is_gone());
    }

    #[test]
    fn a_program_is_for_everybody_and_other_files_are_none() {
        let file = tempfile::NamedTempFile::new().unwrap();
        assert!(!is_program(file.path()));
        make_program(file.path()).unwrap();
        assert_eq!(mode(file.path()), 0o755);
    }

    #[test]
    fn a_private_file_is_read_by_its_owner_alone() {
        let file = tempfile::tempdir().unwrap();
        let file = file.path().join("private");
        let mut options = OpenOptions::new();
        only_for_owner(options.create_new(true).write(true));
        options.open(&file).unwrap();
        assert_eq!(mode(&file), 0o600);
    }

    #[tokio::test]
    async fn a_signal_is_an_event_also_when_it_comes_before_anybody_waits() {
        use nix::sys::signal::{Signal, raise};
        let mut signals = Signals::take_with_hangup().unwrap();
        raise(Signal::SIGHUP).unwrap();
        assert_eq!(signals.next().await, Event::Hangup);
    }

    #[tokio::test]
    async fn an_interrupt_reaches_the_process() {
        use std::os::unix::process::ExitStatusExt;
        let mut child = Command::new("sleep").arg("600").kill_on_drop(true).spawn().unwrap();
        interrupt(&mut child);
        assert_eq!(child.wait().await.unwrap().signal(), Some(2));
    }
}

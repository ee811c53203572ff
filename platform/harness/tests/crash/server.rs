//! A PostgreSQL of one's own, to be killed.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

pub(super) struct Postgres {
    folder: tempfile::TempDir,
    programs: PathBuf,
    port: u16,
    account: Option<(u32, u32)>,
    server: Child,
}

impl Postgres {
    /// None where its programs are not installed as Debian installs them.
    pub(super) fn start() -> Option<Self> {
        let mut versions: Vec<_> = std::fs::read_dir("/usr/lib/postgresql").ok()?.flatten().collect();
        versions.sort_by_key(std::fs::DirEntry::file_name);
        let programs = versions.pop()?.path().join("bin");
        let folder = tempfile::tempdir().unwrap();
        let account = account();
        if let Some((user, group)) = account {
            std::os::unix::fs::chown(folder.path(), Some(user), Some(group)).unwrap();
        }
        let port = free_port();
        let mut initdb = Command::new(programs.join("initdb"));
        initdb.args(["--username=quorate", "--auth=trust", "--encoding=UTF8", "--no-sync", "-D"]);
        initdb.arg(folder.path().join("data"));
        let made = as_account(&mut initdb, account, folder.path()).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let server = run(&programs, folder.path(), port, account);
        while !answers(port) {
            std::thread::sleep(Duration::from_millis(5));
        }
        Some(Self { folder, programs, port, account, server })
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    pub(super) fn url(&self) -> String {
        format!("postgres://quorate@127.0.0.1:{}/postgres", self.port)
    }

    /// Kills it as the machine's end would, and starts it again.
    pub(super) fn crash(&mut self) {
        self.server.kill().unwrap();
        self.server.wait().unwrap();
        self.server = run(&self.programs, self.folder.path(), self.port, self.account);
        while !answers(self.port) {
            // Its children notice the end of the old one a moment later; until then the new one does not start.
            if self.server.try_wait().unwrap().is_some() {
                self.server = run(&self.programs, self.folder.path(), self.port, self.account);
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

/// Whether it takes connections: it answers a request for encryption (protocol 3.0, `SSLRequest`).
fn answers(port: u16) -> bool {
    const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];
    let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)) else { return false };
    let mut answer = [0];
    stream.set_read_timeout(Some(Duration::from_secs(1))).is_ok()
        && stream.write_all(&SSL_REQUEST).is_ok()
        && stream.read_exact(&mut answer).is_ok()
        && answer == *b"N"
}

/// A free port below those that the system gives to clients: while the server is down, a client that tries again and
/// again would sooner or later be given the server's port and be connected to itself.
fn free_port() -> u16 {
    let first = 20_000 + (std::process::id() % 10_000) as u16;
    (first..32_000).find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok()).unwrap()
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

fn run(programs: &Path, folder: &Path, port: u16, account: Option<(u32, u32)>) -> Child {
    // A killed process loses nothing that it gave to the system: waiting for the disk would only take time.
    let mut server = Command::new(programs.join("postgres"));
    server.arg("-D").arg(folder.join("data")).args(["-p", &port.to_string(), "-h", "127.0.0.1"]);
    server.args(["-c", "unix_socket_directories=", "-c", "fsync=off", "-c", "max_connections=200"]);
    as_account(&mut server, account, folder).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

fn as_account<'a>(command: &'a mut Command, account: Option<(u32, u32)>, folder: &Path) -> &'a mut Command {
    command.current_dir(folder);
    if let Some((user, group)) = account {
        command.uid(user).gid(group);
    }
    command
}

/// PostgreSQL refuses to run as root; then it runs as the account that its package made.
fn account() -> Option<(u32, u32)> {
    if !rustix::process::geteuid().is_root() {
        return None;
    }
    let users = std::fs::read_to_string("/etc/passwd").unwrap();
    let line =
        users.lines().find(|line| line.starts_with("postgres:")).expect("the package made the account");
    let mut fields = line.split(':').skip(2);
    let mut id = || fields.next().unwrap().parse().unwrap();
    Some((id(), id()))
}

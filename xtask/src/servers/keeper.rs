//! A small shell process that outlives us and clears up: it waits for our end of a pipe to close, which happens
//! however this process ends (return, panic, Ctrl-C, SIGKILL), then stops the servers and removes their folder.

use std::fs::{self, File};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};

use anyhow::{Context, Result};

/// INT asks PostgreSQL for a fast shutdown; RabbitMQ and epmd end on TERM. What is still there after ten seconds
/// is killed. Each server leads its own process group, so nothing below it survives.
const SCRIPT: &str = r#"
trap '' INT TERM HUP
cat > /dev/null
for file in "$0"/*.pid; do
    [ -e "$file" ] || continue
    pid=$(cat "$file")
    case $file in
        */postgres.pid) kill -s INT "$pid" ;;
        *) kill -s TERM -- "-$pid" ;;
    esac
done
tries=0
while [ $tries -lt 100 ]; do
    alive=
    for file in "$0"/*.pid; do
        [ -e "$file" ] && kill -0 "$(cat "$file")" && alive=yes
    done
    [ -z "$alive" ] && break
    tries=$((tries + 1))
    sleep 0.1
done
for file in "$0"/*.pid; do
    [ -e "$file" ] && kill -s KILL -- "-$(cat "$file")"
done
rm -rf -- "$0"
"#;

/// The guardian of a folder and of the servers started in it.
pub(super) struct Keeper {
    folder: PathBuf,
    shell: Child,
    servers: Vec<(&'static str, Child)>,
}

impl Keeper {
    /// Makes the folder and starts the guardian.
    pub(super) fn start() -> Result<Self> {
        let folder = std::env::temp_dir().join(format!("quorate-servers-{}", std::process::id()));
        fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let shell = Command::new("sh")
            .args(["-c", SCRIPT])
            .arg(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .context("cannot start sh")?;
        Ok(Self { folder, shell, servers: Vec::new() })
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// A new folder inside, owned by the user a server runs as.
    pub(super) fn folder_for(&self, name: &str, owner: Option<Account>) -> Result<PathBuf> {
        let folder = self.folder.join(name);
        fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        if let Some(Account { user, group }) = owner {
            std::os::unix::fs::chown(&folder, Some(user), Some(group))
                .with_context(|| format!("cannot give {} away", folder.display()))?;
        }
        Ok(folder)
    }

    /// Starts a server under this guardian; its output goes to `<name>.log`.
    pub(super) fn spawn(&mut self, name: &'static str, command: &mut Command) -> Result<()> {
        let path = self.log(name);
        let log = File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
        let errors = log.try_clone().with_context(|| format!("cannot write {}", path.display()))?;
        let child = command
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(errors)
            .process_group(0)
            .spawn()
            .with_context(|| format!("cannot start {name}"))?;
        let pid = self.folder.join(format!("{name}.pid"));
        fs::write(&pid, child.id().to_string()).with_context(|| format!("cannot write {}", pid.display()))?;
        self.servers.push((name, child));
        Ok(())
    }

    /// The exit status of a server that is no longer running.
    pub(super) fn ended(&mut self, name: &str) -> Result<Option<ExitStatus>> {
        match self.servers.iter_mut().find(|(known, _)| *known == name) {
            Some((_, child)) => {
                child.try_wait().with_context(|| format!("cannot ask for the state of {name}"))
            }
            None => Ok(None),
        }
    }

    /// The last lines a server printed.
    pub(super) fn log_tail(&self, name: &str) -> String {
        let text = fs::read_to_string(self.log(name)).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(30)..].join("\n")
    }

    fn log(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.log"))
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        // Reaped here, so that the guardian does not take a zombie for a server that still runs. Errors mean the
        // process is gone already, which is what is wanted.
        for (_, server) in &mut self.servers {
            drop(server.wait());
        }
        drop(self.shell.wait());
    }
}

/// A user and its group by number.
#[derive(Clone, Copy)]
pub(super) struct Account {
    pub(super) user: u32,
    pub(super) group: u32,
}

impl Account {
    /// Who a server should run as: the named system user when we are root, else ourselves (`None`).
    pub(super) fn for_server(name: &str) -> Result<Option<Self>> {
        if !super::apt::is_root() {
            return Ok(None);
        }
        let users = fs::read_to_string("/etc/passwd").context("cannot read /etc/passwd")?;
        let account = parse_account(&users, name).with_context(|| format!("there is no user {name}"))?;
        Ok(Some(account))
    }

    /// Makes a command run as this account.
    pub(super) fn apply(account: Option<Self>, command: &mut Command) {
        if let Some(Self { user, group }) = account {
            command.uid(user).gid(group);
        }
    }
}

fn parse_account(users: &str, name: &str) -> Option<Account> {
    users.lines().find_map(|line| {
        let mut fields = line.split(':');
        if fields.next()? != name {
            return None;
        }
        let user = fields.nth(1)?.parse().ok()?;
        let group = fields.next()?.parse().ok()?;
        Some(Account { user, group })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_numbers_of_an_account() {
        let users = "root:x:0:0:root:/root:/bin/sh\npostgres:x:101:104::/var/lib/postgresql:/bin/bash\n";
        let account = parse_account(users, "postgres").unwrap();
        assert_eq!((account.user, account.group), (101, 104));
        assert!(parse_account(users, "nobody").is_none());
    }

    #[test]
    fn a_server_ends_with_its_keeper_and_leaves_nothing() {
        let mut keeper = Keeper::start().unwrap();
        let folder = keeper.folder().to_path_buf();
        keeper.spawn("sleeper", Command::new("sh").args(["-c", "echo up; exec sleep 600"])).unwrap();
        let pid = fs::read_to_string(folder.join("sleeper.pid")).unwrap();
        assert!(keeper.ended("sleeper").unwrap().is_none());
        drop(keeper);
        assert!(!Path::new("/proc").join(pid).exists());
        assert!(!folder.exists());
    }
}

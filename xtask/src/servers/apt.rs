//! What a fresh Debian machine lacks: found where it is installed, else installed with apt-get.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::process::{find_program, run};

/// A Debian package and how to see that it is installed.
pub(super) struct Package {
    name: &'static str,
    /// The system service it would start; empty when there is none.
    service: &'static str,
    find: fn() -> Option<PathBuf>,
}

pub(super) const POSTGRESQL: Package =
    Package { name: "postgresql", service: "postgresql", find: find_postgresql };
pub(super) const RABBITMQ: Package =
    Package { name: "rabbitmq-server", service: "rabbitmq-server", find: find_rabbitmq };
pub(super) const WRK: Package = Package { name: "wrk", service: "", find: || find_program("wrk") };
pub(super) const CHROMIUM: Package = Package { name: "chromium", service: "", find: find_chromium };

/// Forbids, while it exists, that a package starts its service at installation (Debian policy, invoke-rc.d).
const POLICY: &str = "/usr/sbin/policy-rc.d";

/// Where the package's programs are; installs it when it is missing and we are root.
pub(super) fn require(package: &Package) -> Result<PathBuf> {
    if let Some(found) = (package.find)() {
        return Ok(found);
    }
    let name = package.name;
    if !is_root() {
        bail!("{name} is missing; install it with `sudo apt-get install {name}` or run this as root");
    }
    eprintln!("installing {name} with apt-get");
    install(package)?;
    (package.find)()
        .with_context(|| format!("{name} is installed but its programs are not where Debian puts them"))
}

pub(super) fn is_root() -> bool {
    // A process' folder in /proc belongs to its effective user.
    fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

fn install(package: &Package) -> Result<()> {
    let policy = StartForbidden::new()?;
    let quiet = |arguments: &[&str]| {
        run(Command::new("apt-get").args(arguments).env("DEBIAN_FRONTEND", "noninteractive"))
    };
    // Lists may be absent on a fresh machine; when they are fresh enough this is quick.
    quiet(&["update", "-qq"])?;
    quiet(&["install", "-y", "-qq", "--no-install-recommends", package.name])?;
    drop(policy);
    if !package.service.is_empty() && Path::new("/run/systemd/system").exists() {
        run(Command::new("systemctl").args(["disable", "--quiet", "--now", package.service]))?;
    }
    Ok(())
}

/// Our own `policy-rc.d`, unless the machine has one; removed on drop.
struct StartForbidden {
    is_ours: bool,
}

impl StartForbidden {
    fn new() -> Result<Self> {
        if Path::new(POLICY).exists() {
            return Ok(Self { is_ours: false });
        }
        fs::write(POLICY, "#!/bin/sh\nexit 101\n").with_context(|| format!("cannot write {POLICY}"))?;
        let forbidden = Self { is_ours: true };
        fs::set_permissions(POLICY, fs::Permissions::from_mode(0o755))
            .with_context(|| format!("cannot make {POLICY} executable"))?;
        Ok(forbidden)
    }
}

impl Drop for StartForbidden {
    fn drop(&mut self) {
        if self.is_ours
            && let Err(error) = fs::remove_file(POLICY)
        {
            eprintln!("cannot remove {POLICY}: {error}");
        }
    }
}

/// The folder of the newest PostgreSQL's programs: Debian keeps them out of the search path.
fn find_postgresql() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?;
    let newest = versions
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok())
        .map(|version| (version, PathBuf::from(format!("/usr/lib/postgresql/{version}/bin"))))
        .filter(|(_, folder)| folder.join("initdb").exists())
        .max()
        .map(|(_, folder)| folder);
    newest.or_else(|| Some(find_program("initdb")?.parent()?.to_path_buf()))
}

/// RabbitMQ's own start script: Debian's wrapper in the search path would change the user and the settings.
fn find_rabbitmq() -> Option<PathBuf> {
    let script = PathBuf::from("/usr/lib/rabbitmq/bin/rabbitmq-server");
    script.exists().then_some(script)
}

fn find_chromium() -> Option<PathBuf> {
    ["chromium", "chromium-browser", "google-chrome"].into_iter().find_map(find_program)
}

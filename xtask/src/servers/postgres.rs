//! A PostgreSQL of our own: a new cluster, TCP on loopback only, everyone trusted.

use std::fs;
use std::net::{Ipv4Addr, TcpStream};
use std::process::Command;
use std::time::Duration;

use anyhow::Result;

use super::keeper::{Account, Keeper};
use super::{Address, Durability, apt, free_port};
use crate::process::output;

/// Many test processes, each with its pool.
const CONNECTIONS: &str = "max_connections=400";

pub(super) fn spawn(keeper: &mut Keeper, durability: Durability) -> Result<Address> {
    let programs = apt::require(&apt::POSTGRESQL)?;
    let account = Account::for_server("postgres")?;
    let folder = keeper.folder_for("postgres", account)?;
    fs::set_permissions(&folder, std::os::unix::fs::PermissionsExt::from_mode(0o700))?;

    let mut initdb = Command::new(programs.join("initdb"));
    initdb.arg("-D").arg(&folder).current_dir(&folder);
    initdb.args(["--username=quorate", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]);
    Account::apply(account, &mut initdb);
    output(&mut initdb)?;

    let port = free_port()?;
    let mut server = Command::new(programs.join("postgres"));
    server.arg("-D").arg(&folder).args(["-p", &port.to_string(), "-h", "127.0.0.1"]).current_dir(&folder);
    server.args(["-c", "unix_socket_directories=", "-c", CONNECTIONS, "-c", "shared_buffers=128MB"]);
    if durability == Durability::Fast {
        server.args(["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"]);
    }
    Account::apply(account, &mut server);
    keeper.spawn("postgres", &mut server)?;
    Ok(Address { port, url: format!("postgres://quorate@127.0.0.1:{port}/postgres") })
}

/// It answers a request for encryption (protocol 3.0, `SSLRequest`) as soon as it takes connections at all; while
/// the cluster is still recovering it would refuse a session, which a new cluster never does for long.
pub(super) fn is_ready(port: u16) -> bool {
    use std::io::{Read as _, Write as _};
    const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];
    let Ok(mut stream) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)) else { return false };
    let mut answer = [0];
    stream.set_read_timeout(Some(Duration::from_secs(1))).is_ok()
        && stream.write_all(&SSL_REQUEST).is_ok()
        && stream.read_exact(&mut answer).is_ok()
        && answer == *b"N"
}

//! A RabbitMQ of our own: its own node name, ports, port mapper, cookie and folder, so that it lives beside any other.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};

use super::keeper::{Account, Keeper};
use super::{Address, apt, free_port};

/// The default free-disk and memory alarms are for production machines; an alarm would silently block publishers.
const SETTINGS: &str =
    "disk_free_limit.absolute = 50MB\nvm_memory_high_watermark.relative = 0.8\nlog.console = true\n";

pub(super) fn spawn(keeper: &mut Keeper) -> Result<Address> {
    let script = apt::require(&apt::RABBITMQ)?;
    let account = Account::for_server("rabbitmq")?;
    let folder = keeper.folder_for("rabbitmq", account)?;
    let settings = folder.join("rabbitmq.conf");
    fs::write(&settings, SETTINGS).with_context(|| format!("cannot write {}", settings.display()))?;

    // Erlang's port mapper would otherwise be started as a daemon that nobody stops.
    let mapper_port = free_port()?.to_string();
    let mut mapper = Command::new("epmd");
    mapper.args(["-port", &mapper_port, "-address", "127.0.0.1"]).current_dir(&folder);
    Account::apply(account, &mut mapper);
    keeper.spawn("epmd", &mut mapper)?;

    let port = free_port()?;
    let mut server = Command::new(script);
    server
        .current_dir(&folder)
        .env("HOME", &folder)
        .env("ERL_EPMD_PORT", &mapper_port)
        .env("RABBITMQ_CONF_ENV_FILE", "/dev/null")
        .env("RABBITMQ_CONFIG_FILE", settings.with_extension(""))
        .env("RABBITMQ_ADVANCED_CONFIG_FILE", folder.join("advanced"))
        .env("RABBITMQ_ENABLED_PLUGINS_FILE", folder.join("enabled_plugins"))
        .env("RABBITMQ_NODENAME", format!("quorate{port}@localhost"))
        .env("RABBITMQ_NODE_IP_ADDRESS", "127.0.0.1")
        .env("RABBITMQ_NODE_PORT", port.to_string())
        .env("RABBITMQ_DIST_PORT", free_port()?.to_string())
        .env("RABBITMQ_MNESIA_BASE", folder.join("mnesia"))
        .env("RABBITMQ_LOG_BASE", folder.join("log"))
        .env("RABBITMQ_PID_FILE", folder.join("node.pid"));
    Account::apply(account, &mut server);
    keeper.spawn("rabbitmq", &mut server)?;
    Ok(Address { port, url: format!("amqp://guest:guest@127.0.0.1:{port}/%2f") })
}

/// It answers a protocol header with its first frame, a method frame (type 1).
pub(super) fn is_ready(port: u16) -> bool {
    let Ok(mut stream) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)) else { return false };
    let mut answer = [0];
    stream.set_read_timeout(Some(Duration::from_secs(2))).is_ok()
        && stream.write_all(b"AMQP\x00\x00\x09\x01").is_ok()
        && stream.read_exact(&mut answer).is_ok()
        && answer == [1]
}

//! What happens around the program: a second process on its data, a port in use, a full disk, a pause.

#![expect(clippy::print_stderr, reason = "a story says why it is skipped")]

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use stories::actions::{
    all, hard_table, noisy_line, order_fit, order_search, text, try_upload, upload, wait_for_state,
};
use stories::process::{Failure, Process};
use stories::server::Server;
use stories::set_up::SetUp;
use stories::wait::until;

#[tokio::test]
async fn a_second_process_on_the_same_data_says_so_and_ends() {
    let Some(server) = Server::start_bare(SetUp::Sqlite).await else { return };
    let failure = start_beside(&server, &["--database", server.database()]).await.unwrap_err();
    assert_eq!(failure.code, Some(1), "{}", failure.log);
    assert!(failure.log.contains("another process"), "{}", failure.log);
    upload(&server.client(), "line", &noisy_line(10)).await;
}

#[tokio::test]
async fn a_port_in_use_is_named() {
    let Some(server) = Server::start_bare(SetUp::Sqlite).await else { return };
    let address = server.client().base().trim_start_matches("http://").to_owned();
    let own = format!("sqlite:{}", server.folder().join("other").display());
    let failure = start_beside(&server, &["--listen", &address, "--database", &own]).await.unwrap_err();
    assert_eq!(failure.code, Some(1), "{}", failure.log);
    assert!(failure.log.contains(&address) && failure.log.contains("choose another port"), "{}", failure.log);
}

#[tokio::test]
async fn a_mistyped_setting_is_refused_with_a_suggestion() {
    let Some(server) = Server::start_bare(SetUp::Sqlite).await else { return };
    let failure = start_beside(&server, &["--set", "server.lissten=127.0.0.1:0"]).await.unwrap_err();
    assert_ne!(failure.code, Some(0));
    assert!(failure.log.contains("did you mean server.listen"), "{}", failure.log);
}

/// Starts another process in a folder of its own, on a free port.
async fn start_beside(server: &Server, arguments: &[&str]) -> Result<Process, Failure> {
    let mut all: Vec<String> = arguments.iter().map(|&a| a.to_owned()).collect();
    if !arguments.contains(&"--listen") {
        all.extend(["--listen".to_owned(), "127.0.0.1:0".to_owned()]);
    }
    for service in ["regression", "symbolic"] {
        all.extend(["--set".to_owned(), format!("grpc.{service}=127.0.0.1:0")]);
    }
    Process::start(&all, server.folder().join("beside.log"), 2).await
}

#[tokio::test]
async fn a_full_disk_refuses_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let Some(disk) = SmallDisk::mount(folder.path(), 12) else { return };
    let mut server = Server::start_on(SetUp::Sqlite, &BARE, Some(folder.path())).await.unwrap();
    let client = server.client();
    let mut kept = Vec::new();
    let refused = loop {
        let table = noisy_line(20_000);
        let answer = try_upload(&client, &format!("name=set-{}", kept.len()), "text/csv", table.into()).await;
        if answer.status != 201 {
            break answer;
        }
        kept.push(answer.json()["id"].as_str().unwrap().to_owned());
        assert!(kept.len() < 200, "the disk never gets full");
    };
    let problem = refused.expect_problem(503);
    assert!(text(&problem, "detail").contains("store"), "{problem}");
    assert!(!kept.is_empty(), "not even one set fits on the disk");
    check_tables(&server, &kept).await;

    disk.grow(64);
    until("uploads work again", async || {
        let answer = try_upload(&client, "name=after", "text/csv", noisy_line(20_000).into()).await;
        if answer.status == 201 { Ok(()) } else { Err(answer.text()) }
    })
    .await;
    let fit = order_fit(&client, &kept[0]).await;
    wait_for_state(&client, &format!("/api/v1/fits/{}", text(&fit, "id")), "done").await;
    server.kill_all().await;
    server.start_again().await;
    check_tables(&server, &kept).await;
    server.kill_all().await;
}

/// No samples, and no analyses that nobody asked for.
const BARE: [&str; 3] =
    ["catalogue.load_samples=false", "regression.automatic=false", "symbolic.automatic_s=0"];

async fn check_tables(server: &Server, kept: &[String]) {
    for id in kept {
        let path = format!("/api/v1/datasets/{id}/table");
        let table = server.client().ask("GET", &path).accept("application/octet-stream").send().await;
        assert!(table.expect_status(200).body.len() > 20_000, "{id}");
    }
}

/// A file system of a few megabytes in memory; unmounted at the end.
struct SmallDisk(std::path::PathBuf);

impl SmallDisk {
    fn mount(folder: &Path, size_mb: u32) -> Option<Self> {
        let size = format!("size={size_mb}m");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(folder).output();
        match mounted {
            Ok(output) if output.status.success() => Some(Self(folder.to_path_buf())),
            Ok(output) => {
                eprintln!(
                    "skipped: a small disk can't be mounted: {}",
                    String::from_utf8_lossy(&output.stderr)
                );
                None
            }
            Err(error) => {
                eprintln!("skipped: there is no mount: {error}");
                None
            }
        }
    }

    fn grow(&self, size_mb: u32) {
        let options = format!("remount,size={size_mb}m");
        let status = Command::new("mount").args(["-o", &options]).arg(&self.0).status().unwrap();
        assert!(status.success());
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: a process that is just being killed may still hold a file.
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[tokio::test]
async fn a_pause_longer_than_the_lease_has_no_double_effect() {
    let Some(mut server) = start_with_short_leases().await else { return };
    let client = server.client();
    let set = upload(&client, "hard", &hard_table(300)).await;
    let search = order_search(&client, text(&set, "id"), 3.0).await;
    let path = format!("/api/v1/searches/{}", text(&search, "id"));
    until("the search runs", async || {
        let search = client.get(&path).await;
        if search["state"] == "running" { Ok(()) } else { Err(search.to_string()) }
    })
    .await;
    server.process("symbolic").pause();
    // The lease lapses by the database's clock; nobody may take part in it meanwhile.
    let mut tick = tokio::time::interval(Duration::from_secs(2));
    tick.tick().await;
    tick.tick().await;
    server.process("symbolic").go_on();
    wait_for_state(&client, &path, "done").await;
    let jobs = all(&client, "/api/v1/jobs").await;
    assert_eq!(jobs.len(), 1, "{jobs:?}");
    let formulas = all(&client, "/api/v1/formulas").await;
    assert_eq!(formulas.len(), 1, "{formulas:?}");
}

async fn start_with_short_leases() -> Option<Server> {
    Server::start_with(SetUp::Split, &[BARE.as_slice(), &["jobs.lease_ms=1000"]].concat()).await
}

//! A running Quorate of one test, in any set-up: started, killed in parts or whole, started again on the same data.

use std::path::Path;
use std::time::Duration;

use contracts::math_func::math_func_client::MathFuncClient;
use tempfile::TempDir;
use tonic::transport::Channel;

use crate::client::Client;
use crate::process::{Failure, Process};
use crate::set_up::{Places, SetUp};
use crate::wait;

/// All services in one process.
const WHOLE: &str = "all";
/// In the order of their start: each needs the addresses of those before it.
const SERVICES: [&str; 4] = ["catalogue", "regression", "symbolic", "gateway"];
/// Services that offer gRPC.
const ANALYSES: [&str; 2] = ["regression", "symbolic"];

/// One test's server; its processes end with it.
pub struct Server {
    set_up: SetUp,
    places: Places,
    settings: Vec<String>,
    members: Vec<Member>,
    folder: TempDir,
}

/// A process by the services it runs; its addresses stay the same when it starts again.
struct Member {
    name: &'static str,
    process: Option<Process>,
    address: String,
    grpc: Vec<(String, String)>,
}

impl Server {
    /// Starts Quorate with its samples; nothing, said aloud, where the set-up's servers are missing.
    pub async fn start(set_up: SetUp) -> Option<Self> {
        Self::start_with(set_up, &[]).await
    }

    /// Starts Quorate without samples and without analyses nobody asked for.
    pub async fn start_bare(set_up: SetUp) -> Option<Self> {
        let bare = ["catalogue.load_samples=false", "regression.automatic=false", "symbolic.automatic_s=0"];
        Self::start_with(set_up, &bare).await
    }

    /// Starts Quorate with settings `section.key=value`.
    pub async fn start_with(set_up: SetUp, settings: &[&str]) -> Option<Self> {
        Self::start_on(set_up, settings, None).await
    }

    /// Starts Quorate with its data in a folder of the test's choice, where they are files.
    pub async fn start_on(set_up: SetUp, settings: &[&str], disk: Option<&Path>) -> Option<Self> {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let places = set_up.places(disk.unwrap_or(folder.path())).await?;
        let names: &[&str] = if set_up == SetUp::Split { &SERVICES } else { &[WHOLE] };
        let members = names.iter().map(|name| Member::new(name)).collect();
        let settings = settings.iter().map(|setting| (*setting).to_owned()).collect();
        let mut server = Self { set_up, places, settings, members, folder };
        server.start_again().await;
        Some(server)
    }

    /// The set-up.
    pub fn set_up(&self) -> SetUp {
        self.set_up
    }

    /// The names of the processes.
    pub fn processes(&self) -> Vec<&'static str> {
        self.members.iter().map(|member| member.name).collect()
    }

    /// A client of the public door.
    pub fn client(&self) -> Client {
        Client::new(&self.members.last().expect("there is a process").address)
    }

    /// A client of the process that runs `service`, past the gateway where it runs alone.
    pub fn client_of(&self, service: &str) -> Client {
        Client::new(&self.member(service).address)
    }

    /// The gRPC address of a service, as `http://HOST:PORT`.
    pub fn grpc_address(&self, service: &str) -> String {
        let addresses = &self.member(service).grpc;
        let (_, address) = addresses.iter().find(|(name, _)| name == service).expect("it offers gRPC");
        format!("http://{address}")
    }

    /// A gRPC client of a service.
    pub async fn math_func(&self, service: &str) -> MathFuncClient<Channel> {
        MathFuncClient::connect(self.grpc_address(service)).await.expect("gRPC takes connections")
    }

    /// Where the databases of the set-up [`SetUp::Sqlite`] and the logs are.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The setting `database.url`.
    pub fn database(&self) -> &str {
        &self.places.database
    }

    /// The running process of a service.
    pub fn process(&mut self, service: &str) -> &mut Process {
        let member = self.member_mut(service);
        member.process.as_mut().unwrap_or_else(|| panic!("{service} is down"))
    }

    /// Kills the process of a service.
    pub async fn kill(&mut self, service: &str) {
        self.process(service).kill().await;
        self.member_mut(service).process = None;
    }

    /// Kills all processes at once.
    pub async fn kill_all(&mut self) {
        for member in &mut self.members {
            if let Some(mut process) = member.process.take() {
                process.kill().await;
            }
        }
    }

    /// Asks all processes to stop, the public door first; true when all did so in good order.
    pub async fn terminate_all(&mut self) -> bool {
        let mut is_good = true;
        for member in self.members.iter_mut().rev() {
            if let Some(mut process) = member.process.take() {
                is_good &= process.terminate().await.success();
            }
        }
        is_good
    }

    /// Starts every process that is down, and waits until all are ready.
    pub async fn start_again(&mut self) {
        for at in 0..self.members.len() {
            if self.members[at].process.is_none() {
                let started = self.start_member(at).await;
                let process = started.unwrap_or_else(|f| {
                    panic!("{} does not start ({:?}):\n{}", self.members[at].name, f.code, f.log)
                });
                let member = &mut self.members[at];
                member.address.clone_from(&process.address);
                member.grpc.clone_from(&process.grpc);
                member.process = Some(process);
            }
        }
        for member in &self.members {
            let client = Client::new(&member.address);
            wait::until_within(Duration::from_secs(30), "readiness", async || {
                let answer = client.try_get("/readyz").await?;
                let is_well = answer.status == 200 && answer.json()["degraded"] == false;
                if is_well { Ok(()) } else { Err(answer.text()) }
            })
            .await;
        }
    }

    /// What the processes have logged.
    pub fn log(&self) -> String {
        let logs = self.members.iter().filter_map(|member| {
            std::fs::read_to_string(self.folder.path().join(format!("{}.log", member.name))).ok()
        });
        logs.collect()
    }

    async fn start_member(&self, at: usize) -> Result<Process, Failure> {
        let name = self.members[at].name;
        let log = self.folder.path().join(format!("{name}.log"));
        let grpc = ANALYSES.iter().filter(|service| name == WHOLE || **service == name).count();
        Process::start(&self.arguments(at), log, grpc).await
    }

    fn arguments(&self, at: usize) -> Vec<String> {
        let Places { database, bus, name, host } = &self.places;
        let member = &self.members[at];
        let listen = match member.address.strip_prefix("http://") {
            Some(known) => known.to_owned(),
            None => format!("{host}:0"),
        };
        let mut settings = Vec::new();
        if member.name != WHOLE {
            settings.push(format!("bus.name={name}"));
            let others = self.members[..at].iter();
            settings.extend(others.map(|other| format!("services.urls.{}={}", other.name, other.address)));
        }
        for service in ANALYSES {
            let known = self.members.iter().flat_map(|m| &m.grpc).find(|(name, _)| name == service);
            settings.push(match known {
                Some((_, address)) if member.name == WHOLE || member.name == service => {
                    format!("grpc.{service}={address}")
                }
                Some((_, address)) => format!("grpc.{service}=http://{address}"),
                None => format!("grpc.{service}={host}:0"),
            });
        }
        settings.extend(self.settings.iter().cloned());
        let mut arguments =
            ["--listen", &listen, "--database", database, "--bus", bus].map(String::from).to_vec();
        if member.name != WHOLE {
            arguments.extend(["--only".to_owned(), member.name.to_owned()]);
        }
        arguments.extend(settings.into_iter().flat_map(|setting| ["--set".to_owned(), setting]));
        arguments
    }

    fn member(&self, service: &str) -> &Member {
        let mut members = self.members.iter();
        members.find(|m| m.name == service || m.name == WHOLE).expect("the service has a process")
    }

    fn member_mut(&mut self, service: &str) -> &mut Member {
        let mut members = self.members.iter_mut();
        members.find(|m| m.name == service || m.name == WHOLE).expect("the service has a process")
    }
}

impl Member {
    fn new(name: &'static str) -> Self {
        Self { name, process: None, address: String::new(), grpc: Vec::new() }
    }
}

//! The same of Celery with RabbitMQ, as its documentation recommends for work that must not get lost: persistent
//! messages, late acknowledgements. Its Python environment is made under `target/`.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use super::processes::Meter;
use super::{Cpu, Line};

const CELERY: &str = "celery==5.7.*";

/// Without and with publisher confirms; without them an accepted job may be lost with the broker.
pub(crate) fn measure(address: &str, jobs: usize) -> Vec<Line> {
    let python = environment();
    let port =
        address.rsplit(':').next().and_then(|rest| rest.split('/').next()).unwrap_or_default().to_owned();
    ["", "confirmed"].map(|confirm| measure_one(&python, address, &port, (jobs, confirm))).into()
}

fn measure_one(python: &Path, address: &str, port: &str, (jobs, confirm): (usize, &str)) -> Line {
    let queue = format!("bench{}{confirm}", std::process::id());
    let script = |arguments: &[&str]| {
        let mut command = Command::new(python);
        command.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/jobs"));
        command.env("BENCH_BROKER", address).env("BENCH_QUEUE", &queue).env("BENCH_CONFIRM", confirm);
        command.args(arguments).stderr(Stdio::null());
        command
    };
    // The broker's node is named after its port.
    let broker = Meter::of(&format!("quorate{port}@"));
    let count = jobs.to_string();
    let ordered = answer(script(&["noop.py", "order", &count]));
    let worker = Meter::of(&queue);
    let crew = Stopped(
        script(&[
            "-m",
            "celery",
            "-A",
            "noop",
            "worker",
            "-c",
            "2",
            "-Q",
            &queue,
            "-n",
            &format!("{queue}@here"),
        ])
        .stdout(Stdio::null())
        .spawn()
        .unwrap(),
    );
    let drained = answer(script(&["noop.py", "wait", &count]));
    let cpu_ms = (broker.cpu_ms() + worker.cpu_ms() + ordered["cpu_ms"].as_f64().unwrap()) / jobs as f64;
    let looked = answer(script(&["noop.py", "latency", "300"]));
    drop(crew);
    let name = if confirm.is_empty() {
        "Celery, RabbitMQ, acks_late"
    } else {
        "Celery, RabbitMQ, acks_late, confirms"
    };
    Line {
        enqueue_one: ordered["rate"].as_f64(),
        drain: drained["rate"].as_f64(),
        cpu_ms: Some(Cpu::Whole(cpu_ms)),
        pick_up_ms: looked["p50_ms"].as_f64().zip(looked["p99_ms"].as_f64()),
        ..Line::of(name)
    }
}

fn answer(mut command: Command) -> Value {
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(text.lines().last().unwrap_or_default())
        .unwrap_or_else(|e| panic!("{command:?}: {e}: {text}"))
}

/// A worker that ends with the measurement.
struct Stopped(Child);

impl Drop for Stopped {
    fn drop(&mut self) {
        if let Some(pid) = rustix::process::Pid::from_raw(self.0.id() as i32) {
            // Celery's warm shutdown: its children end with it.
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        }
        let _ = self.0.wait();
    }
}

fn environment() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("celery");
    let python = folder.join("bin/python");
    let has_celery = |python: &Path| {
        let tried = Command::new(python).args(["-c", "import celery"]).stderr(Stdio::null()).status();
        tried.is_ok_and(|status| status.success())
    };
    if !has_celery(&python) {
        let run = |command: &mut Command| assert!(command.status().unwrap().success(), "{command:?} failed");
        run(Command::new("python3").args(["-m", "venv"]).arg(&folder));
        run(Command::new(&python).args(["-m", "pip", "install", "--quiet", CELERY]));
    }
    python
}

//! A worker process as the nemesis sees it.

use std::collections::HashSet;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use rustix::process::{Pid, Signal, kill_process};

use super::worker::Manner;

/// What all workers have said about the orders, by their clients' names for them.
#[derive(Debug, Default)]
pub(super) struct Said {
    pub(super) safe: HashSet<String>,
    /// Cancelled, and the cancel accepted.
    pub(super) stopped: HashSet<String>,
    /// Every try's beginning.
    pub(super) began: Vec<Try>,
}

#[derive(Debug)]
pub(super) struct Try {
    pub(super) client_id: String,
    /// The number of its process.
    pub(super) worker: u32,
    pub(super) at: Instant,
}

pub(super) struct Process {
    child: Child,
    orders: ChildStdin,
    /// Answers to `live`: the question and the number.
    answers: Receiver<(u64, i64)>,
    ready: Receiver<()>,
}

impl Process {
    pub(super) fn start(url: &str, manner: &Manner, said: &Arc<Mutex<Said>>) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--ignored", "--exact", "worker_process", "--nocapture"])
            .env("QUORATE_FUZZ_DB", url)
            .envs(manner.variables())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let (orders, words) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let ((tell, answers), (called, ready)) = (channel(), channel());
        let (said, worker) = (said.clone(), child.id());
        std::thread::spawn(move || {
            for line in BufReader::new(words).lines().map_while(Result::ok) {
                match line.split_once(' ') {
                    Some(("@ready", _)) => drop(called.send(())),
                    Some(("@safe", id)) => drop(said.lock().unwrap().safe.insert(id.into())),
                    Some(("@stopped", id)) => drop(said.lock().unwrap().stopped.insert(id.into())),
                    Some(("@began", id)) => {
                        let begun = Try { client_id: id.into(), worker, at: Instant::now() };
                        said.lock().unwrap().began.push(begun);
                    }
                    Some(("@live", answer)) => {
                        let (question, live) = answer.split_once(' ').unwrap();
                        let _ = tell.send((question.parse().unwrap(), live.parse().unwrap()));
                    }
                    _ => {}
                }
            }
        });
        Self { child, orders, answers, ready }
    }

    /// Its number.
    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(super) fn wait_until_ready(&self) {
        self.ready.recv().expect("the worker becomes ready");
    }

    /// An order to a process that is just being killed is lost, which is no loss: nobody said that it is safe.
    pub(super) fn order(&mut self, client_id: &str, takes_ms: u64) {
        let _ = self.orders.write_all(format!("order {client_id} {takes_ms}\n").as_bytes());
    }

    /// Asks it to cancel an order, whoever took it.
    pub(super) fn cancel(&mut self, client_id: &str) {
        let _ = self.orders.write_all(format!("cancel {client_id}\n").as_bytes());
    }

    /// Fills the disk, or makes room again.
    pub(super) fn disk(&mut self, state: &str) {
        let _ = self.orders.write_all(format!("disk {state}\n").as_bytes());
    }

    /// How many jobs have not ended yet.
    pub(super) fn live(&mut self, question: u64) -> Option<i64> {
        self.orders.write_all(format!("live {question}\n").as_bytes()).ok()?;
        loop {
            let (answered, live) = self.answers.recv().ok()?;
            if answered == question {
                return (live >= 0).then_some(live);
            }
        }
    }

    pub(super) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Stops it as a debugger or a swapping machine does: it does not notice.
    pub(super) fn freeze(&self) {
        self.signal(Signal::STOP);
    }

    pub(super) fn thaw(&self) {
        self.signal(Signal::CONT);
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Lets it end by itself.
    pub(super) fn dismiss(self) {
        let Self { mut child, orders, .. } = self;
        drop(orders);
        assert!(child.wait().unwrap().success(), "a worker ends by itself when nobody orders any more");
    }
}

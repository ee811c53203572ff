//! Invariant 7: events of one subject arrive in the order of the commits, at least once, with their effects once; in
//! process, on SQLite and PostgreSQL, and through RabbitMQ where `QUORATE_TEST_AMQP` names one.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use contracts::event::Change;
use serde_json::json;
use tokio::sync::mpsc;

use super::*;
use crate::clock::Clock;
use crate::db::{Db, Migration};
use crate::inbox::{Retry, Subscription};
use crate::outbox::{NewEvent, Relay, tell};
use crate::testing;

const TABLE: &[Migration] =
    &[("0001_heard", "create table heard (nr bigint numbered primary key, subject text, step bigint);")];
const PATIENCE: Duration = Duration::from_secs(30);

/// Two services, one of which tells what the other hears.
struct Stage {
    _folder: Option<tempfile::TempDir>,
    teller: Db,
    hearer: Db,
    /// Distinguishes the tests on one broker.
    name: String,
    stop: CancellationToken,
}

impl Stage {
    async fn new(url: Option<String>) -> Self {
        let name = testing::schema("bus");
        let folder = url.is_none().then(|| tempfile::tempdir().unwrap());
        let url = url.unwrap_or_else(|| format!("sqlite:{}", folder.as_ref().unwrap().path().display()));
        let teller = Db::open(&url, &format!("{name}_t"), &[]).await.unwrap();
        let hearer = Db::open(&url, &format!("{name}_h"), TABLE).await.unwrap();
        Self { _folder: folder, teller, hearer, name, stop: CancellationToken::new() }
    }

    fn kind(&self) -> String {
        format!("{}.thing.changed", self.name)
    }

    async fn tell(&self, subject: &str, step: i64) {
        let mut tx = self.teller.begin().await.unwrap();
        let event = NewEvent::new(self.kind(), subject, json!({ "step": step }));
        tell(&mut tx, &Clock::system(), event).await.unwrap();
        tx.commit().await.unwrap();
    }

    fn relay(&self, bus: &Bus) -> tokio::task::JoinHandle<()> {
        let relay = Relay::new("teller", self.teller.clone(), bus.clone(), Clock::system());
        tokio::spawn(relay.run(self.stop.child_token()))
    }

    /// An inbox whose handler is refused by `refuses` before its changes are committed.
    fn inbox(
        &self,
        refuses: impl Fn(&Event) -> bool + Send + Sync + 'static,
    ) -> (Inbox, mpsc::UnboundedReceiver<()>) {
        let (done, heard) = mpsc::unbounded_channel();
        let refuses = Arc::new(refuses);
        let subscription = Subscription::new(&[&format!("{}.thing.", self.name)], move |tx, event| {
            let refuses = refuses.clone();
            Box::pin(async move {
                sqlx::query("insert into heard (subject, step) values ($1, $2)")
                    .bind(&event.subject)
                    .bind(event.data["step"].as_i64())
                    .execute(&mut **tx)
                    .await?;
                anyhow::ensure!(!refuses(event), "refused");
                Ok(())
            })
        })
        .and_after(move |_| {
            let _ = done.send(());
        });
        let retry = Retry { attempts: 4, first: Duration::from_millis(1), longest: Duration::from_millis(4) };
        let name = format!("{}_h", self.name);
        (Inbox::new(name, self.hearer.clone(), Clock::system(), vec![subscription]).with_retry(retry), heard)
    }

    async fn heard(&self) -> BTreeMap<String, Vec<i64>> {
        let rows: Vec<(String, i64)> = sqlx::query_as("select subject, step from heard order by nr")
            .fetch_all(self.hearer.read())
            .await
            .unwrap();
        rows.into_iter().fold(BTreeMap::new(), |mut map, (subject, step)| {
            map.entry(subject).or_insert_with(Vec::new).push(step);
            map
        })
    }

    async fn until_all_is_delivered(&self) {
        let mut pause = tokio::time::interval(Duration::from_millis(5));
        let waiting = "select count(*) from outbox where delivered_at is null";
        while sqlx::query_scalar::<_, i64>(waiting).fetch_one(self.teller.read()).await.unwrap() > 0 {
            pause.tick().await;
        }
    }

    async fn dead(&self) -> Vec<(String, i64)> {
        let rows = sqlx::query_as("select error, attempts from dead_letter");
        rows.fetch_all(self.hearer.read()).await.unwrap()
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

async fn wait(heard: &mut mpsc::UnboundedReceiver<()>, count: usize) {
    for n in 0..count {
        tokio::time::timeout(PATIENCE, heard.recv())
            .await
            .unwrap_or_else(|_| panic!("only {n} of {count} events were handled"));
    }
}

/// Every third event is refused when it comes first, so that retries and neighbours mix.
fn every_third_once() -> impl Fn(&Event) -> bool + Send + Sync {
    let seen = std::sync::Mutex::new(HashSet::new());
    move |event| {
        event.data["step"].as_i64().unwrap() % 3 == 0 && seen.lock().unwrap().insert(event.id.clone())
    }
}

async fn keeps_order_and_has_effects_once(stage: Stage, bus: Bus) {
    let (inbox, mut heard) = stage.inbox(every_third_once());
    bus.subscribe(inbox);
    // Two relays: replicas on PostgreSQL, and on SQLite a second one of the same process.
    let _relays = [stage.relay(&bus), stage.relay(&bus)];
    let subjects: Vec<String> = (0..10).map(|n| format!("s{n}")).collect();
    let tellers = subjects.iter().map(|subject| async {
        for step in 0..20 {
            stage.tell(subject, step).await;
        }
    });
    futures::future::join_all(tellers).await;
    wait(&mut heard, 200).await;
    let all = stage.heard().await;
    assert_eq!(all.len(), 10);
    for (subject, steps) in all {
        assert_eq!(steps, (0..20).collect::<Vec<_>>(), "{subject}");
    }
    assert_eq!(stage.dead().await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn i7_keeps_order_and_has_effects_once_on_sqlite() {
    keeps_order_and_has_effects_once(Stage::new(None).await, Bus::memory()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn i7_keeps_order_and_has_effects_once_on_postgresql() {
    let Some(url) = testing::postgres() else { return };
    keeps_order_and_has_effects_once(Stage::new(Some(url)).await, Bus::memory()).await;
}

/// A bus through RabbitMQ, once its queue for `inbox` is there.
async fn through_rabbit(stage: &Stage, address: &str, inbox: &Inbox) -> Bus {
    let bus = Bus::open(address, "quorate", stage.stop.child_token()).unwrap();
    let Bus::Rabbit(rabbit) = &bus else { panic!("{address} is no broker") };
    rabbit.declare(inbox).await.unwrap();
    bus
}

#[tokio::test(flavor = "multi_thread")]
async fn i7_keeps_order_and_has_effects_once_through_rabbitmq() {
    let Some(address) = testing::amqp() else { return };
    let stage = Stage::new(testing::postgres()).await;
    let (first, _) = stage.inbox(|_| false);
    let bus = through_rabbit(&stage, &address, &first).await;
    keeps_order_and_has_effects_once(stage, bus).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_poison_event_is_put_away_and_those_behind_it_arrive() {
    let stage = Stage::new(None).await;
    let (inbox, mut heard) = stage.inbox(|event| event.data["step"] == 1);
    let bus = Bus::memory();
    bus.subscribe(inbox);
    for (subject, step) in [("a", 0), ("a", 1), ("a", 2), ("b", 0)] {
        stage.tell(subject, step).await;
    }
    let _relay = stage.relay(&bus);
    wait(&mut heard, 3).await;
    assert_eq!(stage.heard().await, BTreeMap::from([("a".into(), vec![0, 2]), ("b".into(), vec![0])]));
    assert_eq!(stage.dead().await, [("refused".to_owned(), 4)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_of_a_handler_is_a_failed_attempt() {
    let stage = Stage::new(None).await;
    let count = AtomicUsize::new(0);
    let (inbox, mut heard) = stage.inbox(move |_| {
        assert!(count.fetch_add(1, Ordering::Relaxed) > 0, "the first time");
        false
    });
    let bus = Bus::memory();
    bus.subscribe(inbox);
    let _relay = stage.relay(&bus);
    stage.tell("a", 1).await;
    wait(&mut heard, 1).await;
    assert_eq!(stage.heard().await["a"], [1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_of_a_transaction_rolled_back_is_never_told() {
    let stage = Stage::new(None).await;
    let (inbox, mut heard) = stage.inbox(|_| false);
    let bus = Bus::memory();
    bus.subscribe(inbox);
    let _relay = stage.relay(&bus);
    let mut tx = stage.teller.begin().await.unwrap();
    tell(&mut tx, &Clock::system(), NewEvent::new(stage.kind(), "a", json!({"step": 1}))).await.unwrap();
    drop(tx);
    stage.tell("a", 2).await;
    wait(&mut heard, 1).await;
    assert_eq!(stage.heard().await["a"], [2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_told_before_a_crash_arrives_after_it_once() {
    let stage = Stage::new(None).await;
    for step in 0..5 {
        stage.tell("a", step).await;
    }
    // The first life delivers some, and dies before it has marked them.
    let (inbox, mut heard) = stage.inbox(|_| false);
    let bus = Bus::memory();
    bus.subscribe(inbox);
    let first = stage.relay(&bus);
    wait(&mut heard, 2).await;
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    let mut tx = stage.teller.begin().await.unwrap();
    sqlx::query("update outbox set delivered_at = null").execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
    let (inbox, mut heard) = stage.inbox(|_| false);
    let bus = Bus::memory();
    bus.subscribe(inbox);
    let _second = stage.relay(&bus);
    stage.tell("a", 5).await;
    while stage.heard().await.get("a").is_none_or(|steps| steps.last() != Some(&5)) {
        wait(&mut heard, 1).await;
    }
    assert_eq!(stage.heard().await["a"], [0, 1, 2, 3, 4, 5]);
}

#[tokio::test(flavor = "multi_thread")]
async fn events_wait_while_the_broker_is_away() {
    let Some(address) = testing::amqp() else { return };
    let stage = Stage::new(None).await;
    let (inbox, mut heard) = stage.inbox(|_| false);
    let front = testing::Front::new(&address).await;
    let bus = through_rabbit(&stage, &front.address, &inbox).await;
    bus.subscribe(inbox);
    let _relay = stage.relay(&bus);
    stage.tell("a", 0).await;
    wait(&mut heard, 1).await;
    for step in 1..=10 {
        if step % 3 == 0 {
            front.cut();
        }
        stage.tell("a", step).await;
    }
    wait(&mut heard, 10).await;
    assert_eq!(stage.heard().await["a"], (0..=10).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_comes_later_is_told_what_was_told_before() {
    let Some(address) = testing::amqp() else { return };
    let stage = Stage::new(None).await;
    let bus = Bus::open(&address, "quorate", stage.stop.child_token()).unwrap();
    let _relay = stage.relay(&bus);
    for step in 0..3 {
        stage.tell("a", step).await;
    }
    stage.until_all_is_delivered().await;
    let (inbox, mut heard) = stage.inbox(|_| false);
    bus.subscribe(inbox);
    wait(&mut heard, 3).await;
    assert_eq!(stage.heard().await["a"], [0, 1, 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_died_before_it_had_caught_up_is_told_what_was_told_before() {
    let Some(address) = testing::amqp() else { return };
    let stage = Stage::new(None).await;
    let bus = Bus::open(&address, "quorate", stage.stop.child_token()).unwrap();
    let _relay = stage.relay(&bus);
    stage.tell("before", 0).await;
    stage.until_all_is_delivered().await;
    // In its first life it made its queue and heard of something later.
    let (inbox, mut heard) = stage.inbox(|_| false);
    let bus = through_rabbit(&stage, &address, &inbox).await;
    let mut tx = stage.hearer.begin().await.unwrap();
    let later = sqlx::query("insert into inbox (consumer, event_id, heard_at) values ($1, 'later', 1)");
    later.bind(inbox.consumer()).execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
    bus.subscribe(inbox);
    wait(&mut heard, 1).await;
    assert_eq!(stage.heard().await["before"], [0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_broker_forgot_with_its_queue_is_told_again() {
    let Some(address) = testing::amqp() else { return };
    let stage = Stage::new(None).await;
    let bus = Bus::open(&address, "quorate", stage.stop.child_token()).unwrap();
    let (inbox, mut heard) = stage.inbox(|_| false);
    let queue = format!("quorate.{}", inbox.consumer());
    bus.subscribe(inbox);
    let _relay = stage.relay(&bus);
    stage.tell("a", 0).await;
    wait(&mut heard, 1).await;
    let other = lapin::Connection::connect(&address, lapin::ConnectionProperties::default()).await.unwrap();
    let channel = other.create_channel().await.unwrap();
    channel.queue_delete(queue.as_str().into(), lapin::options::QueueDeleteOptions::default()).await.unwrap();
    // Nobody keeps it: the queue is made again only after a pause.
    stage.tell("a", 1).await;
    wait(&mut heard, 1).await;
    assert_eq!(stage.heard().await["a"], [0, 1]);
}

async fn hints_reach_everybody(tell: Bus, hear: Bus) {
    let mut hints = hear.hints();
    let hint = |n: usize| {
        let subject = n.to_string();
        Hint::Changed(Change { kind: "test.thing.changed".into(), subject, service: "test".into() })
    };
    let heard = async {
        loop {
            if let Ok(Hint::Changed(change)) = hints.recv().await
                && change.service == "test"
            {
                return change;
            }
        }
    };
    let mut pause = tokio::time::interval(Duration::from_millis(20));
    let telling = async {
        for n in 0.. {
            pause.tick().await;
            tell.hint(hint(n));
        }
    };
    let change = tokio::time::timeout(PATIENCE, async {
        tokio::select! { change = heard => change, () = telling => unreachable!("telling goes on") }
    });
    assert_eq!(change.await.unwrap().kind, "test.thing.changed");
}

#[tokio::test]
async fn hints_reach_everybody_in_the_process() {
    let bus = Bus::memory();
    hints_reach_everybody(bus.clone(), bus).await;
}

#[tokio::test]
async fn hints_reach_everybody_through_rabbitmq() {
    let Some(address) = testing::amqp() else { return };
    let stop = CancellationToken::new();
    let open = || Bus::open(&address, "quorate", stop.clone()).unwrap();
    hints_reach_everybody(open(), open()).await;
    stop.cancel();
}

#[tokio::test]
async fn refuses_an_address_and_tells_no_password() {
    for address in ["redis://me:secret@host", "amqp://me:secret@host:port:port"] {
        let refused = Bus::open(address, "quorate", CancellationToken::new()).err().unwrap().to_string();
        assert!(refused.contains("is no address") && !refused.contains("secret"), "{refused}");
    }
}

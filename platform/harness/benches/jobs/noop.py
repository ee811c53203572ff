"""Celery's side of the bench: a task that does nothing, and who orders it."""

import json
import os
import sys
import tempfile
import time

from celery import Celery

QUEUE = os.environ["BENCH_QUEUE"]
MARKS = os.path.join(tempfile.gettempdir(), QUEUE + ".marks")

app = Celery("noop", broker=os.environ["BENCH_BROKER"].replace("%2f", "/"))
app.conf.update(
    task_acks_late=True,
    task_ignore_result=True,
    task_default_queue=QUEUE,
    task_default_delivery_mode="persistent",
    worker_prefetch_multiplier=4,
    broker_connection_retry_on_startup=True,
    broker_transport_options={"confirm_publish": True} if os.environ.get("BENCH_CONFIRM") else {},
)


@app.task(name="noop")
def noop(number):
    return number


@app.task(name="mark")
def mark(sent_at):
    """Writes how long it was under way, and when it ran; the clock is that of the machine."""
    now = time.monotonic()
    with open(MARKS, "a", encoding="utf-8") as marks:
        marks.write(f"{now - sent_at} {now}\n")


def marks():
    try:
        with open(MARKS, encoding="utf-8") as lines:
            return [tuple(map(float, line.split())) for line in lines]
    except FileNotFoundError:
        return []


def wait_for_marks(count):
    while len(marks()) < count:
        time.sleep(0.005)
    return marks()


def order(count):
    start, cpu = time.monotonic(), time.process_time()
    mark.delay(time.monotonic())
    for number in range(count):
        noop.delay(number)
    mark.delay(time.monotonic())
    seconds = time.monotonic() - start
    return {"rate": count / seconds, "cpu_ms": (time.process_time() - cpu) * 1000}


def wait(count):
    (_, first), (_, last) = wait_for_marks(2)[:2]
    os.remove(MARKS)
    return {"rate": count / (last - first)}


def latency(count):
    for number in range(count):
        mark.delay(time.monotonic())
        wait_for_marks(number + 1)
        time.sleep(0.008)
    ways = sorted(way for way, _ in marks())
    os.remove(MARKS)
    return {"p50_ms": ways[len(ways) // 2] * 1000, "p99_ms": ways[len(ways) * 99 // 100] * 1000}


if __name__ == "__main__":
    what, number = sys.argv[1], int(sys.argv[2])
    print(json.dumps({"order": order, "wait": wait, "latency": latency}[what](number)))

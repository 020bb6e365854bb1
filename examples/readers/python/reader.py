"""Follows threads of a DashStream topic: verifies their states' hashes, prints their cost by model.

    python reader.py --brokers localhost:9092 --topic dashstream-events \\
        [--thread ID] [--prices ../prices.json]

It reads from the start of the topic to its end, and prints one line of JSON for each thread. With
--follow it goes on, and prints a thread's line again whenever a call of a model ends in it.
"""

import argparse
import hashlib
import json
import logging
import os
import pathlib
import sys

import confluent_kafka
import grpc
import jsonpatch
import rfc8785

# The messages, made from the .proto file when the program starts.
sys.path.append(str(pathlib.Path(__file__).resolve().parents[3] / "callback" / "dashstreampb"))
pb = grpc.protos("dashstream.proto")

PLAIN = 0  # framing: the rest of the value is a DashStreamMessage
REPORT = "dashstream-callback/"  # threads in which producers report on themselves
KINDS = {
    n.number: n.name.removeprefix("OP_TYPE_").lower()
    for n in pb.DiffOperation.OpType.DESCRIPTOR.values
}


class Thread:
    """What is known of a thread."""

    def __init__(self, thread_id):
        self.id = thread_id
        self.last = self.missing = 0
        self.state, self.known = None, False  # known: there is a state, and it is the producer's
        self.verified = self.wrong = self.unhashed = 0
        self.models = {}

    def take(self, message):
        """Takes an event, or another message, and says whether a call of a model has ended."""
        sequence = message.header.sequence
        if self.last and sequence > self.last + 1:
            self.missing += sequence - self.last - 1
            self.known = False  # a patch may be among what was lost: wait for a whole state
        self.last = max(self.last, sequence)
        kind = type(message).__name__
        if kind == "StateDiff":
            self.diff(message)
        elif kind == "Checkpoint" and message.state:
            self.whole(message.state, message.checksum)
        elif kind == "Event":
            return self.event(message)
        return False

    def event(self, event):
        attributes = {
            k: getattr(v, v.WhichOneof("value"))
            for k, v in event.attributes.items()
            if v.WhichOneof("value")
        }
        if "initial_state_json" in attributes and event.event_type in (
            pb.EVENT_TYPE_GRAPH_START,
            pb.EVENT_TYPE_HUMAN_RESUME,
        ):
            self.whole(attributes["initial_state_json"], None)
        embedded = event.event_type == pb.EVENT_TYPE_NODE_END and "model" in attributes
        if not embedded and event.event_type not in (
            pb.EVENT_TYPE_LLM_END,
            pb.EVENT_TYPE_LLM_ERROR,
        ):
            return False
        model = self.models.setdefault(
            attributes.get("model", ""), {"calls": 0, "prompt_tokens": 0, "completion_tokens": 0}
        )
        model["calls"] += 1
        for name in ("prompt_tokens", "completion_tokens"):
            model[name] += attributes.get(name, 0)
        return True

    def whole(self, text, checksum):
        self.state, self.known = json.loads(text), True
        if checksum:
            self.check(hashlib.sha256(text).digest(), checksum)

    def diff(self, diff):
        if diff.full_state:  # it takes precedence over operations
            self.state, self.known = json.loads(diff.full_state), True
        elif self.known:
            self.state = jsonpatch.JsonPatch([operation(o) for o in diff.operations]).apply(
                self.state
            )
        if not self.known:
            return
        if diff.state_hash:  # none where the state holds a number that no browser can verify
            self.check(hashlib.sha256(rfc8785.dumps(self.state)).digest(), diff.state_hash)
        else:
            self.unhashed += 1

    def check(self, got, want):
        if got == want:
            self.verified += 1
        else:
            self.wrong += 1
            self.known = False

    def summary(self, prices):
        for name, model in self.models.items():
            price = prices.get(name, {"prompt": 0, "completion": 0})  # for a million tokens
            model["cost"] = round(
                (
                    model["prompt_tokens"] * price["prompt"]
                    + model["completion_tokens"] * price["completion"]
                )
                / 1e6,
                9,
            )
        return {
            "thread": self.id,
            "last": self.last,
            "missing": self.missing,
            "known": self.known,
            "verified": self.verified,
            "wrong": self.wrong,
            "unhashed": self.unhashed,
            "models": self.models,
        }


def operation(o):
    """Returns an operation of a StateDiff as RFC 6902 writes it."""
    op = {"op": KINDS[o.op], "path": o.path}
    if op["op"] in ("move", "copy"):
        op["from"] = getattr(o, "from")
    elif op["op"] != "remove":
        op["value"] = json.loads(o.value)
    return op


def messages(value):
    """Yields what a record's value holds, the events of a batch one by one."""
    if value[0] != PLAIN:
        raise ValueError(f"framing byte {value[0]}")
    message = pb.DashStreamMessage.FromString(value[1:])
    content = getattr(message, message.WhichOneof("message"))
    yield from content.events if type(content).__name__ == "EventBatch" else [content]


def records(consumer, topic, follow):
    """Yields the records of a topic from its start; without follow, up to its end."""
    found = consumer.list_topics(topic, timeout=10).topics[topic]
    if found.error:
        raise confluent_kafka.KafkaException(found.error)
    partitions = [
        confluent_kafka.TopicPartition(topic, p, confluent_kafka.OFFSET_BEGINNING)
        for p in found.partitions
    ]
    left = {p.partition for p in partitions if consumer.get_watermark_offsets(p, timeout=10)[1] > 0}
    consumer.assign(partitions)
    while follow or left:
        record = consumer.poll(1)
        if record is None:
            continue
        if record.error():
            if record.error().code() != confluent_kafka.KafkaError._PARTITION_EOF:
                raise confluent_kafka.KafkaException(record.error())
            left.discard(record.partition())
        elif record.value():
            yield record


quiet = logging.getLogger("librdkafka")  # what is wrong is an exception here
quiet.setLevel(logging.CRITICAL)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--brokers", default="localhost:9092")
    parser.add_argument("--topic", default="dashstream-events")
    parser.add_argument("--thread", help="only this thread")
    parser.add_argument(
        "--prices", type=pathlib.Path, default=pathlib.Path(__file__).parents[1] / "prices.json"
    )
    parser.add_argument("--follow", action="store_true")
    options = parser.parse_args()
    prices = json.loads(options.prices.read_text())
    consumer = confluent_kafka.Consumer(
        {
            "bootstrap.servers": options.brokers,
            "group.id": "reader",
            "enable.auto.commit": False,
            "enable.partition.eof": True,
        },
        logger=quiet,
    )
    threads, seen = {}, set()
    for record in records(consumer, options.topic, options.follow):
        for message in messages(record.value()):
            thread_id, message_id = message.header.thread_id, message.header.message_id
            if (
                thread_id.startswith(REPORT)
                or options.thread not in (None, thread_id)
                or message_id in seen
            ):
                continue
            seen.add(message_id)  # delivery is at least once
            thread = threads.setdefault(thread_id, Thread(thread_id))
            if thread.take(message) and options.follow:
                print(json.dumps(thread.summary(prices)), flush=True)
    consumer.close()
    for thread in threads.values():
        print(json.dumps(thread.summary(prices)))
    sys.stdout.flush()


if __name__ == "__main__":
    try:
        main()
    except BrokenPipeError:  # nobody reads what it prints any more
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt:
        sys.exit(130)
    except confluent_kafka.KafkaException as err:
        sys.exit(f"reader: {err.args[0].str()}")
    except (OSError, ValueError) as err:
        sys.exit(f"reader: {err}")

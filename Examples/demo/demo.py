# SPDX-License-Identifier: Apache-2.0
"""Five programs in three languages find each other, lose each other, and say so.

Plays the story with real processes, prints it as a time line, and checks the promises of the README on the way. Every
step waits for something that a process says; nothing sleeps. Exit status 0 if all promises were kept, else 1.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from actor import Actor
from cast import Cast
from phrases import Tone
from promises import examine
from reserved_port import ReservedPort
from stage import Stage, StoryEnded
from summary import print_findings, print_missed, print_table
from timeline import Timeline

EXAMPLES = Path(__file__).resolve().parent.parent
REQUESTS = 100
"""Render requests that both subscribers have received when the publisher is killed, or asked to stop."""
IMAGES = 1000


def play(programs: argparse.Namespace, stage: Stage, timeline: Timeline, endpoint: str) -> Cast:
    def have_received(count: int, sender: Actor) -> bool:
        return all(
            sum(1 for entry in subscriber.said("received") if entry.number("sender") == sender.pid) >= count
            for subscriber in subscribers
        )

    timeline.chapter(1, "Two subscribers start. There is no publisher yet, so they try again and again.")
    subscribers = [
        stage.start("Swift subscriber", programs.swift_subscriber, endpoint),
        stage.start("Python subscriber", *programs.python_subscriber, endpoint),
    ]
    stage.wait_until(
        lambda: all(subscriber.count("retry_in") >= 3 for subscriber in subscribers),
        "three refused attempts of each",
    )

    timeline.chapter(2, "The publisher starts, and waits for both of them, so that its first request reaches both.")
    killed = stage.start("C publisher", programs.publisher, endpoint, str(len(subscribers)))
    stage.wait_until(lambda: have_received(REQUESTS, killed), f"{REQUESTS} requests at both subscribers")

    timeline.chapter(3, "The publisher is killed in mid-stream. The subscribers notice, and say why they fail.")
    timeline.note(time.monotonic(), "demo", "kill -9", f"pid {killed.pid}, the C publisher", Tone.BAD)
    killed.kill()
    stage.wait_until(
        lambda: all(subscriber.has_said("lost", "failed", "retry_in") for subscriber in subscribers),
        "both subscribers to lose the publisher and to be refused",
    )

    timeline.chapter(
        4,
        "It comes back on the same port, and publishes at once.",
        "What it publishes before a link is back is dropped: the table at the end counts it.",
    )
    returned = stage.start("C publisher", programs.publisher, endpoint, "0")
    stage.wait_until(lambda: have_received(REQUESTS, returned), f"{REQUESTS} requests at both subscribers")
    timeline.note(time.monotonic(), "demo", "SIGTERM", f"pid {returned.pid}, the C publisher")
    returned.ask_to_stop()
    stage.wait_for_end(returned, *subscribers)

    timeline.chapter(5, "A pusher has images, but the puller is late. A send times out, and nothing is lost.")
    pusher = stage.start("Python pusher", *programs.python_pusher, "tcp://127.0.0.1:0", str(IMAGES))
    stage.wait_until(lambda: pusher.count("timeout") > 0, "a send that times out")
    bound = pusher.first("listening")
    assert bound
    puller = stage.start("C puller", programs.puller, bound.text)
    stage.wait_for_end(pusher, puller)
    return Cast(subscribers, killed, returned, pusher, puller)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for program in ("publisher", "puller", "swift-subscriber"):
        parser.add_argument(f"--{program}", required=True, metavar="PATH", help=f"the built example {program}")
    for program in ("subscriber", "pusher"):
        parser.add_argument(
            f"--python-{program}",
            nargs="+",
            default=[sys.executable, str(EXAMPLES / "python" / f"{program}.py")],
            metavar="WORD",
            help=f"another command for the {program} in Python",
        )
    parser.add_argument("--patience", type=float, default=20.0, metavar="SECONDS", help="for each step; default 20")
    programs = parser.parse_args()

    start = time.monotonic()
    timeline = Timeline()
    port = ReservedPort()
    print(f"ZeroMQ sockets that never hang and never lie: five programs, three languages, {port.endpoint}.")
    print("Times are seconds from the start.")
    try:
        with Stage(timeline, programs.patience) as stage:
            cast = play(programs, stage, timeline, port.endpoint)
    except StoryEnded as reason:
        print(f"\nThe demo can not go on: {reason}.")
        return 1
    finally:
        port.release()
    print_table(cast)
    print_missed(cast)
    all_kept = print_findings(examine(cast))
    print(f"  {'All promises kept' if all_kept else 'A promise was broken'}, in {time.monotonic() - start:.1f} s.")
    return 0 if all_kept else 1


if __name__ == "__main__":
    sys.exit(main())

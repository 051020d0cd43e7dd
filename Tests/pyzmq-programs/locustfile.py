# SPDX-License-Identifier: Apache-2.0
"""What locust runs: users of a web server, until both workers have told of enough requests."""

from typing import Any

import gevent
from locust import HttpUser, constant, events, task
from locust.runners import MasterRunner

from backend_used import backend_used

ENOUGH = 20
counts: dict[str, int] = {}


class Visitor(HttpUser):  # type: ignore[misc]
    wait_time = constant(0.01)

    @task  # type: ignore[untyped-decorator]
    def look(self) -> None:
        self.client.get("/")


@events.init.add_listener  # type: ignore[untyped-decorator]
def tell(environment: Any, **_rest: Any) -> None:
    print(f"backend {backend_used()}", flush=True)
    if isinstance(environment.runner, MasterRunner):
        print(f"port {environment.runner.server.port}", flush=True)
        events.worker_report.add_listener(lambda client_id, data, **_rest: count(environment, client_id, data))


def count(environment: Any, worker: str, data: Any) -> None:
    counts[worker] = counts.get(worker, 0) + data["stats_total"]["num_requests"]
    if len(counts) == 2 and min(counts.values()) >= ENOUGH:
        gevent.spawn(environment.runner.quit)

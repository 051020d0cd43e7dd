# SPDX-License-Identifier: Apache-2.0
"""A master of locust's and two workers, unchanged, on this package, with gevent."""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from watched import HERE, Program, WatchedTest, in_thread


class CountingServer(ThreadingHTTPServer):
    daemon_threads = True
    served = 0


class Handler(BaseHTTPRequestHandler):
    server: CountingServer

    def do_GET(self) -> None:
        self.server.served += 1
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_arguments: object) -> None:
        pass


class LocustTests(WatchedTest):
    def locust(self, *options: str) -> Program:
        return self.start("-m", "locust", "--locustfile", str(HERE / "locustfile.py"), "--skip-log-setup", *options)

    def test_a_master_with_two_workers(self) -> None:
        server = CountingServer(("127.0.0.1", 0), Handler)
        self.addCleanup(server.server_close)
        serving = in_thread(server.serve_forever)
        self.addCleanup(serving.join)
        self.addCleanup(server.shutdown)
        host = f"http://127.0.0.1:{server.server_port}"
        master = self.locust(
            *("--master", "--master-bind-host", "127.0.0.1", "--master-bind-port", "0", "--headless"),
            *("--expect-workers", "2", "--users", "4", "--spawn-rate", "4", "--host", host),
            *("--json", "--stop-timeout", "10"),
        )
        self.assert_is_wanted(master.line("backend"))
        port = master.line("port")
        workers = [
            self.locust("--worker", "--master-host", "127.0.0.1", "--master-port", port, "--host", host)
            for _ in range(2)
        ]
        for worker in workers:
            self.assert_is_wanted(worker.line("backend"))
        said = master.end()
        for worker in workers:
            worker.end()
        text = "\n".join(said)
        statistics = json.loads(text[text.index("[") : text.rindex("]") + 1])
        self.assertEqual([entry["num_failures"] for entry in statistics], [0])
        self.assertGreaterEqual(statistics[0]["num_requests"], 40)
        self.assertGreaterEqual(server.served, statistics[0]["num_requests"])

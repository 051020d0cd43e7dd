# SPDX-License-Identifier: Apache-2.0
"""A kernel of Jupyter's, driven by its client: both unchanged, on this package."""

import os
from typing import Any
from unittest import mock

from jupyter_client.manager import KernelManager, start_new_kernel

from watched import HERE, PATIENCE, WatchedTest


class JupyterTest(WatchedTest):
    """With places of its own for what Jupyter keeps."""

    def setUp(self) -> None:
        super().setUp()
        places = {name: str(self.folder) for name in ("JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR", "IPYTHONDIR")}
        patch = mock.patch.dict(os.environ, places)
        patch.start()
        self.addCleanup(patch.stop)


class KernelThatEndsFirst(JupyterTest):
    def test_its_client_sends_to_nobody_where_that_is_queued(self) -> None:
        program = self.start(str(HERE / "kernel_first.py"), EXZ_PYZMQ_QUEUE="1")
        self.assert_is_wanted(program.line("backend"))
        program.line("answer 42")
        program.line("over")
        program.end()


class KernelTests(JupyterTest):
    def setUp(self) -> None:
        super().setUp()
        self.manager: KernelManager
        self.client: Any
        self.manager, self.client = start_new_kernel(startup_timeout=PATIENCE, extra_arguments=["--log-level=ERROR"])
        self.addCleanup(self._end)

    def _end(self) -> None:
        self.client.stop_channels()
        if self.manager.is_alive():
            self.manager.shutdown_kernel(now=True)
        self.manager.cleanup_resources()

    def run_code(self, code: str) -> str:
        """What it prints."""
        printed: list[str] = []

        def note(message: dict[str, Any]) -> None:
            if message["msg_type"] == "stream":
                printed.append(message["content"]["text"])

        reply = self.client.execute_interactive(code, timeout=PATIENCE, output_hook=note)
        self.assertEqual(reply["content"]["status"], "ok", reply["content"])
        return "".join(printed).strip()

    def test_a_kernel_from_start_to_end(self) -> None:
        self.assert_wanted_here()
        self.assert_is_wanted(self.run_code("from backend_used import backend_used; print(backend_used())"))
        self._runs_and_completes()
        self._asks_for_input()
        self._is_interrupted()
        self._is_restarted()
        self._is_shut_down()

    def _runs_and_completes(self) -> None:
        self.assertEqual(self.run_code("answer = 6 * 7\nprint(answer)"), "42")
        # Much of it at once, and large.
        self.assertEqual(self.run_code("print('x' * 3_000_000)"), "x" * 3_000_000)
        self.assertEqual(self.run_code("for number in range(2000): print(number)").split()[-1], "1999")
        self.client.complete("answ", 4)
        self.assertIn("answer", self.client.get_shell_msg(timeout=PATIENCE)["content"]["matches"])
        self.assertTrue(self.client.hb_channel.is_beating())

    def _asks_for_input(self) -> None:
        def answer(_message: dict[str, Any]) -> None:
            self.client.input("a name")

        reply = self.client.execute_interactive(
            "name = input('who? ')", timeout=PATIENCE, allow_stdin=True, stdin_hook=answer
        )
        self.assertEqual(reply["content"]["status"], "ok")
        self.assertEqual(self.run_code("print(name)"), "a name")

    def _is_interrupted(self) -> None:
        """In the midst of its work, and while it waits for input.

        What ends with an error has the requests behind it aborted, as far as they have come by then, unless it is told
        not to.
        """
        self.client.execute("print('begun', flush=True)\nwhile True: pass", stop_on_error=False)
        while True:
            message = self.client.get_iopub_msg(timeout=PATIENCE)
            if message["msg_type"] == "stream" and "begun" in message["content"]["text"]:
                break
        self.manager.interrupt_kernel()
        self._assert_interrupted()
        self.client.execute("input()", allow_stdin=True, stop_on_error=False)
        self.client.get_stdin_msg(timeout=PATIENCE)
        self.manager.interrupt_kernel()
        self._assert_interrupted()
        self.assertEqual(self.run_code("print(answer)"), "42")

    def _assert_interrupted(self) -> None:
        content = self.client.get_shell_msg(timeout=PATIENCE)["content"]
        self.assertEqual((content["status"], content.get("ename")), ("error", "KeyboardInterrupt"))

    def _is_restarted(self) -> None:
        before = self.run_code("import os; print(os.getpid())")
        self.manager.restart_kernel()
        self.client.wait_for_ready(timeout=PATIENCE)
        self.assertNotEqual(self.run_code("import os; print(os.getpid())"), before)
        self.assertEqual(self.run_code("print('answer' in globals())"), "False")

    def _is_shut_down(self) -> None:
        """By itself, and not because somebody lost patience. Who asks for its heart's beat has ended by then."""
        provisioner: Any = self.manager.provisioner
        process = provisioner.process
        self.client.stop_channels()
        self.manager.shutdown_kernel()
        self.assertEqual(process.returncode, 0)

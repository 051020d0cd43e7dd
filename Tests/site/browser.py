# SPDX-License-Identifier: Apache-2.0
"""A browser that a test tells what to do: Chromium without a window, over the pipes of its developer tools."""

import json
import os
import select
import subprocess
import tempfile
import time
from types import TracebackType
from typing import Any, Self

PATIENCE = 120
"""Seconds after which whatever the browser was told hangs."""
COMMAND = os.environ.get("EXZ_BROWSER", "chromium")


class Browser:
    """Shows one page at a time. `complaints` has what pages could not load, and what went wrong in their scripts."""

    def __init__(self) -> None:
        self.complaints: list[str] = []
        self._profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        to_browser, self._to = os.pipe()
        self._from, from_browser = os.pipe()
        flags = ["--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe", "--window-size=1300,1000"]
        # The browser reads descriptor 3 and writes descriptor 4.
        script = f'exec "$@" 3<&{to_browser} 4>&{from_browser}'
        self._process = subprocess.Popen(
            ["sh", "-c", script, "sh", COMMAND, *flags, f"--user-data-dir={self._profile.name}", "about:blank"],
            pass_fds=(to_browser, from_browser),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(to_browser)
        os.close(from_browser)
        self._number = 0
        self._read = b""
        self._session: str | None = None
        target = self.tell("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.tell("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.tell(f"{domain}.enable")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait(PATIENCE)
        os.close(self._to)
        os.close(self._from)
        self._profile.cleanup()

    def show(self, url: str) -> None:
        """Goes to a page."""
        answer = self.tell("Page.navigate", url=url)
        if "errorText" in answer:
            raise AssertionError(f"{url}: {answer['errorText']}")

    def wait_for(self, expression: str) -> Any:
        """What an expression is as soon as it is something. It is looked at again with every change of the page."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            answer = self.tell(
                "Runtime.evaluate",
                expression=_WATCH.replace("EXPRESSION", expression),
                awaitPromise=True,
                returnByValue=True,
            )
            # A page that is left takes what waits on it along.
            value = answer.get("result", {}).get("value")
            if value:
                return value
        raise AssertionError(f"the page never has: {expression}")

    def tell(self, method: str, **parameters: Any) -> Any:
        """Has the browser do something; its answer."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        while True:
            told = self._next()
            if told.get("id") == self._number:
                return told.get("result", {})
            self._note(told.get("method", ""), told.get("params", {}))

    def _next(self) -> Any:
        while b"\0" not in self._read:
            if not select.select([self._from], [], [], PATIENCE)[0]:
                raise AssertionError("the browser says nothing any more")
            piece = os.read(self._from, 1 << 16)
            if not piece:
                raise AssertionError("the browser has ended")
            self._read += piece
        message, _, self._read = self._read.partition(b"\0")
        return json.loads(message)

    def _note(self, event: str, details: Any) -> None:
        if event == "Runtime.exceptionThrown":
            self.complaints.append(str(details["exceptionDetails"].get("exception", details["exceptionDetails"])))
        elif event == "Log.entryAdded" and details["entry"]["level"] == "error":
            self.complaints.append(f"{details['entry']['text']} {details['entry'].get('url', '')}")


_WATCH = """new Promise((resolve) => {
    let observer;
    const look = () => {
        const value = (() => EXPRESSION)();
        if (!value) return;
        observer?.disconnect();
        resolve(value);
    };
    observer = new MutationObserver(look);
    observer.observe(document, {subtree: true, childList: true, attributes: true, characterData: true});
    setTimeout(() => resolve(null), 2000);
    look();
})"""

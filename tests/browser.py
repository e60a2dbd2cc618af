"""A headless Chromium without network: what a page shows, asks for and complains of, under a real mouse and keys."""

from __future__ import annotations

import base64
import importlib.util
import itertools
import json
import os
import select
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)
QUIET = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--hide-scrollbars"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions"),
    "--host-resolver-rules=MAP * ~NOTFOUND",
)
PATIENCE = 60
"""Seconds that an answer may take on a busy machine."""
KEYS = {"Tab": 9, "ArrowRight": 39, "ArrowLeft": 37, " ": 32}


class Page:
    """A page under Chromium's DevTools protocol, spoken over a pair of pipes: no port, and no client is needed."""

    def __init__(self, to: int, back: int):
        self._to, self._back, self._buffer = to, back, b""
        self._numbers = itertools.count(1)
        self._session: str | None = None
        self._events: list[dict] = []
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Runtime", "Log"):
            self._call(f"{domain}.enable")

    def open(self, file: Path, width: int, dark: bool) -> None:
        """Load a file in a window of `width` pixels, light or dark."""
        metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        self._call("Emulation.setDeviceMetricsOverride", **metrics)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self._call("Emulation.setEmulatedMedia", media="", features=[scheme])
        self._events.clear()
        self._call("Page.navigate", url=file.as_uri())
        self._until(lambda: any(event["method"] == "Page.loadEventFired" for event in self._events))

    def run(self, script: str) -> Any:
        """The value of an expression in the page, awaited."""
        options = {"returnByValue": True, "awaitPromise": True}
        found = self._call("Runtime.evaluate", expression=script, **options)
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    def click(self, selector: str) -> None:
        """A click of the mouse on the middle of an element."""
        place = f"document.querySelector({json.dumps(selector)})"
        self.run(f"{place}.scrollIntoView({{block: 'center'}})")
        box = self.run(f"(b => [b.x + b.width / 2, b.y + b.height / 2])({place}.getBoundingClientRect())")
        for kind in ("mousePressed", "mouseReleased"):
            self._call("Input.dispatchMouseEvent", type=kind, x=box[0], y=box[1], button="left", clickCount=1)

    def press(self, key: str) -> None:
        """A key, down and up."""
        about = {"key": key, "code": "Space" if key == " " else key, "windowsVirtualKeyCode": KEYS[key]}
        text = {"text": " "} if key == " " else {}
        self._call("Input.dispatchKeyEvent", type="keyDown", **about, **text)
        self._call("Input.dispatchKeyEvent", type="keyUp", **about)

    def media(self, name: str) -> None:
        """Show the page as on "screen" or in "print"."""
        self._call("Emulation.setEmulatedMedia", media=name)

    def picture(self, file: Path, whole: bool = True) -> None:
        """A screenshot as PNG, of the whole page or of the window."""
        found = self._call("Page.captureScreenshot", captureBeyondViewport=whole, **({} if not whole else self._all()))
        file.write_bytes(base64.b64decode(found["data"]))

    @property
    def requests(self) -> set[str]:
        """Addresses that the page asked for since it was opened, but for the file itself and what it holds."""
        asked = [event["params"] for event in self._said() if event["method"] == "Network.requestWillBeSent"]
        return {
            one["request"]["url"]
            for one in asked
            if one["type"] != "Document" and not one["request"]["url"].startswith("data:")
        }

    @property
    def console(self) -> list[str]:
        """What the page wrote to its console, threw, or was refused."""
        methods = ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded")
        return [json.dumps(event["params"])[:500] for event in self._said() if event["method"] in methods]

    def _all(self) -> dict[str, Any]:
        size = self._call("Page.getLayoutMetrics")["cssContentSize"]
        return {"clip": {**size, "scale": 1}}

    def _said(self) -> list[dict]:
        self.run("1")  # whatever came before its answer is here
        return self._events

    def _call(self, method: str, **parameters: Any) -> dict[str, Any]:
        number = next(self._numbers)
        message: dict[str, Any] = {"id": number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self._to, data) :]
        answer: list[dict] = []
        self._until(lambda: bool(answer), answer, number)
        assert "error" not in answer[0], (method, answer[0])
        return answer[0]["result"]

    def _until(self, done: Any, answer: list[dict] | None = None, number: int = 0) -> None:
        """Read messages until something has come; events are kept."""
        end = time.monotonic() + PATIENCE
        while not done():
            message = self._message(end)
            if answer is not None and message.get("id") == number:
                answer.append(message)
            elif "method" in message:
                self._events.append(message)

    def _message(self, end: float) -> dict:
        while b"\0" not in self._buffer:
            assert select.select([self._back], [], [], max(0, end - time.monotonic()))[0], "Chromium does not answer"
            found = os.read(self._back, 2**20)
            assert found, "Chromium has ended"
            self._buffer += found
        line, _, self._buffer = self._buffer.partition(b"\0")
        return json.loads(line)


@contextmanager
def browser(folder: Path) -> Iterator[Page]:
    """A fresh Chromium whose profile lies in `folder`."""
    theirs_in, to = os.pipe()
    back, theirs_out = os.pipe()
    command = [str(CHROMIUM), *QUIET, f"--user-data-dir={folder / 'profile'}", "--remote-debugging-pipe"]
    # The protocol's pipes are a program's files 3 and 4: a shell puts them there.
    shell = ["bash", "-c", f'exec "$@" 3<&{theirs_in} 4>&{theirs_out}', "bash", *command]
    process = subprocess.Popen(shell, pass_fds=(theirs_in, theirs_out), stderr=subprocess.DEVNULL)
    os.close(theirs_in)
    os.close(theirs_out)
    try:
        yield Page(to, back)
    finally:
        process.terminate()
        process.wait(30)
        os.close(to)
        os.close(back)


def axe() -> Path | None:
    """The accessibility checker axe-core, as a package of the tests' environment carries it; None without it."""
    found = importlib.util.find_spec("axe_core_python")
    return Path(str(found.origin)).with_name("axe.min.js") if found and found.origin else None

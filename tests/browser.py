"""A headless Chromium that has no network: what a page shows, asks for and complains of."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)
QUIET = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--hide-scrollbars"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions"),
    "--host-resolver-rules=MAP * ~NOTFOUND",
)
# In a page of its own around the report: an iframe may be narrower than the narrowest window.
FRAME = """<body style="margin:0"><iframe src="{url}" style="width:{width}px;height:900px;border:0"></iframe><pre></pre>
<script>
window.onload = () => {{
  const page = document.querySelector("iframe").contentDocument;
  const seen = [...page.querySelectorAll("svg")].map(svg => {{
    const box = svg.getBoundingClientRect();
    const pictures = [...svg.querySelectorAll("image")].map(i => i.getBoundingClientRect().width);
    return {{name: svg.getAttribute("aria-labelledby"), width: box.width, height: box.height, pictures}};
  }});
  const card = page.querySelector(".card");
  document.querySelector("pre").textContent = JSON.stringify({{
    seen, wide: page.documentElement.scrollWidth, text: getComputedStyle(page.body).color,
    page: getComputedStyle(page.body).backgroundColor, card: getComputedStyle(card).backgroundColor,
    tables: [...page.querySelectorAll("table")].length
  }});
}};
</script></body>"""


@dataclass(frozen=True)
class Visit:
    """What the page measured, the addresses it asked for, and the lines of its console."""

    page: dict
    requests: set[str]
    console: list[str]


def visit(file: Path, width: int, dark: bool, folder: Path) -> Visit:
    """Open a page in a frame of `width` pixels, light or dark."""
    frame, log = folder / "frame.html", folder / "net.json"
    frame.write_text(FRAME.format(url=file.as_uri(), width=width))
    scheme = f"--blink-settings=preferredColorScheme={0 if dark else 1}"
    options = [f"--user-data-dir={folder / 'profile'}", f"--log-net-log={log}", "--allow-file-access-from-files"]
    looks = [scheme, f"--window-size={max(width, 500)},900", "--enable-logging=stderr", "--virtual-time-budget=3000"]
    command = [str(CHROMIUM), *QUIET, *options, *looks, "--dump-dom", frame.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    found = re.search(r"<pre>(.+?)</pre>", done.stdout, re.DOTALL)
    assert found, done.stderr[-2000:]
    console = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    return Visit(json.loads(found[1].replace("&quot;", '"')), _requests(log.read_text()), console)


def _requests(log: str) -> set[str]:
    """What a page asked the network for. Chromium's own questions have no origin, and find no host to go to."""
    asked = [event.get("params", {}) for event in json.loads(log)["events"]]
    return {entry["url"] for entry in asked if entry.get("initiator", "not an origin") != "not an origin"}

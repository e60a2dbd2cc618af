"""Downloads: from a server on this machine, broken off, gone on with, and held to their sums."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from ineq.config.study import load_study
from ineq.errors import InputError
from ineq.housekeeping.fetch import fetch
from ineq.io.download import download
from ineq.io.text import file_digest

ROOT = Path(__file__).resolve().parents[2]
CONTENT = bytes(range(256)) * 20_000


class Server(ThreadingHTTPServer):
    """Gives `CONTENT` at any address but /none; breaks off after `limit` bytes of an answer."""

    limit: int | None = None
    ranges = True
    asked: list[str]


class Answer(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        wanted = self.headers.get("Range", "") if self.server.ranges else ""
        self.server.asked.append(wanted)
        start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted else 0
        if self.path == "/none":
            self.send_error(404)
            return
        if start >= len(CONTENT):
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{len(CONTENT)}")
            self.end_headers()
            return
        self.send_response(206 if wanted else 200)
        self.send_header("Content-Length", str(len(CONTENT) - start))
        self.end_headers()
        limit = self.server.limit
        self.wfile.write(CONTENT[start:] if limit is None else CONTENT[start : start + limit])

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is printed."""


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(("127.0.0.1", 0), Answer) as running:
        running.asked = []
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield running
        running.shutdown()
        thread.join()


def address(server: Server, path: str = "/file") -> str:
    return f"http://127.0.0.1:{server.server_address[1]}{path}"


def test_a_download_goes_on_where_it_broke_off(server: Server, tmp_path: Path) -> None:
    target, seen = tmp_path / "folder" / "file", []
    server.limit = 1_000_000
    for count in (1, 2):
        with pytest.raises(InputError, match=f"ended after {count}000000 of 5120000 bytes; the same command goes on"):
            download(address(server), target)
        assert not target.exists()
    server.limit = None
    download(address(server), target, lambda done, total: seen.append((done, total)))
    assert target.read_bytes() == CONTENT and list(target.parent.iterdir()) == [target]
    assert server.asked == ["", "bytes=1000000-", "bytes=2000000-"]
    assert seen[0][0] > 2_000_000 and seen[-1] == (len(CONTENT), len(CONTENT))


def test_a_whole_part_and_a_server_that_always_starts_anew(server: Server, tmp_path: Path) -> None:
    part = tmp_path / "file.part"
    part.write_bytes(CONTENT)
    download(address(server), tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == CONTENT and not part.exists()
    part.write_bytes(b"the beginning of another")
    server.ranges = False
    download(address(server), tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == CONTENT


def test_what_cannot_be_had_is_a_sentence_with_what_to_do(server: Server, tmp_path: Path) -> None:
    server_gone = "http://127.0.0.1:9/file"
    for source, reason in {
        address(server, "/none"): "Not Found",
        server_gone: "refused",
        "file:///etc": "http",
    }.items():
        with pytest.raises(InputError, match=rf"can't be fetched \(.*{reason}.*\), expected its file at .*by hand"):
            download(source, tmp_path / "file")
    assert not (tmp_path / "file").exists()


@pytest.fixture
def root(tmp_path: Path, server: Server) -> Path:
    """A study whose one converted model comes from the server."""
    for name in ("models", "studies"):
        shutil.copytree(ROOT / name, tmp_path / name)
    yaml = YAML()
    content = yaml.load(ROOT / "params.yaml")
    model = content["models"][-1]
    content["train"]["models"].remove(model)
    content["convert"]["models"] = [model]
    yaml.dump(content, tmp_path / "params.yaml")
    card = tmp_path / "models" / "digits" / f"{model}.yaml"
    origin = f"  made: elsewhere\n  source: {address(server)}\n  sha256: null  # not known yet\n  accuracy: 0.5\n"
    text = card.read_text().replace("weights: train", "weights: convert")
    card.write_text(f"{text}# kept\norigin:\n{origin}")
    return tmp_path


def test_a_first_download_writes_the_sum_on_the_card(root: Path, server: Server) -> None:
    said: list[str] = []
    fetch(load_study(root), said.append)
    model = load_study(root).parameters.convert.models[0]
    target = root / "models" / "digits" / f"{model}.ckpt"
    found = load_study(root).cards[model].origin
    assert found is not None and found.sha256 == file_digest(target) and target.read_bytes() == CONTENT
    assert "# kept" in target.with_suffix(".yaml").read_text() and "now stands on its card" in said[0]
    fetch(load_study(root), said.append)
    assert "is there, and the one its card names" in said[1] and len(server.asked) == 1
    target.write_bytes(b"another")
    with pytest.raises(InputError, match=rf"{model}\.ckpt has the SHA-256 [0-9a-f]{{64}}, expected {found.sha256}"):
        fetch(load_study(root), said.append)


def test_a_file_put_there_by_hand_is_taken(root: Path, server: Server) -> None:
    model = load_study(root).parameters.convert.models[0]
    target = root / "models" / "digits" / f"{model}.ckpt"
    target.write_bytes(b"by hand")
    fetch(load_study(root), lambda line: None)
    origin = load_study(root).cards[model].origin
    assert server.asked == [] and origin is not None and origin.sha256 == file_digest(target)

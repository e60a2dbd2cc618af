"""Each place that moves a tensor, taken out in turn: what CUDA would refuse then, is refused. `make moves`.

First the study of seconds runs as it is, on the pretended GPU, and every job says which places it comes to. Then each
place is taken out, and what comes to it runs once more, the quickest first, until one is refused. What has to come of
it is listed in `pretended/moves.yaml`. All run in forks of one process, which imports the libraries once.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import io
import multiprocessing
import os
import re
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from multiprocessing.connection import Connection, wait
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from pretended.everything import with_everything
from pretended.moves import REACHED, Place, WatchedModules, listed, places

from ineq.runtime.warm import LIBRARIES

AT_ONCE = 2
MORE = ("pyautoattack", "scipy.optimize", "sklearn.datasets")
"""Libraries beside those of a warm start."""
REFUSAL = re.compile(r"same device|cuda:0 device type tensor|are on (cpu|cuda:0), expected")
"""What CUDA says, and what the project's own checks say."""
FORK = multiprocessing.get_context("fork")
Key = TypeVar("Key")
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Came:
    """What came of some uses: the places they came to, the seconds, and what stopped them if something did.

    That is `refused`, the use and the words of a refusal because of devices, or a traceback: an `error` of this test.
    """

    reached: frozenset[Place]
    seconds: float
    refused: str = ""
    error: str = ""

    @property
    def word(self) -> str:
        """What `moves.yaml` calls it."""
        return "error" if self.error else "refused" if self.refused else "harmless" if self.reached else "not reached"


def main() -> int:
    """Print what comes of each place; return 1 if one differs from what is listed."""
    started, wanted, words, wrong = time.monotonic(), listed(), Counter[str](), 0
    import_libraries()
    with TemporaryDirectory() as folder:
        project = with_everything(Path(folder, "project"))
        sys.path.append(str(project.root / ".tools" / "site"))
        with contextlib.chdir(project.root):
            whole = as_it_is()
            print(f"with nothing taken out, all {len(whole)} uses run through: {time.monotonic() - started:.0f} s")
            for place, came in forked({place: partial(run, coming_to(place, whole), place) for place in places()}):
                words[came.word] += 1
                wrong += tell(place, came, wanted.get(place, "nothing"))
    counts = ", ".join(f"{number} {word}" for word, number in words.most_common())
    print(f"{words.total()} places: {counts}; {wrong} not as listed: {time.monotonic() - started:.0f} s")
    return int(wrong > 0)


def tell(place: Place, came: Came, listing: str) -> bool:
    """Print what came of a place, and whether it is something else than is listed."""
    wrong = came.word != listing.partition(":")[0]
    print(f"{came.word}: {place}", came.refused, sep=", by " if came.refused else "")
    print(came.error, end=f"    but listed is: {listing}\n" if wrong else "", flush=True)
    return wrong


def import_libraries() -> None:
    """Import once what forks then have; each with one thread, since forks lose all others."""
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    for library in (*LIBRARIES.split(), *MORE):
        importlib.import_module(library)
    sys.modules["torch"].set_num_threads(1)
    places()
    gc.freeze()


def as_it_is() -> dict[str, Came]:
    """What came of each use with nothing taken out; ends where one doesn't run through."""
    ((_, names),) = forked({"names": use_names})
    found: dict[str, Came] = {}
    # The jobs of a stage need nothing of each other.
    for _, together in groupby(names, key=lambda name: name.split()[0]):
        for name, came in forked({name: partial(run, [name]) for name in together}):
            if came.refused or came.error:
                sys.exit(f"with nothing taken out, {name} fails: {came.refused}{came.error}")
            found[name] = came
    return found


def coming_to(place: Place, whole: Mapping[str, Came]) -> list[str]:
    """The uses that come to a place, the quickest first."""
    return sorted((name for name in whole if place in whole[name].reached), key=lambda name: whole[name].seconds)


def forked(tasks: Mapping[Key, Callable[[], Answer]]) -> Iterator[tuple[Key, Answer]]:
    """What each task gives, as they end: each in a fork of its own, two at once."""
    waiting, running = [*tasks][::-1], {}
    while waiting or running:
        while waiting and len(running) < AT_ONCE:
            answer, own = FORK.Pipe(duplex=False)
            FORK.Process(target=send, args=(own, tasks[key := waiting.pop()]), daemon=True).start()
            own.close()
            running[answer] = key
        for answer in wait([*running]):
            key = running.pop(answer)
            try:
                yield key, answer.recv()  # type: ignore[union-attr]
            except EOFError:
                sys.exit(f"{key}: its process ended without an answer")


def send(answer: Connection, task: Callable[[], Any]) -> None:
    answer.send(task())


def use_names() -> list[str]:
    """The names of all uses, in an order in which they can run."""
    from pretended.uses import uses

    return [*uses(None, None)]


def run(names: Sequence[str], out: Place | None = None) -> Came:
    """Run uses one after another without the place `out`, on a pretended GPU, with the project's modules anew."""
    for module in [module for module in sys.modules if module.partition(".")[0] == "ineq"]:
        del sys.modules[module]
    sys.meta_path.insert(0, WatchedModules(out))
    started, name, refused, error = time.process_time(), "", "", ""
    with TemporaryDirectory() as folder, contextlib.redirect_stderr(io.StringIO()):
        try:
            from pretended.pretended_gpu import PretendedGPU

            with PretendedGPU().present():
                from pretended.uses import uses

                found = uses(out, Path(folder) if out else None)
                for name in names:
                    found[name]()
        except Exception as raised:
            refused = refusal(raised) and f"{name}: {refusal(raised)}"
            error = "" if refused else f"{name}: {traceback.format_exc()}"
    return Came(frozenset(REACHED), time.process_time() - started, refused, error)


def refusal(error: BaseException | None) -> str:
    """The words of a refusal because of devices, of an error or what it came from; empty where there is none."""
    while error:
        if REFUSAL.search(str(error)):
            return str(error)
        error = error.__cause__ or error.__context__
    return ""


if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    os._exit(status)  # what torch has imported complains where it is taken apart

"""Every place that moves a tensor is listed, and a place that is taken out is out, but for type and memory format."""

from __future__ import annotations

import ast
from typing import Any

import pytest
import torch
from pretended.moves import HELPERS, REACHED, Place, listed, places, places_in, watched, without


def test_the_list_is_of_what_the_code_has() -> None:
    """One that is new: add its line to tests/pretended/moves.yaml, and see with `make moves` what comes of it."""
    there, named = set(places()), set(listed())
    assert not there - named, "not listed:\n" + "\n".join(map(str, sorted(there - named)))
    assert not named - there, "listed, but not there:\n" + "\n".join(map(str, sorted(named - there)))


def test_what_is_not_refused_has_a_reason() -> None:
    assert not [found for found in listed().values() if found != "refused" and not found.startswith("harmless: ")]


WITHOUT = {
    "x.cpu()": "x",
    "f(x).cuda(0)": "f(x)",
    "x.to(d, kind)": "tensor_stays(x, d, kind)",
    "torch.ones(2, dtype=kind, device=d)": "torch.ones(2, dtype=kind)",
    "torch.load(path, map_location=d)": "torch.load(path)",
    "as_images(x, d)": "as_images(x, None)",
    **{call: call for call in ("as_images(x)", "x.total()", "torch.ones(2)", "fork_rng(devices=[d])")},
}


@pytest.mark.parametrize("call", WITHOUT)
def test_a_call_loses_its_move(call: str) -> None:
    found = ast.parse(call, mode="eval").body
    assert isinstance(found, ast.Call) and ast.unparse(without(found)) == WITHOUT[call]


SOURCE = """
class Run:
    def moved(self, x):
        return x.to("meta", torch.float64), x.to("meta"), x.to("meta")
"""
PLACES = [Place("a.py", "Run.moved", call) for call in ("x.to('meta', torch.float64)", "x.to('meta')")]
TWICE = [*PLACES, PLACES[1]._replace(call="x.to('meta') (2)")]


def test_a_place_has_its_function_and_a_number_where_it_is_there_twice() -> None:
    assert places_in(SOURCE, "a.py") == TWICE


@pytest.mark.parametrize("out", [None, *TWICE], ids=str)
def test_one_place_is_taken_out_but_for_its_type_and_all_are_reached(out: Place | None) -> None:
    names: dict[str, Any] = {"torch": torch, **HELPERS}
    exec(watched(SOURCE, "a.py", out), names)
    REACHED.clear()
    found = names["Run"]().moved(torch.ones(2))
    assert [tensor.device.type for tensor in found] == ["cpu" if place == out else "meta" for place in TWICE]
    assert [tensor.dtype for tensor in found] == [torch.float64, torch.float32, torch.float32]
    assert set(TWICE) == REACHED

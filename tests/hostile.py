"""Values, texts and bytes that nobody wants in a file: what property-based tests put in the place of good ones."""

from __future__ import annotations

import copy
import json
import math
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

MARKER = "marker"
"""A file of this name is made by whatever runs what it should only read."""


class Raw(str):
    """YAML to be written as it is."""


RAW = (
    *(f'!!python/object/apply:{name} ["touch {MARKER}"]' for name in ("os.system", "subprocess.check_output")),
    f'!!python/object/new:os.system ["touch {MARKER}"]',
    f"!!python/name:os.system {MARKER}",
    *("2001-13-45", "2001-12-14t21:59:43.10-05:00", "0x" + "f" * 5000, "1" * 5000, "1e999", "0o9", ".inf", "-.inf"),
    *(".nan", "!!int x", "!!float x", "!!bool x", "!!timestamp x", "!!binary x", "!!set {a}", "!!omap [a: 1]", "!x y"),
    *("*nobody", "&a [*a]", "&a {b: *a}", "{<<: 3}", "{<<: [{a: 1}, {b: 2}]}", "[1, 2", "{a: 1, a: 2}", "{? [a] : b}"),
    *("{1: 2}", "{null: 1}", "~", '"\\ud800"', '"\\0"', "|\n  text\n", "'a\n\n b'", "%TAG ! x", "[" * 3000, "? a"),
)
"""Pieces of YAML, some of which are none."""
NAMES = (
    *(f"x; touch {MARKER}", f"$(touch {MARKER})", f"`touch {MARKER}`", f"x\ntouch {MARKER}", f"x && touch {MARKER}"),
    *(
        f"x | touch {MARKER}",
        f"x' ; touch {MARKER} '",
        f'x" ; touch {MARKER} "',
        f"-c touch {MARKER}",
        f"x\rtouch {MARKER}",
    ),
    *(
        "${study}",
        "${item.model}",
        "{study}",
        "{wildcards.model}",
        "{data.path}",
        "{0.__class__}",
        "%(study)s",
        "{{x}}",
    ),
    *(
        "../digits",
        "..",
        ".",
        "",
        " ",
        "/",
        "/etc/passwd",
        "/etc",
        "~",
        "~root",
        "a/../../b",
        "a//b",
        "./a",
        "a/",
        "\\\\a",
    ),
    *("data/../../x", "results/digits/data/data.h5", "file:///etc/passwd", "http://localhost/x", "remote://x/y"),
    *("--help", "-x", "a b", "a\n", "a\0b", "a\x1b[31m", "é", "\u202e", "‮gpj", "x" * 101, "x" * 300, "x" * 5000),
    *("con", "null", "true", "1e5", "linf-0.3", "standard", "linf_0.3", "Standard", "digits", ".hidden", "*", "?"),
)
"""What may stand where a name or a path is wanted."""
NUMBERS = (
    *(0, 1, -1, 2, 3, 7, 255, 2**31, 2**32, 2**53 + 1, 2**63, -(2**63), 10**30, 10**400, 0.5, -0.0, 1e-320, 1e308),
    *(-1e308, math.inf, -math.inf, math.nan, 1.0000000000000002, 8.0, 1e20, True, False),
)
FRACTIONS = ("8/255", "8/0", "0/1", "9" * 400 + "/1", "1/" + "9" * 400, "1/2/3", "-1/2", "٣/٤", "1.5/2", "1/2.5")

leaf = st.one_of(
    st.sampled_from(NUMBERS),
    st.sampled_from(NAMES),
    st.sampled_from(FRACTIONS),
    st.none(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
)
"""A single value that JSON or YAML can write."""
value = st.recursive(
    leaf,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
"""A value of any shape."""
yaml_value = value | st.sampled_from(RAW).map(Raw)


def places(content: Any, prefix: tuple = ()) -> Iterator[tuple]:
    """The way to every value in nested dicts and lists."""
    inner = content.items() if isinstance(content, dict) else enumerate(content) if isinstance(content, list) else ()
    for key, item in inner:
        yield (*prefix, key)
        yield from places(item, (*prefix, key))


@st.composite
def spoilt(draw: st.DrawFn, good: Any, values: st.SearchStrategy = value) -> Any:
    """Good content with up to three changes: a value replaced, removed, renamed or added, one list's for another's."""
    content = copy.deepcopy(good)
    for _ in range(draw(st.integers(1, 3))):
        where = draw(st.sampled_from(list(places(content)) or [()]))
        if not where:
            return draw(values)
        *way, last = where  # pyright: ignore[reportGeneralTypeIssues]
        section = content
        for key in way:
            section = section[key]
        kind = draw(st.sampled_from(("replace", "replace", "replace", "remove", "rename", "add")))
        if kind == "replace":
            section[last] = draw(values)
        elif kind == "remove":
            del section[last]
        elif isinstance(section, list):
            section.append(draw(values))
        elif kind == "rename":
            section[draw(st.sampled_from(NAMES) | st.just(f"{last}"[:-1]) | st.text(max_size=8))] = section.pop(last)
        else:
            section[draw(st.sampled_from(NAMES) | st.text(max_size=8))] = draw(values)
    return content


@st.composite
def broken(draw: st.DrawFn, good: bytes) -> bytes:
    """Good bytes cut off, with some replaced, flipped, doubled or added; or others altogether."""
    kind = draw(st.sampled_from(("cut", "flip", "flip", "put", "double", "other", "tail"))) if good else "other"
    place = draw(st.integers(0, max(len(good) - 1, 0)))
    if kind == "cut":
        return good[:place]
    if kind == "flip":
        content = bytearray(good)
        for where in draw(st.lists(st.integers(0, max(len(good) - 1, 0)), min_size=1, max_size=5)):
            content[where] ^= 1 << draw(st.integers(0, 7))
        return bytes(content)
    if kind == "other":
        return draw(st.binary(max_size=200) | st.sampled_from((b"", b"\0" * 100, b"\xff\xfe", good[::-1])))
    if kind == "tail":
        return good + draw(st.binary(max_size=50))
    end = draw(st.integers(place, len(good)))
    if kind == "double":
        return good[:end] + good[place:]
    return good[:place] + draw(st.binary(max_size=50)) + good[end:]


def as_yaml(content: Any) -> str:
    """Content as YAML on one line, or on several where a `Raw` piece has them."""
    if isinstance(content, Raw):
        return str(content)
    if isinstance(content, dict):
        return "{" + ", ".join(f"{as_yaml(str(key))}: {as_yaml(item)}" for key, item in content.items()) + "}"
    if isinstance(content, list):
        return "[" + ", ".join(map(as_yaml, content)) + "]"
    if isinstance(content, float) and not math.isfinite(content):
        return ".nan" if math.isnan(content) else f"{'-' * (content < 0)}.inf"
    return json.dumps(content)

"""Attribution with any method: a built-in one, or one of another package."""

from __future__ import annotations

from functools import wraps
from typing import Any

from torch import nn

from ineq import installed
from ineq.attribution import methods
from ineq.attribution.methods import METHODS, Images, Method
from ineq.data.checks import Array
from ineq.errors import InputError, refuse_unknown


def register(name: str) -> None:
    """Make a plug-in method one of `METHODS` in this process; a built-in one is never replaced.

    Raises `InputError` for a name that nobody knows, and for a plug-in that is no `Method`.
    """
    if name in METHODS:
        return
    known = installed.names("method")
    refuse_unknown("attribution method", str(name), {*METHODS, *known})
    plugin = installed.find("method", name)
    method = plugin.load()
    if not isinstance(method, Method):
        raise InputError(f"{plugin} is a {type(method).__name__}, expected an ineq.attribution.methods.Method")
    METHODS[name] = method


@wraps(methods.attribute)
def attribute(
    model: nn.Module, images: Images, labels: Array, method: str = "integrated_gradients", **arguments: Any
) -> Images:
    """As `ineq.attribution.methods.attribute`, with methods of other packages too."""
    register(method)
    return methods.attribute(model, images, labels, method, **arguments)


attribute.__doc__ = (
    f"{methods.attribute.__doc__}\n\n    A method that is not built in is looked for among installed ones."
)

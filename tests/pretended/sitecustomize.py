"""With this folder on Python's path, every process has a pretended GPU as soon as it has imported torch.

Unless the environment says, as with a real one, that it may see none.
"""

from __future__ import annotations

import atexit
import importlib.abc
import importlib.util
import os
import sys
from typing import Any


class _AfterTorch(importlib.abc.MetaPathFinder):
    """Finds torch as it is found anyway, and puts the pretended GPU in once it is there."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        if name != "torch":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        if spec is None or spec.loader is None:
            return spec
        execute = spec.loader.exec_module

        def with_gpu(module: Any) -> None:
            execute(module)
            from pretended_gpu import PretendedGPU

            presence = PretendedGPU().present()
            presence.__enter__()
            # It leaves while torch is still whole.
            atexit.register(presence.__exit__, None, None, None)

        spec.loader.exec_module = with_gpu  # type: ignore[method-assign]
        return spec


if os.environ.get("CUDA_VISIBLE_DEVICES") != "":
    sys.meta_path.insert(0, _AfterTorch())

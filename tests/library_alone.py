"""That the library works where no extra is installed, and says so of what does not: `python tests/library_alone.py`.

tests/unit/test_extras.py runs it where everything is installed and all but the library's packages are hidden,
tools/lowest.py where nothing else is installed. It imports nothing that only tests have.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import torch
from torch import nn

import ineq
from ineq.extras import MissingExtra

ROOT = Path(__file__).resolve().parents[1]
IMAGES, LABELS = torch.rand(4, 3, 8, 8, generator=torch.Generator().manual_seed(0)), torch.arange(4)


def model() -> nn.Module:
    """A small network on pixels, untrained."""
    network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Tanh(), nn.Flatten(), nn.Linear(144, 4))
    return ineq.Normalized(network, [0.5] * 3, [0.25] * 3)


def attacks_and_measures() -> None:
    """What needs no gradients imports no matplotlib either."""
    maps = IMAGES - 0.5
    assert ineq.gini(maps.reshape(4, -1)).shape == ineq.regional_gini(maps, region=2).shape == (4,)
    assert ineq.sparsity(maps.reshape(4, -1)).shape == (4,)
    ineq.noise_attack(model(), IMAGES, LABELS, maps, subpixels=8)
    ineq.occlusion_attack(model(), IMAGES, LABELS, maps, count=2, radius=1, region=2)
    assert not {"matplotlib", "captum"} & set(sys.modules), "attacks and measures import matplotlib"


def attributions() -> None:
    """Every method, and the contract that a plug-in's method is held to."""
    from ineq.attribution.methods import METHODS
    from ineq.testing import check_method

    assert "matplotlib" not in sys.modules, "the contract of plug-ins imports matplotlib"
    for method in METHODS:
        assert bool(ineq.attribute(model(), IMAGES, LABELS, method).isfinite().all())
    check_method(METHODS["input_x_gradient"])


def plugins() -> None:
    """A method and an attack of other packages, found by their entry points."""
    from ineq.attacks.registry import attack_of
    from ineq.attacks.run import attack_outcome

    with tempfile.TemporaryDirectory() as folder:
        for name, entry in {"gradient_power": "ineq.methods:METHOD", "erase": "ineq.attacks:Erase"}.items():
            group, target = entry.split(":")
            information = Path(folder) / f"{name}-0.1.dist-info"
            information.mkdir()
            (information / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 0.1\n")
            (information / "entry_points.txt").write_text(f"[{group}]\n{name} = {name}:{target}\n")
            sys.path.append(str(ROOT / "tests" / "plugins" / name))
        sys.path.append(folder)
        maps = ineq.attribute(model(), IMAGES, LABELS, "gradient_power")
        outcome = attack_outcome(attack_of("erase", {"values": 96}), model(), IMAGES, LABELS, maps)
    assert bool(maps.isfinite().all()) and {*outcome.prediction} == {"important", "random", "least"}


def audit() -> None:
    """Both questions about a model, in memory."""
    images = torch.rand(24, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    network = model()
    assert len(ineq.audit(network, images, network(images).argmax(1), quick=True).summary()) == 9


def checkpoints() -> None:
    """A network is written to safetensors, and read again."""
    from safetensors.torch import load_file, save_file

    from ineq.models.architectures import build

    network = build({"name": "resnet8", "width": 4, "channels": 3, "classes": 4})
    with tempfile.TemporaryDirectory() as folder:
        save_file(network.state_dict(), path := f"{folder}/network.safetensors")
        network.load_state_dict(load_file(path))


def _autoattack() -> None:
    from ineq.attacks.autoattack import auto_attack

    auto_attack(model(), IMAGES, LABELS, epsilon=0.1, norm="linf", seed=0)


def _torchvision() -> None:
    from ineq.models.architectures import build

    build({"name": "torchvision.resnet18", "channels": 3, "classes": 4})


def _densenet() -> None:
    from ineq.models.architectures import build

    build({"name": "densenet40", "width": 4, "channels": 3, "classes": 4})


def _mcnemar() -> None:
    from ineq.statistics.significance import mcnemar

    mcnemar(1, 2)


def _study() -> None:
    import ineq.config.study  # noqa: F401


def _hdf5() -> None:
    import ineq.io.hdf5  # noqa: F401


def _data() -> None:
    import ineq.data.dataset  # noqa: F401


REFUSED: Mapping[Callable[[], None], str] = {
    _autoattack: "pyautoattack is not installed, which AutoAttack needs: pip install 'ineq[robustness]'",
    _torchvision: "torchvision is not installed, which architecture 'torchvision.resnet18' needs: "
    "pip install 'ineq[workflow]'",
    _densenet: "torchvision is not installed, which a DenseNet needs: pip install 'ineq[workflow]'",
    _mcnemar: "scipy is not installed, which McNemar's test needs: pip install 'ineq[workflow]'",
    _study: "pydantic is not installed, which the workflow needs: pip install 'ineq[workflow]'",
    _hdf5: "h5py is not installed, which an HDF5 file needs: pip install 'ineq[workflow]'",
    _data: "h5py is not installed, which an HDF5 file needs: pip install 'ineq[workflow]'",
}
"""Functions of the library that need an extra, and what they say without it."""
COMMANDS = {
    ("-m", "ineq", "study", "list"): "ineq: typer",
    ("-m", "ineq"): "ineq: typer",
    ("workflow/scripts/attack.py", "--model", "standard"): "attack: pydantic",
    ("workflow/scripts/list_code.py",): "code: pydantic",
    ("workflow/scripts/list_inputs.py", "--stage", "tables"): "inputs: pydantic",
}
"""Arguments of Python, and how the sentence starts that they end with."""


def functions_say_what_is_missing() -> None:
    for function, sentence in REFUSED.items():
        try:
            function()
        except MissingExtra as error:
            assert str(error) == sentence, f"{error} is not: {sentence}"
        else:
            raise AssertionError(f"not raised: {sentence}")


def commands_say_what_is_missing() -> None:
    for words, start in COMMANDS.items():
        done = subprocess.run([sys.executable, *words], cwd=ROOT, capture_output=True, text=True)
        sentence = f"{start} is not installed, which the workflow needs: pip install 'ineq[workflow]'\n"
        assert (done.returncode, done.stdout, done.stderr) == (2, "", sentence), f"{words}: {done}"


if __name__ == "__main__":
    # In this order: attributions import captum, and with it matplotlib.
    for check in (
        attacks_and_measures,
        attributions,
        plugins,
        audit,
        checkpoints,
        functions_say_what_is_missing,
        commands_say_what_is_missing,
    ):
        check()
    print("the library stands alone")

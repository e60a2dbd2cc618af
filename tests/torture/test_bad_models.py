"""Models, arrays, checkpoints and names as people bring them, mixed: right, or one sentence, and nothing changed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from cases import cases, refused
from hypothesis import given
from hypothesis import strategies as st
from odd_networks import NO_GRADIENT, REFUSED, TAKEN, X, plain

import ineq
from ineq.io.tables import read_table, write_table
from ineq.models.architectures import build
from ineq.models.foreign import load_foreign

# torch means to give up TorchScript and its own quantisation one day; people still bring them.
pytestmark = pytest.mark.filterwarnings("ignore")
MODELS: dict[str, Callable[[], Any]] = {**TAKEN, **NO_GRADIENT, **{kind: make for kind, (make, _) in REFUSED.items()}}
LAYOUTS: dict[str, Callable[[np.ndarray], Any]] = {
    "numpy": lambda values: values,
    "torch": lambda values: torch.from_numpy(values.copy()),
    "a gradient": lambda values: torch.from_numpy(values.astype(np.float32)).requires_grad_(),
    "other strides": lambda values: np.ascontiguousarray(values.T).T,
    "channels last": lambda values: torch.from_numpy(np.ascontiguousarray(values.T)).permute(*range(values.ndim)[::-1]),
    "backwards": lambda values: values[::-1].copy()[::-1],
    "big endian": lambda values: values.astype(values.dtype.newbyteorder(">")),
    "float64": lambda values: values.astype(np.float64),
    "float16": lambda values: values.astype(np.float16),
    "bytes": lambda values: (values * 255).astype(np.uint8),
    "booleans": lambda values: values > 0.5,
    "objects": lambda values: values.astype(object),
    "complex": lambda values: values.astype(complex),
    "a list": lambda values: values.tolist(),
    "tensors in a list": lambda values: [*torch.from_numpy(values.copy())],
    "masked": lambda values: np.ma.masked_array(values, values > 0.9),
    "sparse": lambda values: torch.from_numpy(values.copy()).to_sparse(),
    "a hair too large": lambda values: values * np.float32(1 + 2e-7) + np.float32(1e-7),
    "of 0 to 255": lambda values: values * 255,
    "not a number": lambda values: np.where(values > 0.99, np.nan, values),
    "empty": lambda values: values[:0],
    "one axis less": lambda values: values[0],
    "nothing": lambda values: None,
}
CALLS: dict[str, Callable[[Any, Any, Any, Any], object]] = {
    "attribute": lambda model, images, labels, maps: ineq.attribute(model, images, labels, steps=2),
    "gradient_shap": lambda model, images, labels, maps: ineq.attribute(
        model, images, labels, "gradient_shap", samples=2
    ),
    "gini": lambda model, images, labels, maps: ineq.gini(maps),
    "regional_gini": lambda model, images, labels, maps: ineq.regional_gini(maps, 2),
    "sparsity": lambda model, images, labels, maps: ineq.sparsity(maps),
    "noise_attack": lambda model, images, labels, maps: ineq.noise_attack(model, images, labels, maps, subpixels=5),
    "occlusion_attack": lambda model, images, labels, maps: ineq.occlusion_attack(
        model, images, labels, maps, count=1, radius=1, region=2
    ),
    "audit": lambda model, images, labels, maps: ineq.audit(model, images, labels, quick=True),
}
IMAGES = X.repeat(6, 1, 1, 1).numpy()
LABELS = plain()(torch.from_numpy(IMAGES)).argmax(1).numpy()


def contents(value: Any) -> Any:
    """What of a caller's array a measurement could change."""
    if isinstance(value, torch.Tensor):
        return value.detach().to_dense().clone().numpy().tobytes()
    return [contents(one) for one in value] if isinstance(value, list) else repr(np.asarray(value).tolist())


@cases(8)
@given(
    st.sampled_from(list(MODELS)) | st.just("frozen"),
    st.sampled_from(list(CALLS)),
    *(st.sampled_from(list(LAYOUTS)) | st.sampled_from(["numpy", "torch"]) for _ in range(3)),
)
def test_any_model_and_arrays(
    tmp_path_factory: pytest.TempPathFactory, kind: str, call: str, images: str, labels: str, maps: str
) -> None:
    torch.set_num_threads(1)
    model, place = MODELS[kind](), tmp_path_factory.getbasetemp()
    arrays = [LAYOUTS[images](IMAGES), LAYOUTS[labels](LABELS), LAYOUTS[maps](IMAGES - np.float32(0.5))]
    before = [contents(value) for value in arrays]
    refused(lambda: CALLS[call](model, *arrays), place)
    assert [contents(value) for value in arrays] == before


ARCHITECTURE = {"name": "resnet8", "width": 2, "channels": 3, "classes": 5}
NETWORK: dict[str, Any] = {"architecture": ARCHITECTURE, "normalisation": {"mean": [0.4] * 3, "std": [0.2] * 3}}
WEIGHTS = build(ARCHITECTURE, seed=3).state_dict()
KEYS = st.sampled_from(["state_dict", "model", "net", "ema", "model_ema", "params", "0", "weights", "a b"])
PREFIXES = st.lists(
    st.sampled_from(["module.", "model.", "net.", "_orig_mod.", "network.", "backbone.", "0.", "1.", "x_"]), max_size=3
).map("".join)
BESIDE = {
    "epoch": 3,
    "optimizer": {"state": {0: {"exp_avg": torch.zeros(4, 3, 3, 3)}}, "param_groups": [{"lr": 0.1}]},
    "best_acc": torch.tensor(0.9),
    "args": object,
    "n_averaged": torch.tensor(7),
    "mean": torch.full((3,), 0.4),
    "std": torch.full((3,), 0.2),
    "other": {"weight": torch.zeros(2, 2)},
}


@cases(6)
@given(PREFIXES, st.lists(KEYS, max_size=3), st.dictionaries(st.sampled_from(list(BESIDE)), st.booleans()), st.data())
def test_any_form_of_a_checkpoint(
    tmp_path_factory: pytest.TempPathFactory, prefix: str, keys: list[str], beside: dict[str, bool], data: st.DataObject
) -> None:
    left_out = data.draw(st.just(None) | st.sampled_from(list(WEIGHTS)))
    content: Any = {f"{prefix}{name}": value for name, value in WEIGHTS.items() if name != left_out}
    content |= {name: BESIDE[name] for name, inside in beside.items() if inside}
    for key in keys:
        content = {key: content}
    content |= {name: BESIDE[name] for name, inside in beside.items() if not inside}
    place = tmp_path_factory.mktemp("checkpoint")
    torch.save(content, place / "model.pt")
    models: list[ineq.Normalized] = []
    said = refused(lambda: models.append(load_foreign(Path("model.pt"), **NETWORK)), place)
    if models:
        network = build(ARCHITECTURE, seed=3).eval()
        wanted = network((torch.from_numpy(IMAGES) - 0.4) / 0.2)
        torch.testing.assert_close(models[0](torch.from_numpy(IMAGES)), wanted)
    assert models or said.startswith("model.pt")


TEXTS = st.sampled_from(["0", "08", "NA", "None", "nan", "inf", "true", "1e3", "1_000", "~", "-", "模型", "é", "é"])


@cases(3)
@given(st.lists(TEXTS | st.text(st.characters(exclude_categories=["C"]), min_size=1, max_size=9), min_size=1))
def test_any_names_in_a_table(tmp_path_factory: pytest.TempPathFactory, names: list[str]) -> None:
    place = tmp_path_factory.mktemp("table")
    table = pd.DataFrame({"model": names, "method": names[::-1], "accuracy": 0.5})

    def both() -> None:
        write_table(Path("models.csv"), table)
        assert read_table(Path("models.csv"), "tables")["model"].tolist() == names

    assert not refused(both, place)


@cases(3)
@given(TEXTS | st.text(max_size=9))
def test_any_name_of_a_model(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    def audit() -> None:
        images = torch.from_numpy(IMAGES)
        found = ineq.audit(plain(), images, LABELS, quick=True, name=name, options={"steps": 2})
        assert set(found.tables["verdict"]["model"]) == {name} and found.summary()["value"].notna().all()

    said = refused(audit, tmp_path_factory.getbasetemp())
    assert not said or "is called" in said

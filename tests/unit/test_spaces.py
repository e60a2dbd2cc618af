"""The normalised space is the one that a network applies to its images, under whatever people wrap it in."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.distributed import HashStore, destroy_process_group, init_process_group
from torch.nn import functional
from torch.optim.swa_utils import AveragedModel
from torchvision.transforms import Normalize, v2

import ineq
from ineq.models.forward import normalisation

torch.set_num_threads(1)
pytestmark = pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::DeprecationWarning", "ignore::UserWarning")
MEAN, STD, OTHER = [0.4, 0.5, 0.6], [0.2, 0.25, 0.3], [0.1, 0.1, 0.1]
X = torch.from_numpy(np.random.default_rng(0).random((2, 3, 4, 4), np.float32))
Y = torch.arange(2)


def bare() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Linear(48, 5)).eval()


def normalized() -> nn.Module:
    return ineq.Normalized(bare(), MEAN, STD).eval()


class Wrapper(nn.Module):
    """Modules by name, of which the forward pass uses those of `order`, one after another."""

    def __init__(self, *order: str, **modules: nn.Module) -> None:
        super().__init__()
        self.order = order
        for name, module in modules.items():
            self.add_module(name, module)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        for name in self.order:
            images = getattr(self, name)(images)
        return images


class Constants(nn.Module):
    """A network with constants of the pixels, by what names it may be; `does` it apply them?"""

    def __init__(self, names: tuple[str, str], mean: Any, std: Any, does: bool = True, network: Any = None) -> None:
        super().__init__()
        self.names, self.does, self.net = names, does, network
        for name, values in zip(names, (mean, std), strict=True):
            setattr(self, name, values)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        if self.does:
            mean, std = (getattr(self, name).reshape(-1, 1, 1) for name in self.names)
            images = (images - mean) / std
        return images if self.net is None else self.net(images)


def constants(names: tuple[str, str] = ("mean", "std"), **options: Any) -> nn.Module:
    return Constants(names, torch.tensor(MEAN), torch.tensor(STD), **options)


def head() -> nn.Module:
    return Constants(("mean", "std"), torch.tensor(MEAN), torch.tensor(STD), False, nn.Linear(5, 5))


class OneModule(nn.Module):
    """A network that has no layers inside."""

    def __init__(self) -> None:
        super().__init__()
        self.mean, self.std, self.linear = torch.tensor(MEAN), torch.tensor(STD), [*bare().parameters()]

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        normal = (images - self.mean.view(3, 1, 1)) / self.std.view(3, 1, 1)
        return functional.linear(normal.flatten(1), *self.linear)


class Unreadable(Wrapper):
    @property
    def mean(self) -> torch.Tensor:
        raise RuntimeError("not computed yet")


class Ensemble(nn.Module):
    def __init__(self, *networks: nn.Module) -> None:
        super().__init__()
        self.networks = nn.ModuleList(networks)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return torch.stack([network(images) for network in self.networks]).mean(0)


def compiled(model: nn.Module) -> Any:
    return torch.compile(model, backend="eager")


FOUND: dict[str, Callable[[], Any]] = {
    "DataParallel": lambda: nn.DataParallel(normalized()),
    "an average of weights": lambda: AveragedModel(normalized()),
    "compiled": lambda: compiled(normalized()),
    "wrapped in wrappers": lambda: nn.DataParallel(compiled(AveragedModel(Wrapper("net", net=normalized())))),
    "two of one space": lambda: Ensemble(normalized(), normalized()),
    "torchvision's Normalize": lambda: nn.Sequential(Normalize(MEAN, STD), bare()),
    "torchvision's, in place": lambda: nn.Sequential(Normalize(MEAN, STD, inplace=True), bare()),
    "torchvision's second one": lambda: nn.Sequential(v2.Normalize(MEAN, STD), bare()),
    "first of the first": lambda: nn.Sequential(nn.Sequential(Normalize(MEAN, STD)), bare()),
    "a part of a wrapper": lambda: Wrapper("norm", "net", net=bare(), norm=Normalize(MEAN, STD)),
    "RobustBench, mu and sigma": lambda: constants(("mu", "sigma"), network=bare()),
    "without layers": OneModule,
    "pixel_mean and pixel_std": lambda: constants(("pixel_mean", "pixel_std"), network=bare()),
    "means and stds": lambda: constants(("means", "stds"), network=bare()),
    "robustness, new_mean and new_std": lambda: Wrapper("a", "b", a=constants(("new_mean", "new_std")), b=bare()),
    "scripted": lambda: torch.jit.script(normalized()),
    "scripted in a row": lambda: torch.jit.script(nn.Sequential(Normalize(MEAN, STD), bare())),
    "traced": lambda: torch.jit.trace(normalized(), X),
    "torch.fx": lambda: torch.fx.symbolic_trace(normalized()),
}
NOT_FOUND: dict[str, Callable[[], nn.Module]] = {
    "a bare network": bare,
    "a layer of noise": lambda: nn.Sequential(constants(does=False), bare()),
    "pixels up to 255": lambda: nn.Sequential(Normalize([104.0, 117.0, 123.0], [58.0, 57.0, 57.0]), bare()),
    "statistics of features": lambda: Constants(("mean", "std"), torch.ones(48), torch.ones(48), False, bare()),
    "statistics of a head": lambda: Wrapper("body", "head", body=bare(), head=head()),
    "numbers of how weights are drawn": lambda: Constants(("init_mean", "init_std"), 0.1, 0.02, False, bare()),
    "below 0": lambda: Constants(("mean", "std"), torch.full((3,), -0.5), torch.ones(3), True, bare()),
    "no numbers": lambda: Constants(("mean", "std"), ["a", "b", "c"], None, False, bare()),
    "NaN": lambda: Constants(("mean", "std"), torch.full((3,), torch.nan), torch.ones(3), False, bare()),
    "a property that fails": lambda: Unreadable("net", net=bare()),
    "behind a layer": lambda: nn.Sequential(nn.Conv2d(3, 3, 1), Normalize(MEAN, STD), bare()),
    "two spaces": lambda: Ensemble(normalized(), ineq.Normalized(bare(), OTHER, STD)),
    "two spaces in a wrapper": lambda: Wrapper("a", "net", a=Normalize(MEAN, STD), b=Normalize(OTHER, STD), net=bare()),
}


def space(model: nn.Module) -> list[float]:
    return [float(value) for values in normalisation(model, X) for value in values.flatten()]


@pytest.mark.parametrize("kind", FOUND)
def test_the_space_is_found_under_wrappers(kind: str) -> None:
    model, before = FOUND[kind](), X.clone()
    assert space(model) == pytest.approx([*MEAN, *STD])
    maps = ineq.attribute(model, X, Y, steps=2)
    torch.testing.assert_close(maps, ineq.attribute(normalized(), X, Y, steps=2))
    noisy, wanted = (ineq.noise_attack(one, X, Y, maps, subpixels=9).images for one in (model, normalized()))
    assert torch.equal(noisy, wanted) and torch.equal(X, before)


@pytest.mark.parametrize("kind", NOT_FOUND)
def test_what_is_no_space_of_pixels_is_not_taken(kind: str) -> None:
    model = NOT_FOUND[kind]()
    assert space(model) == [0, 0, 0, 1, 1, 1]
    assert ineq.attribute(model, X, Y, steps=2).isfinite().all()


def test_distributed_data_parallel() -> None:
    init_process_group("gloo", store=HashStore(), rank=0, world_size=1)
    try:
        model = nn.parallel.DistributedDataParallel(normalized())
        assert space(model) == pytest.approx([*MEAN, *STD])
        # It refuses a second forward pass where it waits for the gradients of the first.
        maps = ineq.attribute(model, X, Y, "smoothgrad", samples=2, steps=2, batch_size=1)
    finally:
        destroy_process_group()
    torch.testing.assert_close(maps, ineq.attribute(normalized(), X, Y, "smoothgrad", samples=2, steps=2))


def test_exported_in_the_space_it_was_exported_with() -> None:
    several = {0: torch.export.Dim("images")}
    assert space(torch.export.export(normalized(), (X,), dynamic_shapes=(several,)).module()) == pytest.approx(
        [*MEAN, *STD]
    )


def test_what_is_given_counts_more() -> None:
    mean, std = normalisation(copy.deepcopy(normalized()), X, mean=0.5, std=[0.1, 0.2, 0.3])
    assert mean.flatten().tolist() == [0.5] * 3 and std.flatten().tolist() == pytest.approx([0.1, 0.2, 0.3])


@pytest.mark.parametrize(
    ("mean", "words"),
    [
        ("imagenet", "mean is 'imagenet', expected one number or 3"),
        ([[0.1], [0.2, 0.3]], "values of mean are a list that is ragged"),
        (torch.tensor(MEAN).to_sparse(), "values of mean are a tensor of layout torch.sparse_coo"),
        (torch.tensor(MEAN) * 1j, "expected one number or 3"),
        (np.ma.masked_array(MEAN, [False, False, True]), "values of mean are masked in part"),
    ],
)
def test_a_mean_that_is_none_is_refused(mean: Any, words: str) -> None:
    with pytest.raises(ineq.InputError, match=words):
        normalisation(bare(), X, mean=mean, std=1)


@pytest.mark.parametrize("names", [("prior_mean", "prior_std"), ("init_mean", "init_std"), ("acc_mean", "acc_std")])
def test_a_number_of_a_measurement_is_no_gray_images_mean(names: tuple[str, str]) -> None:
    network = nn.Sequential(nn.Flatten(), nn.Linear(16, 5))
    mean, std = normalisation(Constants(names, 0.1, 0.02, False, network), X[:, :1])
    assert (mean.item(), std.item()) == (0, 1)


def test_what_is_measured_for_each_of_three_is_no_mean_of_channels() -> None:
    assert space(constants(("loss_mean", "loss_std"), network=bare())) == [0, 0, 0, 1, 1, 1]


def test_one_number_may_be_a_modules_mean() -> None:
    class Plain(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.net, self.mean, self.std = bare(), 0.5, 0.25

        def forward(self, images: torch.Tensor) -> torch.Tensor:
            return self.net((images - self.mean) / self.std)

    assert space(Plain()) == pytest.approx([0.5] * 3 + [0.25] * 3)

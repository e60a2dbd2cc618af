"""Image files: converted where nothing is lost, else refused; broken bytes raise nothing but `InputError`."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from odd_images import COLOUR, GREY, PALETTE, PIXELS, RGB, encoded, turned
from PIL import Image

from ineq.data.decode import decode
from ineq.errors import InputError


def converted(content: bytes, shape: tuple[int, int, int] = COLOUR) -> tuple[np.ndarray, list[str]]:
    pixels, kinds = decode(content, shape)
    assert (pixels.shape, pixels.dtype) == (shape, np.uint8)
    return pixels.transpose(1, 2, 0), kinds


def adobe_cmyk() -> bytes:
    return encoded(RGB.convert("CMYK"), "TIFF")


@pytest.mark.parametrize(
    ("content", "pixels", "kind"),
    [
        (encoded(RGB.convert("L")), np.asarray(RGB.convert("L").convert("RGB")), "converted from L to RGB"),
        (encoded(RGB.convert("1")), np.asarray(RGB.convert("1").convert("RGB")), "converted from 1 to RGB"),
        (encoded(PALETTE), np.asarray(PALETTE.convert("RGB")), "converted from P to RGB"),
        (encoded(PALETTE, "GIF"), np.asarray(PALETTE.convert("RGB")), "converted from P to RGB"),
        (adobe_cmyk(), PIXELS, "converted from CMYK to RGB"),
        (encoded(RGB.convert("RGBA")), PIXELS, "alpha channel without transparency left out"),
        (encoded(RGB.convert("LA")), np.asarray(RGB.convert("L").convert("RGB")), "alpha channel without"),
        (turned(6), np.rot90(PIXELS, -1), "turned as their EXIF orientation says"),
        (turned(2), PIXELS[:, ::-1], "turned as their EXIF orientation says"),
    ],
    ids=["grey", "bitmap", "palette", "gif", "cmyk", "rgba", "la", "rotated", "mirrored"],
)
def test_what_loses_nothing_is_converted(content: bytes, pixels: np.ndarray, kind: str) -> None:
    found, kinds = converted(content)
    assert np.array_equal(found, pixels)
    assert [said.startswith(kind) for said in kinds] == [True]


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF", "PPM"])
def test_lossless_files_come_out_exactly_and_need_no_word(kind: str) -> None:
    found, kinds = converted(encoded(RGB, kind))
    assert np.array_equal(found, PIXELS)
    assert kinds == []


@pytest.mark.parametrize("orientation", [0, 1, 9])
def test_an_orientation_that_says_nothing_turns_nothing(orientation: int) -> None:
    found, kinds = converted(turned(orientation))
    assert np.array_equal(found, PIXELS)
    assert kinds == []


def test_one_channel_takes_grey_of_everything() -> None:
    grey = np.asarray(RGB.convert("L"))[..., None]
    assert np.array_equal(converted(encoded(RGB.convert("L")), GREY)[0], grey)
    for content, kind in {
        encoded(RGB): "converted from RGB to L",
        adobe_cmyk(): "converted from CMYK to L",
        encoded(RGB.convert("LA")): "converted from LA to L",
        encoded(RGB.convert("RGBA")): "converted from RGBA to L",
    }.items():
        found, kinds = converted(content, GREY)
        assert np.array_equal(found, grey), kind
        assert kinds[-1] == kind
    found, kinds = converted(encoded(PALETTE), GREY)
    assert np.array_equal(found[..., 0], np.asarray(PALETTE.convert("L")))
    assert kinds == ["converted from P to L"]


def test_a_turned_image_has_to_fit_as_it_is_turned() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    tall = encoded(RGB.resize((4, 8)), exif=exif)
    assert decode(tall, (3, 4, 8))[0].shape == (3, 4, 8)
    with pytest.raises(InputError, match="is 8×4, expected 4×8"):
        decode(tall, (3, 8, 4))


JPEG, PNG = encoded(RGB, "JPEG"), encoded(RGB)


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.binary(max_size=200), st.binary(max_size=60).map(lambda tail: JPEG[:40] + tail)))
def test_random_bytes_raise_nothing_but_input_errors(content: bytes) -> None:
    with pytest.raises(InputError):
        decode(content, COLOUR)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from([JPEG, PNG]), st.data())
def test_a_spoilt_image_is_refused_or_an_image(whole: bytes, data: st.DataObject) -> None:
    length = data.draw(st.integers(0, len(whole)))
    content = bytearray(whole[:length])
    for place in data.draw(st.lists(st.integers(0, max(length - 1, 0)), max_size=3)) if length else ():
        content[place] = data.draw(st.integers(0, 255))
    try:
        pixels, _ = decode(bytes(content), COLOUR)
    except InputError as error:
        assert "\n" not in str(error)
    else:
        assert (pixels.shape, pixels.dtype) == (COLOUR, np.uint8)


def test_a_truncated_jpeg_is_refused_wherever_it_ends() -> None:
    for length in range(len(JPEG)):
        with pytest.raises(InputError):
            decode(JPEG[:length], COLOUR)

"""How hard an image is: the bounds between which its scene is drawn."""

from __future__ import annotations

from dataclasses import dataclass

BLURRED_FROM = 0.8  # sigma in pixels


@dataclass(frozen=True)
class Recipe:
    """The bounds of one kind of scene; pairs are (least, most).

    Attributes:
        tag: what images of this kind are tagged with, or "".
        share: of all images, from 0 to 1.
        objects: how many are placed.
        sizes: of objects, in pixels; small ones are likelier.
        digit_size: the least height of a digit, in pixels: smaller ones nobody could read.
        overlap: how much of the smaller box of two objects the other may cover, from 0 to 1.
        outside: how much of an object's box may lie outside the image along each axis.
        backdrop_contrast: 1 leaves the photograph as it is, 0 makes it grey.
        contrast: least difference from what lies behind, in the channel that differs most.
        strokes: most lines that are drawn though they are no object.
        noise: most, as a standard deviation; colours go from 0 to 1.
        blurred: share of images that are blurred.
        dark: share of images that are darkened.
    """

    tag: str
    share: float
    objects: tuple[int, int]
    sizes: tuple[float, float]
    digit_size: float
    overlap: float
    outside: float
    backdrop_contrast: tuple[float, float]
    contrast: float
    strokes: int
    noise: float
    blurred: float
    dark: float


SCENES = (
    Recipe(
        tag="easy",
        share=0.45,
        objects=(1, 3),
        sizes=(46, 90),
        digit_size=48,
        overlap=0.0,
        outside=0.0,
        backdrop_contrast=(0.4, 0.8),
        contrast=0.45,
        strokes=0,
        noise=0.01,
        blurred=0.0,
        dark=0.0,
    ),
    Recipe(
        tag="",
        share=0.32,
        objects=(2, 5),
        sizes=(34, 80),
        digit_size=40,
        overlap=0.2,
        outside=0.08,
        backdrop_contrast=(0.5, 1.0),
        contrast=0.38,
        strokes=1,
        noise=0.025,
        blurred=0.15,
        dark=0.12,
    ),
    Recipe(
        tag="hard",
        share=0.23,
        objects=(4, 9),
        sizes=(24, 66),
        digit_size=34,
        overlap=0.6,
        outside=0.15,
        backdrop_contrast=(0.6, 1.1),
        contrast=0.3,
        strokes=3,
        noise=0.04,
        blurred=0.4,
        dark=0.3,
    ),
)

SINGLE_DIGITS = (
    Recipe(
        tag="easy",
        share=0.7,
        objects=(1, 1),
        sizes=(36, 56),
        digit_size=36,
        overlap=0.0,
        outside=0.0,
        backdrop_contrast=(0.3, 0.6),
        contrast=0.5,
        strokes=0,
        noise=0.01,
        blurred=0.0,
        dark=0.0,
    ),
    Recipe(
        tag="hard",
        share=0.3,
        objects=(1, 1),
        sizes=(28, 48),
        digit_size=28,
        overlap=0.0,
        outside=0.0,
        backdrop_contrast=(0.5, 1.0),
        contrast=0.35,
        strokes=1,
        noise=0.04,
        blurred=0.4,
        dark=0.3,
    ),
)

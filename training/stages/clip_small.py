"""A small CLIP: open_clip's own model and tokenizer, in a configuration that a CPU can train.

Its file holds weights and configuration together. open_clip reads a model from a folder
(`local-dir:`), so the folder it expects is laid out for the moment of loading.
"""

from __future__ import annotations

import gzip
import json
import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from core.errors import UsageError
from training.stages.torch_checkpoints import halved

KIND = "small-clip"
BYTES = 512  # tokens of single bytes, inside and at the end of a word
MARKS = 2  # tokens of start and end
MEAN = (0.48145466, 0.4578275, 0.40821073)  # open_clip's, of red, green, blue
DEVIATION = (0.26862954, 0.26130258, 0.27577711)


@dataclass(frozen=True)
class SmallClip:
    """The shape of the network, kept in the header of its file.

    Attributes:
        side: of the squares that the network sees, in pixels; a multiple of 32.
        width: channels of the first convolutions of the image tower.
        channels: of the space that images and texts share.
        text_width: channels of the text tower.
        text_layers: of the text tower.
        words: tokens of a text, at most.
        merges: how many of the merges of CLIP's vocabulary the tokenizer knows.
    """

    side: int = 64
    width: int = 12
    channels: int = 128
    text_width: int = 64
    text_layers: int = 2
    words: int = 24
    merges: int = 1500


@dataclass(frozen=True, eq=False)
class Clip:
    """A model of open_clip with what belongs to it.

    Attributes:
        model: encodes images and texts.
        tokenizer: texts to tokens.
        preprocess: a Pillow image to what the model takes.
    """

    model: Any
    tokenizer: Any
    preprocess: Any


def build(shape: SmallClip) -> Clip:
    """Return a network with random weights."""
    with _folder(shape) as folder:
        return open_model(f"local-dir:{folder}")


def save(model: Any, shape: SmallClip, path: Path) -> None:  # noqa: ANN401
    """Write the weights as 16-bit numbers, with the shape in the header."""
    from safetensors.torch import save_file

    save_file(halved(model), path, {"kind": KIND, "shape": json.dumps(asdict(shape))})


def load(path: Path) -> Clip:
    """Return the network of a file that `save` wrote, ready to answer.

    Raises:
        UsageError: it is no such file.
    """
    shape = shape_of(path)
    if shape is None:
        raise UsageError(
            f"{path} is no small CLIP. Expected a .safetensors file that "
            "`python -m training fit clip` wrote."
        )
    try:
        with _folder(shape) as folder:
            (folder / "open_clip_model.safetensors").symlink_to(path.absolute())
            clip = open_model(f"local-dir:{folder}", load_weights=True)
    except (RuntimeError, ValueError, OSError) as error:
        raise UsageError(
            f"{path} cannot be loaded as a small CLIP ({str(error).splitlines()[0]}). Train or "
            "copy it again."
        ) from error
    clip.model.eval()
    return clip


def shape_of(path: Path) -> SmallClip | None:
    """Return the shape that a file's header gives, or None if it is no small CLIP."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, "pt") as file:
            header = file.metadata() or {}
        return SmallClip(**json.loads(header["shape"])) if header.get("kind") == KIND else None
    except (SafetensorError, OSError, KeyError, TypeError, ValueError):
        return None


def open_model(name: str, weights: str | None = None, *, load_weights: bool = False) -> Clip:
    """Return a model of open_clip with its tokenizer and preprocessing.

    Args:
        name: of a configuration of open_clip, or "local-dir:" and a folder.
        weights: a file, or None; "local-dir:" names its own.
        load_weights: whether there are weights to load.
    """
    import open_clip  # type: ignore[import-untyped]

    with _quiet():
        model, _, preprocess = open_clip.create_model_and_transforms(
            name, pretrained=weights, load_weights=load_weights
        )
    return Clip(model, open_clip.get_tokenizer(name), preprocess)


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence the root logger, through which open_clip warns of random weights."""
    logger = logging.getLogger()
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)


@contextmanager
def _folder(shape: SmallClip) -> Iterator[Path]:
    """Lay out the folder that open_clip reads, without weights."""
    import open_clip

    with tempfile.TemporaryDirectory(prefix="overlook-clip-") as name:
        folder = Path(name)
        vocabulary = Path(open_clip.__file__).parent / "bpe_simple_vocab_16e6.txt.gz"
        with gzip.open(vocabulary, "rt", encoding="utf-8") as file:
            lines = [next(file) for _ in range(shape.merges + 1)]  # the first is a title
        merges = folder / "merges.txt.gz"
        merges.write_bytes(gzip.compress("".join(lines).rstrip("\n").encode()))
        (folder / "open_clip_config.json").write_text(
            json.dumps({"model_cfg": _model(shape, merges), "preprocess_cfg": _preprocessing()})
        )
        yield folder


def _model(shape: SmallClip, merges: Path) -> dict[str, object]:
    return {
        "embed_dim": shape.channels,
        "vision_cfg": {
            # a list of layers makes it a ResNet, which learns much faster than a transformer
            "layers": [1, 1, 1, 1],
            "image_size": shape.side,
            "width": shape.width,
            "patch_size": None,
            "head_width": 32,
        },
        "text_cfg": {
            "context_length": shape.words,
            "vocab_size": BYTES + shape.merges + MARKS,
            "width": shape.text_width,
            "heads": 2,
            "layers": shape.text_layers,
            "tokenizer_kwargs": {"bpe_path": str(merges)},
        },
    }


def _preprocessing() -> dict[str, object]:
    return {
        "mean": MEAN,
        "std": DEVIATION,
        "interpolation": "bicubic",
        "resize_mode": "squash",
        "fill_color": 0,
    }

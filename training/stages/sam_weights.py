"""SAM from its files: Meta's checkpoints, MobileSAM's, and small ones trained here."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from core.errors import UsageError, WorkFailedError
from training.protocol import WeightsNeed
from training.stages import sam_small
from training.stages.yolov8 import prepare_library

ADDRESS = "https://dl.fbaipublicfiles.com/segment_anything/"
MOBILE = "mobile_sam.pt"
MOBILE_ADDRESS = "https://github.com/ultralytics/assets/releases/download/v8.4.0/"
WEIGHTS = WeightsNeed(
    stage="sam",
    default="sam_vit_b_01ec64.pth",
    known=(
        "sam_vit_b_01ec64.pth",
        "sam_vit_l_0b3195.pth",
        "sam_vit_h_4b8939.pth",
        MOBILE,
        "sam-demo.safetensors",
    ),
    address=ADDRESS,
)
# channels of the vision transformer -> its name in segment_anything
TRANSFORMERS = {768: "vit_b", 1024: "vit_l", 1280: "vit_h"}
PATCHES = "image_encoder.patch_embed.proj.weight"


def load(path: Path) -> Any:  # noqa: ANN401 - a segment_anything Sam
    """Return the network of a file, ready to answer; no code in the file is run.

    Raises:
        UsageError: it is no SAM that is known here.
    """
    if path.suffix == ".safetensors":
        return sam_small.load(path)
    import torch

    try:
        tensors = torch.load(path, map_location="cpu", weights_only=True)
        network = _empty(tensors)
        network.load_state_dict(tensors)
    except Exception as error:
        first_line = (str(error).splitlines() or ["no reason given"])[0]
        raise UsageError(
            f"{path} cannot be loaded as a SAM ({type(error).__name__}: {first_line}). Expected a "
            f"file of Meta's segment-anything such as {WEIGHTS.default}, {MOBILE}, or a "
            ".safetensors file that `python -m training fit sam` wrote."
        ) from error
    return network.eval()


def build_official(name: str) -> Any:  # noqa: ANN401 - a segment_anything Sam
    """Return "vit_b", "vit_l" or "vit_h" with random weights, ready to answer."""
    from segment_anything import sam_model_registry  # type: ignore[import-untyped]

    return sam_model_registry[name]().eval()


def build_mobile() -> Any:  # noqa: ANN401 - a segment_anything Sam
    """Return MobileSAM with random weights: SAM around the TinyViT of ultralytics."""
    prepare_library()
    from segment_anything.modeling import (  # type: ignore[import-untyped]
        MaskDecoder,
        PromptEncoder,
        Sam,
        TwoWayTransformer,
    )
    from ultralytics.models.sam.modules.tiny_encoder import TinyViT

    return Sam(
        image_encoder=TinyViT(
            img_size=1024,
            embed_dims=(64, 128, 160, 320),
            depths=(2, 2, 6, 2),
            num_heads=(2, 4, 5, 10),
            window_sizes=(7, 7, 14, 7),
            drop_path_rate=0.0,
        ),
        prompt_encoder=PromptEncoder(
            embed_dim=256,
            image_embedding_size=(64, 64),
            input_image_size=(1024, 1024),
            mask_in_chans=16,
        ),
        mask_decoder=MaskDecoder(
            num_multimask_outputs=3,
            transformer=TwoWayTransformer(depth=2, embedding_dim=256, mlp_dim=2048, num_heads=8),
            transformer_dim=256,
        ),
    ).eval()


def download(name: str, folder: Path) -> Path:
    """Fetch an official checkpoint into a folder, with a progress bar.

    Raises:
        WorkFailedError: it could not be fetched.
    """
    import torch

    address = MOBILE_ADDRESS if name == MOBILE else ADDRESS
    try:
        torch.hub.download_url_to_file(f"{address}{name}", str(folder / name))
    except Exception as error:
        raise WorkFailedError(str(error)) from error
    return folder / name


def _empty(tensors: Any) -> Any:  # noqa: ANN401 - name to tensor; a Sam
    """Return the network that a state dictionary belongs to."""
    if not isinstance(tensors, dict):
        raise TypeError("it holds no dictionary of tensors")
    if PATCHES in tensors and len(tensors[PATCHES]) in TRANSFORMERS:
        return build_official(TRANSFORMERS[len(tensors[PATCHES])])
    if any(re.match(r"image_encoder\.layers\.0\.", name) for name in tensors):
        return build_mobile()
    raise ValueError("its tensors are those of no SAM that is known here")

"""A small SAM: segment_anything's own modules around a narrow convolutional encoder.

Prompt encoder, two-way transformer and mask decoder are those of the library, with fewer channels;
only the vision transformer is replaced, as MobileSAM does it. It learns a simple data set in
minutes on a CPU.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from core.errors import UsageError
from training.stages.torch_checkpoints import halved

KIND = "small-sam"
STRIDE = 8  # of the image embedding; masks come out at STRIDE / 4


@dataclass(frozen=True)
class SmallSam:
    """The shape of the network, kept in the header of its file.

    Attributes:
        side: of the square that the network sees, in pixels; a multiple of 16.
        width: channels of the first convolutions.
        channels: of the image embedding and of the decoder; a multiple of 32.
        hidden: of the transformer's and the quality head's inner layers.
    """

    side: int = 160
    width: int = 32
    channels: int = 128
    hidden: int = 256


def build(shape: SmallSam) -> Any:  # noqa: ANN401 - a segment_anything Sam
    """Return a network with random weights, in training mode."""
    from segment_anything.modeling import (  # type: ignore[import-untyped]
        MaskDecoder,
        PromptEncoder,
        Sam,
        TwoWayTransformer,
    )

    grid = (shape.side // STRIDE, shape.side // STRIDE)
    return Sam(
        image_encoder=_encoder(shape),
        prompt_encoder=PromptEncoder(
            embed_dim=shape.channels,
            image_embedding_size=grid,
            input_image_size=(shape.side, shape.side),
            mask_in_chans=16,
        ),
        mask_decoder=MaskDecoder(
            num_multimask_outputs=3,
            transformer=TwoWayTransformer(
                depth=2, embedding_dim=shape.channels, mlp_dim=shape.hidden, num_heads=4
            ),
            transformer_dim=shape.channels,
            iou_head_depth=3,
            iou_head_hidden_dim=shape.hidden // 2,
        ),
    )


def save(network: Any, shape: SmallSam, path: Path) -> None:  # noqa: ANN401
    """Write the weights as 16-bit numbers, with the shape in the header."""
    from safetensors.torch import save_file

    save_file(halved(network), path, {"kind": KIND, "shape": json.dumps(asdict(shape))})


def load(path: Path) -> Any:  # noqa: ANN401 - a segment_anything Sam
    """Return the network of a file that `save` wrote, as 32-bit numbers, ready to answer.

    Raises:
        UsageError: it is no such file.
    """
    from safetensors import safe_open

    try:
        with safe_open(path, "pt") as file:
            header = file.metadata() or {}
            if header.get("kind") != KIND:
                raise ValueError(f"its header says {header.get('kind')!r}")
            network = build(SmallSam(**json.loads(header["shape"])))
            network.load_state_dict({name: file.get_tensor(name) for name in file.keys()})  # noqa: SIM118
    except Exception as error:
        raise UsageError(
            f"{path} is no small SAM ({type(error).__name__}: {str(error).splitlines()[0]}). "
            "Expected a .safetensors file that `python -m training fit sam` wrote."
        ) from error
    return network.float().eval()


def _encoder(shape: SmallSam) -> Any:  # noqa: ANN401 - a torch module
    """Return an encoder: (B, 3, side, side) to (B, channels, side / 8, side / 8)."""
    import torch
    from torch import nn

    def convolution(inputs: int, outputs: int, stride: int = 1) -> nn.Module:
        return nn.Sequential(
            nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(inplace=True),
        )

    def level(inputs: int, outputs: int, count: int) -> nn.Module:
        more = [convolution(outputs, outputs) for _ in range(count - 1)]
        return nn.Sequential(convolution(inputs, outputs, 2), *more)

    class Encoder(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            width = shape.width
            self.img_size = shape.side  # SamPredictor asks for it by this name
            self.stride_2 = level(3, width, 2)
            self.stride_4 = level(width, 2 * width, 2)
            self.stride_8 = level(2 * width, 4 * width, 3)
            self.stride_16 = level(4 * width, 4 * width, 4)
            self.projection = nn.Conv2d(4 * width, shape.channels, 1)
            self.norm = nn.GroupNorm(1, shape.channels)

        def forward(self, pixels: torch.Tensor) -> torch.Tensor:
            near = self.stride_8(self.stride_4(self.stride_2(pixels)))
            wide = nn.functional.interpolate(
                self.stride_16(near), scale_factor=2.0, mode="bilinear", align_corners=False
            )
            answer: torch.Tensor = self.norm(self.projection(near + wide))
            return answer

    return Encoder()

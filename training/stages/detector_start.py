"""Where the training of a detector of torchvision starts: at random, or from other weights.

PyTorch is imported with this module: systems import it late.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from training import weights as weight_files
from training.protocol import WeightsNeed
from training.stages import detector_networks, small_trunk
from training.stages.detector_networks import Architecture, Family
from training.stages.torch_checkpoints import SUFFIX


def begin(
    family: Family,
    need: WeightsNeed,
    settings: Any,  # noqa: ANN401
    names: tuple[str, ...],
) -> tuple[Any, Architecture]:
    """Return the network to train, with what it takes over."""
    small = Architecture(
        names=names,
        depth=settings.depth,
        width=settings.width,
        widest=settings.widest,
        channels=settings.channels,
        side=settings.side,
    )
    if not settings.start:
        return detector_networks.build(family, small), small
    path = _start(need, settings.start)
    if path.suffix == SUFFIX:
        network = detector_networks.build(family, small)
        small_trunk.take_over(network.backbone, path)
        return network, small
    network = detector_networks.load(family, path).network
    architecture = Architecture(names, base=family.official[path.name], side=settings.side)
    family.replace_head(network, len(names) + family.first_label)
    if settings.side:
        detector_networks.set_side(network, settings.side)
    return network, architecture


def _start(need: WeightsNeed, name: str) -> Path:
    """Return the file that a training starts from; it is read without running code in it."""
    from training.stages import yolov8
    from training.systems.yolov8 import WEIGHTS as TRUNK

    if name.endswith(SUFFIX):
        return weight_files.find_weights(TRUNK, Path(name), yolov8.download, trust=False).path
    fetch = detector_networks.download
    return weight_files.find_weights(need, Path(name), fetch, trust=True).path


def learnt_groups(network: Any, settings: Any) -> list[dict[str, Any]]:  # noqa: ANN401
    """Return the weights to learn: what was taken over more slowly, or not at all."""
    heads_only = bool(settings.start) and settings.heads_only
    is_small = isinstance(network.backbone, small_trunk.SmallTrunk)
    taken_over = [network.backbone.layers] if is_small else [network.backbone]
    if not is_small and hasattr(network, "rpn"):
        taken_over.append(network.rpn)
    fixed = [each for module in taken_over for each in module.parameters()]
    known = {id(each) for each in fixed}
    rest = [each for each in network.parameters() if id(each) not in known]
    if heads_only:
        for each in fixed:
            each.requires_grad_(requires_grad=False)
        return [{"params": rest, "share": 1.0}]
    share = settings.trunk_rate if settings.start else 1.0
    return [{"params": fixed, "share": share}, {"params": rest, "share": 1.0}]

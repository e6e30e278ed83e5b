"""What training a small SAM computes: prompts embedded, masks decoded, and what they cost."""

from __future__ import annotations

from typing import Any

from training.stages.sam_prompts import NO_POINT


def decode_masks(network: Any, embeddings: Any, sparse: Any) -> tuple[Any, Any]:  # noqa: ANN401
    """Return mask logits (P, 4, h, w) and qualities (P, 4) of prompts on different images.

    `MaskDecoder.predict_masks` of segment_anything takes prompts of one image only; this is its
    computation with one embedding a prompt.

    Args:
        network: a Sam.
        embeddings: (P, C, h, w) of the image that each prompt is on.
        sparse: (P, K, C) embedded prompts.
    """
    import torch

    decoder = network.mask_decoder
    own = torch.cat([decoder.iou_token.weight, decoder.mask_tokens.weight])
    tokens = torch.cat([own.expand(len(sparse), -1, -1), sparse], dim=1)
    dense = network.prompt_encoder.no_mask_embed.weight[..., None, None]
    source = embeddings + dense
    position = network.prompt_encoder.get_dense_pe().expand(len(sparse), -1, -1, -1)
    answers, source = decoder.transformer(source, position, tokens)
    grid = source.transpose(1, 2).reshape(embeddings.shape)
    upscaled = decoder.output_upscaling(grid)
    filters = torch.stack(
        [head(answers[:, 1 + each]) for each, head in enumerate(decoder.output_hypernetworks_mlps)],
        dim=1,
    )
    masks = (filters @ upscaled.flatten(2)).unflatten(2, upscaled.shape[2:])
    return masks, decoder.iou_prediction_head(answers[:, 0])


def embed_points(network: Any, points: Any, labels: Any) -> Any:  # noqa: ANN401
    """Return (P, 2, C) embedded prompts, boxes and points side by side.

    Args:
        network: a Sam.
        points: (P, 2, 2) x, y in pixels of the square.
        labels: (P, 2) what each point is, see `Prompts`.
    """
    import torch

    encoder = network.prompt_encoder
    embedded = encoder.pe_layer.forward_with_coords(points + 0.5, encoder.input_image_size)
    labels = labels[..., None]
    embedded = torch.where(labels == NO_POINT, encoder.not_a_point_embed.weight, embedded)
    for label, embedding in enumerate(encoder.point_embeddings):
        embedded = embedded + (labels == label) * embedding.weight
    return embedded


def losses(logits: Any, quality: Any, targets: Any, boxes: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return the loss of the masks and that of their predicted qualities, by name.

    A box is answered by the first mask, a point by the best of the other three, as in Kirillov et
    al., "Segment Anything" (2023), with focal and dice loss; background asks for no mask, and
    for a quality of 0.

    Args:
        logits: (P, 4, h, w).
        quality: (P, 4) predicted IoU.
        targets: (P, h, w) in [0, 1].
        boxes: (P,) bool, which prompts are boxes.
    """
    import torch

    wanted = targets[:, None].expand_as(logits)
    chance = logits.sigmoid()
    right = chance * wanted + (1 - chance) * (1 - wanted)
    entropy = torch.nn.functional.binary_cross_entropy_with_logits(logits, wanted, reduction="none")
    focal = (4 * (1 - right) * entropy).mean(dim=(2, 3))
    shared = (chance * wanted).sum(dim=(2, 3))
    dice = 1 - (2 * shared + 1) / (chance.sum(dim=(2, 3)) + wanted.sum(dim=(2, 3)) + 1)
    present = (targets.amax(dim=(1, 2)) > 0)[:, None]
    each = (2 * focal + dice) * present
    first = torch.where(boxes, 1.0, 0.5)
    mask_loss = (
        each[:, 0] * first
        + each[:, 1:].amin(dim=1) * (1.5 - first)
        + 0.05 * each[:, 1:].mean(dim=1)
    ).mean()
    actual = iou_of(logits.detach(), targets) * present
    return {"loss": mask_loss, "quality_loss": ((quality - actual) ** 2).mean()}


def iou_of(logits: Any, targets: Any) -> Any:  # noqa: ANN401 - torch tensors
    """Return the IoU (P, 4) of masks with their targets, in pixels of the logits."""
    found, wanted = logits > 0, (targets > 0.5)[:, None]
    shared = (found & wanted).sum(dim=(2, 3))
    return shared / (found | wanted).sum(dim=(2, 3)).clamp(min=1)

"""What the U-Net in Keras learns by: cross-entropy, Dice, and which classes an image shows."""

from __future__ import annotations

from typing import Any

from training.stages.keras_start import import_keras


def cross_entropy(logits: Any, targets: Any, known: Any, weights: Any) -> Any:  # noqa: ANN401 - tensors
    """Return the mean cross-entropy over labelled pixels.

    Args:
        logits: (N, H, W, L).
        targets: (N, H, W) class indices, any where nothing is to be learnt.
        known: (N, H, W) 1.0 where something is to be learnt, else 0.0.
        weights: (L,) what an error in each class costs.
    """
    tf, _ = import_keras()
    costs = tf.nn.sparse_softmax_cross_entropy_with_logits(targets, logits)
    costs = costs * tf.gather(weights, targets) * known
    return tf.reduce_sum(costs) / tf.maximum(tf.reduce_sum(known), 1.0)


def dice_loss(logits: Any, targets: Any, known: Any) -> Any:  # noqa: ANN401 - tensors
    """Return 1 minus the mean soft Dice (Milletari et al. 2016) of the classes in the batch."""
    tf, _ = import_keras()
    seen = known[..., tf.newaxis]
    truth = tf.one_hot(targets, logits.shape[-1]) * seen
    probabilities = tf.nn.softmax(logits) * seen
    axes = (0, 1, 2)
    amounts = tf.reduce_sum(truth, axes)
    both = tf.reduce_sum(probabilities, axes) + amounts
    shared = tf.reduce_sum(probabilities * truth, axes)
    present = tf.cast(amounts > 0, tf.float32)
    losses = (1 - (2 * shared + 1) / (both + 1)) * present
    return tf.reduce_sum(losses) / tf.maximum(tf.reduce_sum(present), 1.0)


def label_loss(logits: Any, shown: Any) -> Any:  # noqa: ANN401 - tensors
    """Return the mean binary cross-entropy of the classes that images show.

    Args:
        logits: (N, K).
        shown: (N, K) 1.0 for a class that the image shows, else 0.0.
    """
    tf, _ = import_keras()
    return tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(shown, logits))

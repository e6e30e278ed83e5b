"""Steps of training in Keras: forward, losses, backward, one update."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from numpy.typing import NDArray

from training.stages.keras_start import import_keras

Losses = Callable[..., dict[str, Any]]
Steps = Callable[..., dict[str, Any]]


def make_optimizer(
    model: Any,  # noqa: ANN401 - a keras.Model
    weight_decay: float,
    variables: Sequence[NDArray[Any]] = (),
) -> Any:  # noqa: ANN401 - a keras.Optimizer
    """Return AdamW for what can be trained now, going on from its variables of an earlier epoch."""
    _, keras = import_keras()
    optimizer = keras.optimizers.AdamW(1e-3, weight_decay=weight_decay, clipnorm=5.0)
    optimizer.build(model.trainable_variables)
    if len(variables) == len(optimizer.variables):
        for variable, value in zip(optimizer.variables, variables, strict=True):
            variable.assign(value)
    return optimizer


def make_step(model: Any, optimizer: Any, losses: Losses) -> Steps:  # noqa: ANN401 - Keras' own
    """Return a compiled step: (inputs, *targets) to each loss by its name.

    Args:
        model: whose trainable variables are updated.
        optimizer: built for them.
        losses: (outputs, *targets) to scalars by name; their sum is what falls.
    """
    tf, _ = import_keras()

    @tf.function(autograph=False, reduce_retracing=True)  # type: ignore[untyped-decorator]
    def step(inputs: Any, *targets: Any) -> dict[str, Any]:  # noqa: ANN401 - tensors
        with tf.GradientTape() as tape:
            found = losses(model(inputs, training=True), *targets)
            total = tf.add_n(list(found.values()))
        variables = model.trainable_variables
        optimizer.apply_gradients(zip(tape.gradient(total, variables), variables, strict=True))
        return {"loss": total, **found}

    made: Steps = step
    return made


def make_answer(model: Any) -> Callable[[Any], Any]:  # noqa: ANN401 - a keras.Model
    """Return the compiled network without learning: inputs to outputs."""
    tf, _ = import_keras()
    answer: Callable[[Any], Any] = tf.function(
        lambda inputs: model(inputs, training=False), autograph=False, reduce_retracing=True
    )
    return answer

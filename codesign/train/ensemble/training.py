"""The training of all members at once: an epoch is one call of a graph, whose loop takes a batch of each member."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from codesign._keras import tf
from codesign.errors import TrainingError
from codesign.train.ensemble.flat_adam import FlatAdam
from codesign.train.ensemble.members import Members


@dataclass(frozen=True)
class Trained:
    """What a training gives.

    Args:
        weights: of each member's best epoch.
        losses: (epochs, members) of each on its fold.
        best_epochs: (members,) from 0.
    """

    weights: list[np.ndarray]
    losses: np.ndarray
    best_epochs: np.ndarray


class EnsembleTraining:
    """Trains members.

    Args:
        members: what they are.
        x: (n_events, n_inputs) float32, standardised.
        y: (n_events,) whole-number labels.
        weights: (n_events,) of mean 1.
        fold: (n_events,) which member leaves an event out.
        augment: changes events, (n, n_inputs) float32 tensor, in the graph, anew in each epoch, for all members alike:
            a tenth of the work that each batch of ten members would be; None: nothing does.
    """

    def __init__(
        self,
        members: Members,
        x: np.ndarray,
        y: np.ndarray,
        weights: np.ndarray,
        fold: np.ndarray,
        *,
        augment: Callable[[tf.Tensor], tf.Tensor] | None = None,
    ) -> None:
        self._members, self._augment = members, augment or (lambda events: events)
        self._x, self._weights = tf.constant(x, tf.float32), tf.constant(weights, tf.float32)
        self._y = tf.constant(y, tf.float32 if members.n_outputs == 1 else tf.int32)
        count = members.settings.members
        self._taken = [np.flatnonzero(fold != index) for index in range(count)]
        left_out = [np.flatnonzero(fold == index) for index in range(count)]
        self._held = np.full((count, max(map(len, left_out))), -1, np.int32)
        for row, own in zip(self._held, left_out):
            row[: len(own)] = own
        least = min(map(len, self._taken))
        self._batch = min(members.settings.batch_size, least)
        self._steps = least // self._batch

    def run(self, seed: int, shown: Callable[[int, float], None] = lambda epoch, loss: None) -> Trained:
        """Train, and return the weights of each member's best epoch.

        Args:
            seed: of the first weights and of the order of the events.
            shown: told of each epoch and the mean loss of the members on their folds.

        Raises:
            TrainingError: for a member whose loss is never finite; it names the member.
        """
        rng, settings = np.random.default_rng(seed), self._members.settings
        adam = FlatAdam(self._members.start(rng))
        epoch_graph, loss_graph = self._graphs(adam)
        augment = tf.function(self._augment)
        best, losses = np.full(settings.members, np.inf), []
        kept, best_epochs = adam.values.numpy(), np.zeros(settings.members, int)
        for epoch, (rates, momenta) in enumerate(zip(*settings.course(self._steps))):
            epoch_graph(augment(self._x), self._order(rng), rates, momenta, np.float32(epoch * self._steps))
            losses.append(loss_graph().numpy())
            running = epoch - best_epochs <= (settings.patience or settings.epochs)
            better = running & (losses[-1] < best)
            best, best_epochs = np.where(better, losses[-1], best), np.where(better, epoch, best_epochs)
            kept[better] = adam.values.numpy()[better]
            shown(epoch, float(losses[-1].mean()))
            if not running.any():
                break
        if not np.isfinite(best).all():
            member = int(np.flatnonzero(~np.isfinite(best))[0])
            raise TrainingError(
                f"learning_rate: expected one with which the loss falls. Received: {settings.learning_rate:g}, and "
                f"member {member} diverged in the first epoch; lower it"
            )
        weights = [one.numpy() for one in adam.split(tf.constant(kept))]
        return Trained(weights, np.array(losses), best_epochs)

    def _order(self, rng: np.random.Generator) -> np.ndarray:
        """(steps, members, batch) int32 events, each member's own in its own order."""
        used = self._steps * self._batch
        own = np.stack([rng.permutation(one)[:used] for one in self._taken]).astype(np.int32)
        return own.reshape(len(own), self._steps, self._batch).transpose(1, 0, 2)

    def _losses(self, x: tf.Tensor, places: tf.Tensor, weights: list[tf.Tensor]) -> tf.Tensor:
        """(members, n) weighted losses of the events at (members, n) places."""
        logits, y = self._members.logits(tf.gather(x, places), weights), tf.gather(self._y, places)
        if self._members.n_outputs == 1:
            losses = tf.nn.sigmoid_cross_entropy_with_logits(y, logits[..., 0])
        else:
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(y, logits)
        return losses * tf.gather(self._weights, places)

    def _graphs(self, adam: FlatAdam) -> tuple[tf.types.experimental.GenericFunction, ...]:
        """The graph of an epoch, and that of the members' losses on their folds."""
        is_event = tf.constant(self._held >= 0)
        held, kept = tf.constant(np.maximum(self._held, 0)), tf.cast(is_event, tf.float32)
        held_weights = tf.gather(self._weights, held) * kept

        @tf.function
        def epoch(x: tf.Tensor, order: tf.Tensor, rates: tf.Tensor, momenta: tf.Tensor, begun: tf.Tensor) -> None:
            for step in tf.range(self._steps):
                with tf.GradientTape() as tape:
                    losses = self._losses(x, order[step], adam.split(adam.values))
                    loss = tf.reduce_sum(losses) / self._batch  # of members that share nothing
                number = begun + tf.cast(step, tf.float32) + 1.0
                adam.step(tape.gradient(loss, adam.values), rates[step], momenta[step], number)

        @tf.function
        def held_losses() -> tf.Tensor:
            losses = self._losses(self._x, held, adam.split(adam.values))
            return tf.reduce_sum(losses * kept, 1) / tf.reduce_sum(held_weights, 1)

        return epoch, held_losses

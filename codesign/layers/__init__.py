"""Keras layers that make a network small while it trains, beside Dense and QKeras layers in one model."""

from codesign.layers.collider_augmentation import ColliderAugmentation
from codesign.layers.collider_features import ColliderFeatures
from codesign.layers.dense_block import dense_block
from codesign.layers.detector_words import DetectorWords
from codesign.layers.embed_columns import embed_columns
from codesign.layers.feature_selection import FeatureSelection
from codesign.layers.fill_missing import FillMissing
from codesign.layers.fixed_point_quantizer import FixedPointQuantizer
from codesign.layers.gates.cancel_out import CancelOut
from codesign.layers.gates.cost import GateCost
from codesign.layers.gates.group import GateGroup
from codesign.layers.gates.top_k_gate import TopKGate
from codesign.layers.masked_dense import MaskedDense
from codesign.layers.posterior.dense import PosteriorDense
from codesign.layers.tables.key_bits import KeyBits
from codesign.layers.tables.segment_sum import SegmentSum
from codesign.layers.tables.table_lookup import TableLookup
from codesign.layers.tables.table_sum import TableSum
from codesign.layers.ternary_dense import TernaryDense
from codesign.layers.training_dense import TrainingDense
from codesign.layers.variational_dense import VariationalDense

__all__ = [
    "CancelOut",
    "ColliderAugmentation",
    "ColliderFeatures",
    "DetectorWords",
    "FeatureSelection",
    "FillMissing",
    "FixedPointQuantizer",
    "GateCost",
    "GateGroup",
    "KeyBits",
    "MaskedDense",
    "PosteriorDense",
    "SegmentSum",
    "TableLookup",
    "TableSum",
    "TernaryDense",
    "TopKGate",
    "TrainingDense",
    "VariationalDense",
    "dense_block",
    "embed_columns",
]

"""The classes and functions that a saved model may name; what else a file names is refused before Keras looks it up.

Not among Keras's own: Lambda; what opens files (TextVectorization, lookups, TFSMLayer); what a few bytes make build
without bounds (LocallyConnected, SpectralNormalization).
"""

_LAYERS = """
Activation ActivityRegularization Add AdditiveAttention AlphaDropout Attention Average AveragePooling1D
AveragePooling2D AveragePooling3D AvgPool1D AvgPool2D AvgPool3D BatchNormalization BatchNormalizationV1
BatchNormalizationV2 Bidirectional CategoryEncoding CenterCrop Concatenate Conv1D Conv1DTranspose Conv2D
Conv2DTranspose Conv3D Conv3DTranspose ConvLSTM1D ConvLSTM2D ConvLSTM3D Convolution1D Convolution2D Convolution3D
Cropping1D Cropping2D Cropping3D Dense DepthwiseConv1D DepthwiseConv2D Discretization Dot Dropout ELU EinsumDense
Embedding Flatten GRU GRUCell GaussianDropout GaussianNoise GlobalAveragePooling1D GlobalAveragePooling2D
GlobalAveragePooling3D GlobalAvgPool1D GlobalAvgPool2D GlobalAvgPool3D GlobalMaxPool1D GlobalMaxPool2D GlobalMaxPool3D
GlobalMaxPooling1D GlobalMaxPooling2D GlobalMaxPooling3D GroupNormalization Identity InputLayer LSTM LSTMCell
LayerNormalization LeakyReLU Masking MaxPool1D MaxPool2D MaxPool3D MaxPooling1D MaxPooling2D MaxPooling3D Maximum
Minimum MultiHeadAttention Multiply Normalization PReLU Permute RNN ReLU RepeatVector Rescaling Reshape Resizing
SeparableConv1D SeparableConv2D SeparableConvolution1D SeparableConvolution2D SimpleRNN SimpleRNNCell Softmax
SpatialDropout1D SpatialDropout2D SpatialDropout3D StackedRNNCells Subtract SyncBatchNormalization ThresholdedReLU
TimeDistributed UnitNormalization UpSampling1D UpSampling2D UpSampling3D ZeroPadding1D ZeroPadding2D ZeroPadding3D
"""
_INITIALIZERS = """
Constant GlorotNormal GlorotUniform HeNormal HeUniform Identity LecunNormal LecunUniform Ones Orthogonal RandomNormal
RandomUniform TruncatedNormal VarianceScaling Zeros
"""
_REGULARIZERS_AND_CONSTRAINTS = "L1 L1L2 L2 OrthogonalRegularizer MaxNorm MinMaxNorm NonNeg RadialConstraint UnitNorm"
_POLICIES = "Policy LossScaleOptimizer"
_QKERAS_LAYERS = """
QActivation QAdaptiveActivation QAveragePooling2D QBatchNormalization QBidirectional QConv1D QConv2D QConv2DBatchnorm
QConv2DTranspose QDense QDenseBatchnorm QDepthwiseConv2D QDepthwiseConv2DBatchnorm QGRU QGRUCell
QGlobalAveragePooling2D QLSTM QLSTMCell QSeparableConv1D QSeparableConv2D QSimpleRNN QSimpleRNNCell
"""
_QUANTIZERS = """
bernoulli binary quantized_bits quantized_hswish quantized_po2 quantized_relu quantized_relu_po2 quantized_sigmoid
quantized_tanh quantized_ulaw stochastic_binary stochastic_ternary ternary
"""
_PRUNING = "PruneLowMagnitude ConstantSparsity PolynomialDecay"
_OWN = (
    "BinaryDense CancelOut ColliderAugmentation ColliderFeatures DetectorWords FeatureSelection FillMissing "
    "FixedPointQuantizer KeyBits MaskedDense PlaygroundTernaryDense PosteriorDense QDenseBatchnorm SegmentSum "
    "TableLookup TableSum TernaryDense TopKGate VariationalDense"
)

MODELS = frozenset({"Sequential", "Functional", "Model"})
ACTIVATIONS = frozenset(
    "elu exponential gelu hard_sigmoid leaky_relu linear mish relu relu6 selu sigmoid silu softmax softplus softsign "
    "swish tanh".split()
)
QUANTIZERS = frozenset(_QUANTIZERS.split())
QUANTIZER_FUNCTIONS = frozenset(
    "binary_sigmoid binary_tanh hard_sigmoid hard_tanh smooth_sigmoid smooth_tanh stochastic_round ternary_tanh".split()
)
KERAS_CLASSES = MODELS | frozenset(f"{_LAYERS} {_INITIALIZERS} {_REGULARIZERS_AND_CONSTRAINTS} {_POLICIES}".split())
QKERAS_CLASSES = QUANTIZERS | frozenset(f"{_QKERAS_LAYERS} QInitializer Clip".split())

# Of nn_playground, whose files name whatever module these were copied to: that name is dropped.
PLAYGROUND_CLASSES = frozenset({"BinaryDense", "TernaryDense", "Clip"})

# Which top-level module may be named as the home of which classes.
CLASSES_BY_MODULE = {
    "keras": KERAS_CLASSES,
    "tf_keras": KERAS_CLASSES,
    "tensorflow": KERAS_CLASSES,
    "qkeras": QKERAS_CLASSES,
    "tensorflow_model_optimization": frozenset(_PRUNING.split()),
    "codesign": frozenset(_OWN.split()),
}
CLASSES = frozenset().union(*CLASSES_BY_MODULE.values())

# Functions behind a TFOpLambda layer, which Keras writes for an operator or a TensorFlow function between layers.
OPERATIONS = frozenset(
    """
__operators__.add __operators__.getitem cast clip_by_value compat.v1.squeeze compat.v1.transpose concat expand_dims
identity math.abs math.add math.divide math.exp math.log math.maximum math.minimum math.multiply math.negative
math.reduce_max math.reduce_mean math.reduce_min math.reduce_sum math.sigmoid math.softplus math.sqrt math.square
math.subtract math.pow math.tanh math.truediv nn.leaky_relu nn.relu nn.relu6 nn.silu nn.softmax reshape squeeze stack
stop_gradient transpose
""".split()
)

"""Fitted estimators of every kind that a network can be, by name."""

import warnings

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.cross_decomposition import PLSRegression
from sklearn.decomposition import PCA, FastICA, TruncatedSVD
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import (
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    RandomForestRegressor,
    VotingClassifier,
)
from sklearn.feature_selection import RFE, SelectKBest, VarianceThreshold
from sklearn.impute import SimpleImputer
from sklearn.linear_model import (
    LinearRegression,
    LogisticRegression,
    PoissonRegressor,
    Ridge,
    RidgeClassifier,
    SGDClassifier,
)
from sklearn.model_selection import GridSearchCV
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import MultiOutputRegressor
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import (
    Binarizer,
    FunctionTransformer,
    MaxAbsScaler,
    MinMaxScaler,
    Normalizer,
    PolynomialFeatures,
    RobustScaler,
    StandardScaler,
)
from sklearn.svm import LinearSVC, LinearSVR

RNG = np.random.default_rng(0)
SCALE = np.arange(1.0, 6.0)
X = RNG.normal(size=(120, 5)) * SCALE + 1
TWO = (X[:, 0] + X[:, 1] > 1).astype(int)
THREE = np.digitize(X[:, 0], [0, 2])
VALUE = X @ SCALE / 10
TEST = RNG.normal(size=(100, 5)) * SCALE + 1


def columns():
    parts = [("a", StandardScaler(), [0, 1]), ("b", MinMaxScaler(), slice(2, 4)), ("c", "drop", [1])]
    union = FeatureUnion([("p", PCA(2)), ("s", StandardScaler())], transformer_weights={"p": 2.0})
    mlp = MLPClassifier((4,), max_iter=3)
    return make_pipeline(ColumnTransformer(parts, remainder="passthrough"), union, "passthrough", mlp)


SCALERS = {
    "standard": StandardScaler(), "no mean": StandardScaler(with_mean=False),
    "no scale": StandardScaler(with_std=False), "min max": MinMaxScaler(), "clipped": MinMaxScaler((-1, 2), clip=True),
    "max abs": MaxAbsScaler(),
    "robust": RobustScaler(), "l2": Normalizer(), "l1": Normalizer("l1"), "pca": PCA(3), "white": PCA(3, whiten=True),
    "svd": TruncatedSVD(2), "ica": FastICA(3, random_state=0), "binary": Binarizer(threshold=0.5),
    "products": PolynomialFeatures(2), "interactions": PolynomialFeatures((1, 3), interaction_only=True),
    "best": SelectKBest(k=2), "variance": VarianceThreshold(3.0), "imputer": SimpleImputer(),
    "identity": FunctionTransformer(),
}  # fmt: skip
MODELS = {
    **{f"mlp {one}": (lambda one=one: MLPClassifier((4, 3), activation=one, max_iter=3), THREE)
       for one in ("relu", "tanh", "logistic", "identity")},
    "mlp two": (lambda: MLPClassifier((4,), max_iter=3), TWO),
    "mlp value": (lambda: MLPRegressor(hidden_layer_sizes=(4,), max_iter=3), VALUE),
    "mlp values": (lambda: MLPRegressor(hidden_layer_sizes=(4,), max_iter=3), np.c_[VALUE, VALUE]),
    "linear": (LinearRegression, VALUE), "ridge": (Ridge, np.c_[VALUE, -VALUE]), "svr": (LinearSVR, VALUE),
    "pls": (PLSRegression, VALUE), "poisson": (PoissonRegressor, np.abs(VALUE)),
    "logistic two": (LogisticRegression, TWO), "logistic three": (LogisticRegression, THREE),
    "liblinear": (lambda: LogisticRegression(solver="liblinear"), TWO),
    "ridge classes": (RidgeClassifier, THREE), "svc": (LinearSVC, TWO), "lda": (LinearDiscriminantAnalysis, THREE),
    "sgd": (lambda: SGDClassifier(loss="log_loss", random_state=0), THREE), "hinge": (SGDClassifier, TWO),
    "columns": (columns, THREE), "forest": (lambda: RandomForestClassifier(4, max_depth=3), THREE),
    "forest two": (lambda: RandomForestClassifier(4, max_depth=3), TWO),
    "forest value": (lambda: RandomForestRegressor(4, max_depth=3), VALUE),
    "boosted": (lambda: GradientBoostingClassifier(n_estimators=3), THREE),
    "boosted two": (lambda: GradientBoostingClassifier(n_estimators=3), TWO),
    "boosted value": (lambda: GradientBoostingRegressor(n_estimators=3), VALUE),
    "histograms": (lambda: HistGradientBoostingClassifier(max_iter=3), THREE),
    "scaled forest": (lambda: make_pipeline(StandardScaler(), RandomForestClassifier(4, max_depth=3)), TWO),
    "vote": (lambda: VotingClassifier([("a", LogisticRegression()), ("b", LinearDiscriminantAnalysis())], voting="soft",
                                      weights=[1, 2]), THREE),
    "one each": (lambda: OneVsRestClassifier(LogisticRegression()), THREE),
    "outputs": (lambda: MultiOutputRegressor(Ridge()), np.c_[VALUE, -VALUE]),
    "search": (lambda: GridSearchCV(LogisticRegression(), {"C": [1.0, 2.0]}, cv=2), TWO),
    "eliminated": (lambda: RFE(LogisticRegression(), n_features_to_select=2), TWO),
    **{f"{name} scaler": (lambda one=one: make_pipeline(one, Ridge()), VALUE) for name, one in SCALERS.items()},
}  # fmt: skip


def fitted(name):
    make, target = MODELS[name]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return make().fit(X, target)


def expected(model, x):
    """What the network of a model gives: probabilities where there are some, else a decision, or values."""
    for method in ("predict_proba", "decision_function", "predict", "transform"):
        if hasattr(model, method):
            return np.asarray(getattr(model, method)(x)).reshape(len(x), -1)
    raise TypeError(model)

"""A trained forest as a network, exact but for the step of its leaves."""

from codesign._arguments import checked
from codesign.data import Words
from codesign.errors import DataError
from codesign.forests.forest import Forest
from codesign.forests.leaves import round_leaves
from codesign.forests.lightgbm_text import read_lightgbm
from codesign.forests.sklearn_models import read_sklearn
from codesign.forests.to_network import forest_network
from codesign.forests.xgboost_model import read_xgboost
from codesign.model_files import identify
from codesign.network import FixedPoint, Network

_BY_KIND = {"xgboost": read_xgboost, "lightgbm": read_lightgbm}


@checked
def from_xgboost(
    model: object, precision: FixedPoint | str | Words, *, leaf_step: int | float | None = None
) -> Network:
    """Read a forest of XGBoost into a network of comparisons, tables and sums.

    Each comparison becomes the code of the input at which XGBoost's, in single precision, flips, so that every event of
    the inputs' formats ends in the leaf that it ends in there. The outputs are those of
    ``predict(output_margin=True)``, their leaves and base scores rounded to `leaf_step`; the branches of missing values
    are left out, because no fixed-point number is one. XGBoost itself is not needed for a file.

    Args:
        model: a Booster, read with all its trees, an XGBClassifier or XGBRegressor, read up to its best iteration, or
            the path of a ``.json`` or ``.ubj``.
        precision: type of the inputs, in the units of the training; or the words that a detector sends of them.
        leaf_step: a power of two; None: the largest at which no output is farther from XGBoost's than a 1,024th of the
            range that the trees span.

    Raises:
        DataError: for a file that is missing, damaged or none of XGBoost's.
        UnsupportedLayerError: for a ranking objective or a linear booster.
        PrecisionError: for another number of types, or one at which no comparison is left.

    Example:
        >>> from codesign import from_xgboost
        >>> tree = {"tree_param": {"size_leaf_vector": "1"}, "split_indices": [0, 0, 0], "left_children": [1, -1, -1]}
        >>> tree |= {"right_children": [2, -1, -1], "split_conditions": [0.5, -1.0, 0.25], "default_left": [0, 0, 0]}
        >>> learner = {"gradient_booster": {"name": "gbtree", "model": {"trees": [tree], "tree_info": [0]}}}
        >>> learner |= {"objective": {"name": "reg:squarederror"}}
        >>> learner |= {"learner_model_param": {"num_class": "0", "num_feature": "1", "base_score": "[1E0]"}}
        >>> import json, pathlib
        >>> _ = pathlib.Path("forest.json").write_text(json.dumps({"learner": learner}))
        >>> from_xgboost("forest.json", "ap_fixed<8,4>").predict([[0.4375], [0.5]]).tolist()
        [[0.0], [1.25]]
    """
    return _network(read_xgboost(model), precision, leaf_step)


@checked
def from_lightgbm(
    model: object, precision: FixedPoint | str | Words, *, leaf_step: int | float | None = None
) -> Network:
    """Read a forest of LightGBM into a network of comparisons, tables and sums, as :func:`from_xgboost` does.

    The outputs are those of ``predict(raw_score=True)``, with ``boosting='rf'`` the mean of the trees.

    Args:
        model: a Booster, an LGBMClassifier or LGBMRegressor, up to the best iteration where there is one, or the path
            of a text.
        precision, leaf_step: as in :func:`from_xgboost`.

    Raises:
        DataError: for a file that is missing, damaged or none of LightGBM's.
        UnsupportedLayerError: for a ranking objective or linear trees.
        PrecisionError: for another number of types, or one at which no comparison is left.

    Example:
        >>> from codesign import from_lightgbm
        >>> head = "tree\\nnum_tree_per_iteration=1\\nmax_feature_idx=0\\nfeature_names=pt\\n\\nTree=0\\n"
        >>> head += "num_leaves=2\\n"
        >>> tree = "split_feature=0\\nthreshold=0.5\\ndecision_type=0\\nleft_child=-1\\nright_child=-2\\n"
        >>> import pathlib
        >>> _ = pathlib.Path("forest.txt").write_text(f"{head}{tree}leaf_value=-1 0.25\\nend of trees\\n")
        >>> from_lightgbm("forest.txt", "ap_fixed<8,4>").predict([[0.5], [0.5625]]).tolist()
        [[-1.0], [0.25]]
    """
    return _network(read_lightgbm(model), precision, leaf_step)


@checked
def from_sklearn(
    model: object, precision: FixedPoint | str | Words, *, leaf_step: int | float | None = None
) -> Network:
    """Read trees or a forest of scikit-learn into a network of comparisons, tables and sums, as :func:`from_xgboost`.

    Boosted classifiers give their ``decision_function``, regressors what they predict before a link such as exp.
    Classifiers of bagged trees give ``predict_proba``: of two classes the second's, less one half, so that its sign
    decides.

    Args:
        model: DecisionTree, ExtraTree, RandomForest, ExtraTrees, GradientBoosting or HistGradientBoosting, Classifier
            or Regressor.
        precision, leaf_step: as in :func:`from_xgboost`.

    Raises:
        ConfigError: for another model, or one that is not fitted.
        UnsupportedLayerError: for several labels, categorical features, or a model in front of the trees.
        PrecisionError: for another number of types, or one at which no comparison is left.

    Example:
        >>> from sklearn.tree import DecisionTreeRegressor
        >>> from codesign import from_sklearn
        >>> tree = DecisionTreeRegressor().fit([[0.0], [1.0]], [-1.0, 0.25])
        >>> from_sklearn(tree, "ap_fixed<8,4>").predict([[0.5], [0.5625]]).tolist()
        [[-1.0], [0.25]]
    """
    return _network(read_sklearn(model), precision, leaf_step)


def read_forest(model: object) -> Forest:
    """Read a forest of any of the libraries, or the file of one.

    Raises:
        DataError: for a file that holds none.
        ConfigError, UnsupportedLayerError: as the readers of each library.
    """
    modules = {base.__module__.partition(".")[0] for base in type(model).__mro__}
    if "xgboost" in modules or "lightgbm" in modules:
        return (read_xgboost if "xgboost" in modules else read_lightgbm)(model)
    if not isinstance(model, (str, bytes)) and not hasattr(model, "__fspath__"):
        return read_sklearn(model)
    file = identify(model, what="model")
    if file.kind not in _BY_KIND:
        raise DataError(
            f"model: expected a forest of XGBoost (.json, .ubj) or LightGBM (.txt). Received: {file.path}, "
            f"{file.description}"
        )
    return _BY_KIND[file.kind](model)


def _network(forest: Forest, precision: FixedPoint | str | Words, leaf_step: float | None) -> Network:
    kind = FixedPoint.parse(precision) if isinstance(precision, str) else precision
    return forest_network(forest, kind, round_leaves(forest, leaf_step))

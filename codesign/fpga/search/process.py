"""Process: a Gaussian process that is fitted again and again to more points."""

import warnings

import numpy as np

_MORE = 1.3  # times the points after which its scales are found anew
_MOST_SCALED = 200  # points that scales are found on
_BOUNDS, _OWN_ERROR = (1e-3, 1e3), (1e-6, 1.0)


class Process:
    """A smooth curve and a slope in all columns, with an error of each point; scales are the most likely ones.

    scikit-learn finds the scales; to predict a few points it takes a millisecond, which here is done in some 20 us.
    """

    def __init__(self) -> None:
        self._scales, self._n_scaled = None, 0

    def fit(self, x: np.ndarray, y: np.ndarray) -> None:
        """Learn y, (n_points,), of x, (n_points, n_columns)."""
        self._x, self._mean, self._span = x, y.mean(), y.std() or 1.0
        scaled = (y - self._mean) / self._span
        if len(x) > _MORE * self._n_scaled:
            every = slice(None, None, -(-len(x) // _MOST_SCALED))
            self._scales, self._n_scaled = _most_likely(x[every], scaled[every]), len(x)
        alike = self._alike(x) + (self._scales[-1] + 1e-8) * np.eye(len(x))
        inverse = np.linalg.inv(alike)
        self._left = inverse @ scaled
        left = self._left / np.diag(inverse)  # of each point, as the others foretell it
        self.error = float(self._span * np.sqrt(np.mean(left**2)))

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Return (n_points,)."""
        return self._mean + self._span * (self._alike(x) @ self._left)

    def _alike(self, x: np.ndarray) -> np.ndarray:
        """(n_points, n_known) covariances."""
        slope, offset, smooth, length, _ = self._scales
        products = x @ self._x.T
        squares = (x**2).sum(1)[:, np.newaxis] + (self._x**2).sum(1) - 2 * products
        return smooth * np.exp(-squares / (2 * length**2)) + slope * (offset**2 + products)


def _most_likely(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """(5,) variance of the slope and its offset, variance and length of the curve, and variance of a point's error."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import RBF, ConstantKernel, DotProduct, WhiteKernel

    kernel = ConstantKernel(1.0, _BOUNDS) * RBF(1.0, _BOUNDS) + WhiteKernel(1e-3, _OWN_ERROR)
    kernel = ConstantKernel(1.0, _BOUNDS) * DotProduct(1.0, _BOUNDS) + kernel
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # a scale at its bound is as good as any beyond
        return np.exp(GaussianProcessRegressor(kernel, alpha=1e-8).fit(x, y).kernel_.theta)

"""Estimators of scikit-learn, live ones and those in skops files, whose code is not run and need not be there."""

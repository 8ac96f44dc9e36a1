"""Choose Keras 2 before anything imports TensorFlow, and keep every test on one thread."""

import gc
import os

os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
for name in ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
    os.environ.setdefault(name, "1")

# The traces of TensorFlow are millions of small objects that live on: looking through them rarely saves time.
gc.set_threshold(50_000, 20, 20)

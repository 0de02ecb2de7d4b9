"""Prints the reference values of PaperSplitTests: first eight and last three of RandomState(seed).permutation(n).

The legacy generator is frozen by NumPy's compatibility policy, so any NumPy since 1.17 prints the same.
"""
import numpy as np

for seed, n in [(42, 1), (42, 2), (42, 3), (42, 10), (42, 308), (42, 1440), (42, 1536), (42, 3812), (0, 10), (2**32 - 1, 10)]:
    p = np.random.RandomState(seed).permutation(n)
    print(seed, n, *p[:8], "|", *p[-3:])
print("numpy", np.__version__)

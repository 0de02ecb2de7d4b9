"""Writes mlp_classifier.json: what scikit-learn's MLPClassifier does, for MlpClassifierTests.

Run as: python3 mlp_classifier.py FOLDER, where FOLDER holds original_X.npy and original_y.npy.

steps:   three Adam steps over all rows at once from given weights, with an L2 term strong enough to show, and one hidden
         unit that no row reaches, so that the L2 term alone moves its weights, in the region of Adam's epsilon.
accuracy: test accuracy and epochs of 200 seeds on the raw features under train_test_split(test_size=0.2, random_state=42).
"""
import json
import pathlib
import sys
import warnings

import numpy as np
import sklearn
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

ROWS, INPUTS, HIDDEN, CLASSES, STEPS = 12, 4, 5, 3, 3
ALPHA, RATE = 0.3, 0.01
SEEDS = 200


def steps():
    random = np.random.RandomState(1)
    x = random.normal(size=(ROWS, INPUTS))
    y = np.arange(ROWS) % CLASSES
    coefs = [random.uniform(-0.8, 0.8, (INPUTS, HIDDEN)), random.uniform(-0.8, 0.8, (HIDDEN, CLASSES))]
    intercepts = [random.uniform(-0.8, 0.8, HIDDEN), random.uniform(-0.8, 0.8, CLASSES)]
    coefs[0][:, 0] = [1e-5, -1e-5, 2e-5, 1e-6]
    intercepts[0][0] = -1.0
    start = {"coefs": [c.tolist() for c in coefs], "intercepts": [i.tolist() for i in intercepts]}

    class Given(MLPClassifier):
        def _init_coef(self, fan_in, fan_out, dtype):
            layer = 0 if fan_in == INPUTS else 1
            return coefs[layer], intercepts[layer]

    model = Given((HIDDEN,), alpha=ALPHA, learning_rate_init=RATE, batch_size=ROWS, shuffle=False, max_iter=STEPS)
    losses = []
    for _ in range(STEPS):
        model.partial_fit(x, y, classes=np.arange(CLASSES))
        losses.append(float(model.loss_))
    return {
        "x": x.tolist(), "y": y.tolist(), "alpha": ALPHA, "learning_rate": RATE, "losses": losses, "start": start,
        "end": {"coefs": [c.tolist() for c in model.coefs_], "intercepts": [i.tolist() for i in model.intercepts_]},
    }


def accuracy(folder):
    x, y = np.load(folder / "original_X.npy"), np.load(folder / "original_y.npy")
    x_train, x_test, y_train, y_test = train_test_split(x, y, test_size=0.2, random_state=42)
    scores, epochs = [], []
    for seed in range(SEEDS):
        model = MLPClassifier((100,), alpha=1e-3, random_state=seed).fit(x_train, y_train)
        scores.append(model.score(x_test, y_test))
        epochs.append(model.n_iter_)
    return {"scores": scores, "epochs": epochs}


warnings.simplefilter("ignore")
result = {"versions": {"numpy": np.__version__, "scikit-learn": sklearn.__version__}, "steps": steps(), "accuracy": accuracy(pathlib.Path(sys.argv[1]))}
pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(result, indent=1) + "\n")

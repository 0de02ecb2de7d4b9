"""Makes metrics.json and calibration.json: stored predictions beside the values that independent programs give for them.

Run with the Python that has scikit-learn, statsmodels, scipy and numpy (Debian: python3-sklearn, python3-statsmodels):

    /usr/bin/python3 SerPipeline.Tests/Evaluation/Fixtures/make_fixtures.py

metrics.json      { versions, sets: [ { name, labels, truth, predicted, probabilities, expected } ], mcnemar: [ { onlyA, onlyB, pValue } ] }
calibration.json  { versions, bins, sets: [ { name, labels, truth, probabilities, ece, reliability: [ { low, high, clips, confidence, accuracy } ] } ] }

truth and predicted are places in labels; probabilities is one row a clip. They are written as float32, as the library keeps them, and computed with as float64
of those same values. The prediction of a set in calibration.json is the first of the greatest probabilities. Bins are those of Guo et al. 2017: bin m of M holds
the confidences in ((m - 1) / M, m / M]; the expected calibration error is the mean of |accuracy - confidence| over bins, weighted by their clips.
"""
import json
import os
import platform

import numpy as np
import scipy
import sklearn
import statsmodels
from sklearn import metrics
from statsmodels.stats.contingency_tables import mcnemar

HERE = os.path.dirname(os.path.abspath(__file__))
LABELS = ["angry", "fear", "happy", "neutral", "sad"]
VERSIONS = {
    "python": platform.python_version(), "numpy": np.__version__, "scipy": scipy.__version__,
    "scikit-learn": sklearn.__version__, "statsmodels": statsmodels.__version__,
}
BINS = 15


def distributions(rng, truth, classes, skill, spread):
    scores = spread * rng.standard_normal((len(truth), classes))
    scores[np.arange(len(truth)), truth] += skill
    e = np.exp(scores - scores.max(axis=1, keepdims=True))
    return (e / e.sum(axis=1, keepdims=True)).astype(np.float32)


def expected(truth, predicted, probabilities):
    every = list(range(len(LABELS)))
    precision, recall, f1, support = metrics.precision_recall_fscore_support(truth, predicted, labels=every, zero_division=0)
    return {
        "uar": metrics.balanced_accuracy_score(truth, predicted),
        "accuracy": metrics.accuracy_score(truth, predicted),
        "macroF1": metrics.f1_score(truth, predicted, labels=every, average="macro", zero_division=0),
        "weightedF1": metrics.f1_score(truth, predicted, labels=every, average="weighted", zero_division=0),
        "precision": precision.tolist(), "recall": recall.tolist(), "f1": f1.tolist(), "support": support.tolist(),
        "confusion": metrics.confusion_matrix(truth, predicted, labels=every).tolist(),
        # scikit-learn 1.2 clips at 1e-15 unless told; the library clips at float32's epsilon, as later versions do for float32. It also normalises rows.
        "logLoss": metrics.log_loss(truth, probabilities.astype(np.float64), labels=every, eps=2.0 ** -23),
        "top2": metrics.top_k_accuracy_score(truth, probabilities, k=2, labels=every),
        "top3": metrics.top_k_accuracy_score(truth, probabilities, k=3, labels=every),
    }


def case(name, truth, probabilities, predicted=None):
    predicted = probabilities.argmax(axis=1) if predicted is None else predicted
    return {
        "name": name, "labels": LABELS, "truth": truth.tolist(), "predicted": predicted.tolist(),
        "probabilities": [[float(p) for p in row] for row in probabilities], "expected": expected(truth, predicted, probabilities),
    }


def metric_sets():
    rng = np.random.default_rng(20240101)
    balanced = np.repeat(np.arange(5), 12)
    skewed = rng.choice(5, 80, p=[0.5, 0.05, 0.25, 0.15, 0.05])
    no_fear = rng.choice([0, 2, 3, 4], 50)
    sets = [
        case("balanced", balanced, distributions(rng, balanced, 5, 1.5, 1.0)),
        case("skewed", skewed, distributions(rng, skewed, 5, 1.0, 1.5)),
        case("a class missing in the truth", no_fear, distributions(rng, no_fear, 5, 1.0, 1.0)),
    ]
    # Sad is never said: its score is pushed below the others.
    scores = np.log(distributions(rng, balanced, 5, 1.0, 1.0).astype(np.float64))
    scores[:, 4] = scores.min(axis=1) - 0.5
    never = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    sets.append(case("a class never predicted", balanced, never.astype(np.float32)))
    one = np.full(20, 3)
    sets.append(case("one class only in the truth", one, distributions(rng, one, 5, 0.5, 1.0)))
    sure = distributions(rng, balanced, 5, 0.0, 40.0)
    entry = case("probabilities of 0 and 1", balanced, sure)
    # Probabilities of exactly 0 tie; scikit-learn's sort counts the later class first, the library the earlier one. One clip's third place depends on it.
    del entry["expected"]["top3"]
    sets.append(entry)
    # Two equal greatest probabilities: the first one is the prediction.
    pairs = [(a, b) for a in range(5) for b in range(a + 1, 5)]
    tied = np.full((len(pairs), 5), 0.125, dtype=np.float32)
    for row, (a, b) in enumerate(pairs):
        tied[row, [a, b]] = 0.3125
    truth = np.array([pair[i % 2] for i, pair in enumerate(pairs)])
    sets.append(case("ties", truth, tied))
    return sets


def calibration_set(name, truth, probabilities):
    wide = probabilities.astype(np.float64)
    confidence, predicted = wide.max(axis=1), wide.argmax(axis=1)
    right = (predicted == truth).astype(np.float64)
    edges = np.linspace(0, 1, BINS + 1)
    ece, bins = 0.0, []
    for low, high in zip(edges[:-1], edges[1:]):
        inside = (confidence > low) & (confidence <= high)
        clips = int(inside.sum())
        mean, accuracy = (confidence[inside].mean(), right[inside].mean()) if clips else (0.0, 0.0)
        ece += clips / len(truth) * abs(accuracy - mean)
        bins.append({"low": low, "high": high, "clips": clips, "confidence": mean, "accuracy": accuracy})
    return {"name": name, "labels": LABELS, "truth": truth.tolist(), "probabilities": [[float(p) for p in row] for row in probabilities], "ece": ece, "reliability": bins}


def calibration_sets():
    rng = np.random.default_rng(20240102)
    truth = rng.integers(0, 5, 200)
    return [
        calibration_set("overconfident", truth, distributions(rng, truth, 5, 1.0, 3.0)),
        calibration_set("underconfident", truth, distributions(rng, truth, 5, 0.6, 0.1)),
        calibration_set("certain", truth, np.eye(5, dtype=np.float32)[rng.integers(0, 5, 200)]),
    ]


def write(name, content):
    with open(os.path.join(HERE, name), "w", encoding="utf-8", newline="\n") as file:
        json.dump(content, file, separators=(",", ":"))
        file.write("\n")


def main():
    tables = [(0, 0), (1, 0), (3, 3), (5, 1), (2, 9), (10, 25), (40, 41), (0, 30), (300, 360), (900, 1300)]
    tests = [{"onlyA": b, "onlyB": c, "pValue": float(mcnemar([[100, b], [c, 50]], exact=True).pvalue) if b + c else 1.0} for b, c in tables]
    write("metrics.json", {"versions": VERSIONS, "sets": metric_sets(), "mcnemar": tests})
    write("calibration.json", {"versions": VERSIONS, "bins": BINS, "sets": calibration_sets()})


if __name__ == "__main__":
    main()

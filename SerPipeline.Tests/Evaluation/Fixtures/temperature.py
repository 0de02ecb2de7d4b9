"""Writes temperature.json: predictions, their calibration error and their best temperature, by numpy alone.

Run with numpy 1.24 or later: python3 temperature.py. The error is computed as the authors of Guo et al. 2017 do, mask by mask over
linspace edges; the temperature by searching ever finer grids of log T for the least mean negative log-likelihood.
"""
import json
import pathlib

import numpy as np

BINS = 15


def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def ece(p, labels):
    confidence, right = p.max(axis=1), p.argmax(axis=1) == labels
    edges = np.linspace(0, 1, BINS + 1)
    error = 0.0
    for low, high in zip(edges[:-1], edges[1:]):
        inside = (confidence > low) & (confidence <= high)
        if inside.any():
            error += abs(confidence[inside].mean() - right[inside].mean()) * inside.mean()
    return float(error)


def nll(z, labels, log_t):
    return float(-np.log(softmax(z / np.exp(log_t))[np.arange(len(labels)), labels]).mean())


def best_temperature(z, labels):
    low, high = np.log(0.05), np.log(20)
    for _ in range(12):
        grid = np.linspace(low, high, 101)
        best = int(np.argmin([nll(z, labels, g) for g in grid]))
        low, high = grid[max(best - 1, 0)], grid[min(best + 1, 100)]
    return float(np.exp((low + high) / 2))


def case(name, seed, rows, classes, scale):
    random = np.random.default_rng(seed)
    z = random.normal(size=(rows, classes)) * 1.5
    labels = np.array([random.choice(classes, p=row) for row in softmax(z)])
    p = softmax(z * scale).astype(np.float32)
    logs = np.log(p.astype(np.float64))
    temperature = best_temperature(logs, labels)
    scaled = softmax(logs / temperature)
    return {
        "name": name, "labels": labels.tolist(), "probabilities": [[float(v) for v in row] for row in p],
        "ece": ece(p.astype(np.float64), labels), "temperature": temperature, "scaledEce": ece(scaled, labels),
        "scaledLogLoss": float(-np.log(scaled[np.arange(rows), labels]).mean()),
    }


if __name__ == "__main__":
    cases = [case("overconfident", 1, 150, 6, 3.0), case("modest", 2, 150, 4, 0.4), case("two classes", 3, 80, 2, 1.0)]
    text = json.dumps({"numpy": np.__version__, "cases": cases}, indent=None, separators=(",", ":"))
    pathlib.Path(__file__).with_suffix(".json").write_text(text + "\n")

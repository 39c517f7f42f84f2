#!/usr/bin/env python3
"""Fits the critical batch to a study of steps against batches, and compares it with the noise scale.

usage: critical_batch.py FOLDER        such as studies/batch-size

For each batch, the rate with the fewest steps to the target counts, among those whose runs all reached
it. S(B) = S_min (1 + B_crit / B) (McCandlish et al. 2018) is a straight line in 1/B; it is fitted by
least squares of the relative errors. The noise scale is the mean over a run's observations of the
variance, divided by the mean of the squared norm, as both are noisy.
"""

import collections
import csv
import json
import pathlib
import statistics
import sys


def noise_scale(run):
    """Returns tr Σ / ‖G‖² over a whole run, or None where the squared norm is not positive."""
    variances, squares = [], []
    with open(run / "observations.jsonl", encoding="utf-8") as file:
        for line in file:
            whole = json.loads(line)["whole"]
            if whole["variance"] is not None and whole["squaredNorm"] is not None:
                variances.append(whole["variance"])
                squares.append(whole["squaredNorm"])
    if not squares or sum(squares) <= 0:
        return None
    return sum(variances) / sum(squares)


def fit(points):
    """Returns S_min and B_crit of S = a + b / B, with weights 1 / S²."""
    sums = [0.0] * 5
    for batch, steps in points:
        weight, x = 1 / steps**2, 1 / batch
        for at, value in enumerate((1, x, x * x, steps, x * steps)):
            sums[at] += weight * value
    one, first, second, right, mixed = sums
    determinant = one * second - first * first
    a = (right * second - first * mixed) / determinant
    b = (one * mixed - first * right) / determinant
    return a, b / a


def main():
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        sys.exit(__doc__.strip())
    folder = pathlib.Path(sys.argv[1])
    with open(folder / "results.csv", newline="", encoding="utf-8") as file:
        runs = [run for run in csv.DictReader(file)]
    settings = collections.defaultdict(list)
    for run in runs:
        settings[int(run["batch"]), run["optimizer"]].append(run)
    print("| batch | best rate | steps to the loss | samples | noise scale on the way |")
    print("|---|---|---|---|---|")
    points, scales = [], []
    for batch in sorted({batch for batch, _ in settings}):
        reached = {
            optimizer: [int(run["stepsToTarget"]) for run in some]
            for (at, optimizer), some in settings.items()
            if at == batch and all(run["stepsToTarget"] for run in some)
        }
        if not reached:
            print("| %d | no rate reached the loss with every seed | | | |" % batch)
            continue
        best = min(reached, key=lambda optimizer: statistics.mean(reached[optimizer]))
        steps = statistics.mean(reached[best])
        found = [noise_scale(folder / "runs" / run["run"]) for run in settings[batch, best]]
        found = [scale for scale in found if scale is not None]
        points.append((batch, steps))
        scales.extend(found)
        print("| %d | `%s` | %.0f ± %.0f | %.0f | %s |" % (
            batch, best, steps, statistics.stdev(reached[best]), batch * steps,
            "%.0f" % statistics.mean(found) if found else "noise dominates"))
    if len(points) < 3:
        sys.exit("critical_batch.py: fewer than three batches reached the loss; nothing is fitted")
    fewest, critical = fit(points)
    errors = [abs(fewest * (1 + critical / batch) / steps - 1) for batch, steps in points]
    print()
    print("S_min %.0f steps, B_crit %.0f samples; the fit is off by %.0f %% at most"
          % (fewest, critical, 100 * max(errors)))
    if scales:
        print("noise scale over all runs %.0f to %.0f, median %.0f: %.1f times B_crit"
              % (min(scales), max(scales), statistics.median(scales),
                 statistics.median(scales) / critical))


main()

#!/usr/bin/env python3
"""Fits the critical batch to a study of steps against batches, and compares it with the noise scale.

usage: critical_batch.py FOLDER        such as studies/batch-size

For each batch, the rate with the fewest steps to the target counts, among those whose runs all reached
it. S(B) = S_min (1 + B_crit / B) (McCandlish et al. 2018) is a straight line in 1/B; it is fitted by
least squares of the relative errors. The noise scale of a run is the median over its observations; a cell
has the mean over the seeds.
"""

import collections
import csv
import json
import pathlib
import statistics
import sys


def noise_scale(run):
    """Returns the median of a run's noise scales, or None where noise dominates always."""
    with open(run / "observations.jsonl", encoding="utf-8") as file:
        scales = [json.loads(line)["whole"]["noiseScale"] for line in file]
    known = [scale for scale in scales if scale is not None]
    return statistics.median(known) if known else None


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
    batches = sorted({batch for batch, _ in settings})
    optimizers = list(dict.fromkeys(run["optimizer"] for run in runs))
    print("| batch | best rate | steps to the loss | samples |")
    print("|---|---|---|---|")
    points = []
    for batch in batches:
        reached = {
            optimizer: [int(run["stepsToTarget"]) for run in settings[batch, optimizer]]
            for optimizer in optimizers
            if all(run["stepsToTarget"] for run in settings[batch, optimizer])
        }
        if not reached:
            print("| %d | none reached the loss with every seed | | |" % batch)
            continue
        best = min(reached, key=lambda optimizer: statistics.mean(reached[optimizer]))
        steps = statistics.mean(reached[best])
        points.append((batch, steps))
        print("| %d | `%s` | %.0f ± %.0f | %.0f |" % (
            batch, best, steps, statistics.stdev(reached[best]), batch * steps))
    if len(points) < 3:
        sys.exit("critical_batch.py: fewer than three batches reached the loss; nothing is fitted")
    fewest, critical = fit(points)
    errors = [abs(fewest * (1 + critical / batch) / steps - 1) for batch, steps in points]
    print()
    print("S_min %.0f steps, B_crit %.0f samples; the fit is off by %.0f %% at most"
          % (fewest, critical, 100 * max(errors)))
    print()
    print("Noise scale, and in brackets how many times B_crit that is:")
    print()
    print("| batch | " + " | ".join("`%s`" % optimizer for optimizer in optimizers) + " |")
    print("|---" * (1 + len(optimizers)) + "|")
    for batch in batches:
        cells = []
        for optimizer in optimizers:
            some = [run for run in settings[batch, optimizer] if run["stepsToTarget"]]
            found = [noise_scale(folder / "runs" / run["run"]) for run in some]
            found = [scale for scale in found if scale is not None]
            cells.append("%.0f (%.1f)" % (statistics.mean(found), statistics.mean(found) / critical)
                         if found else "–")
        print("| %d | %s |" % (batch, " | ".join(cells)))


main()

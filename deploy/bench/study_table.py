#!/usr/bin/env python3
"""Prints the results of a study as tables in Markdown: mean ± standard deviation over the seeds.

usage: study_table.py RESULTS.csv --rows KEY[,KEY…] [--columns KEY[,KEY…]] [--value testAccuracy]
                      [--percent] [--worst] [--where KEY=VALUE …]

Examples:
  study_table.py studies/local-steps/results.csv --rows sync --columns shards --percent
  study_table.py studies/batch-size/results.csv --rows batch --columns optimizer --value stepsToTarget
"""

import argparse
import csv
import statistics
import sys


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results")
    parser.add_argument("--rows", required=True, type=lambda text: text.split(","))
    parser.add_argument("--columns", default=[], type=lambda text: text.split(","))
    parser.add_argument("--value", default="testAccuracy")
    parser.add_argument("--percent", action="store_true")
    parser.add_argument("--worst", action="store_true", help="add the lowest mean of each row")
    parser.add_argument("--where", default=[], nargs="*")
    return parser.parse_args()


def cell(runs, value, scale):
    """Returns mean and deviation, and how many of the runs have the figure if not all do."""
    figures = [scale * float(run[value]) for run in runs if run[value]]
    if all(run["state"] == "failed" for run in runs):
        return "failed"
    count = "" if len(figures) == len(runs) else " (%d of %d)" % (len(figures), len(runs))
    if not figures:
        return "–" + count
    mean = statistics.mean(figures)
    digits = 1 if mean < 1000 else 0
    text = "%.*f" % (digits, mean)
    if len(figures) > 1:
        text += " ± %.*f" % (digits, statistics.stdev(figures))
    return text + count


def main():
    asked = arguments()
    with open(asked.results, newline="", encoding="utf-8") as file:
        runs = list(csv.DictReader(file))
    for condition in asked.where:
        key, _, wanted = condition.partition("=")
        runs = [run for run in runs if run[key] == wanted]
    if not runs:
        sys.exit("study_table.py: no run of %s is left" % asked.results)
    missing = [key for key in asked.rows + asked.columns + [asked.value] if key not in runs[0]]
    if missing:
        sys.exit("study_table.py: %s has no column %s; it has %s"
                 % (asked.results, ", ".join(missing), ", ".join(runs[0])))
    across = list(dict.fromkeys(tuple(run[key] for key in asked.columns) for run in runs))
    down = list(dict.fromkeys(tuple(run[key] for key in asked.rows) for run in runs))
    heads = [", ".join(asked.rows)] + [" ".join(names) or asked.value for names in across]
    if asked.worst:
        heads.append("worst")
    print("| " + " | ".join(heads) + " |")
    print("|---" * len(heads) + "|")
    for names in down:
        cells = []
        for other in across:
            some = [run for run in runs
                    if tuple(run[key] for key in asked.rows) == names
                    and tuple(run[key] for key in asked.columns) == other]
            cells.append(cell(some, asked.value, 100 if asked.percent else 1) if some else "")
        if asked.worst:
            cells.append("failed" if "failed" in cells else min(
                (text for text in cells if text[:1].isdigit()),
                key=lambda text: float(text.split()[0]), default="–"))
        print("| " + " | ".join(["`%s`" % ", ".join(names)] + cells) + " |")


main()

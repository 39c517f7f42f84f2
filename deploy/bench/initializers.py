#!/usr/bin/python3
"""Compares starting weights: how well runs end that differ in nothing else.

usage: initializers.py [--tutti FILE] [--data FOLDER] [--seeds N] [--rows NAME,NAME]

Prints a table for docs/PERFORMANCE.md: for each data set the median over the seeds of the test loss and of the
share of test samples that are wrong, with he-normal, with what PyTorch's layers draw by default, and with auto.
All three get the same splits and the same order of samples, which follow from the seed.

FOLDER has iris.csv, wine_data.csv, breast_cancer.csv, boston_house_prices.csv and diabetes_data_raw.csv.gz as
scikit-learn has them; default: where Debian's python3-sklearn puts them. Rows whose data is missing are left out,
and the last line says so. Fashion-MNIST is in Debian's dataset-fashion-mnist.
"""
import argparse
import gzip
import json
import math
import random
import statistics
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

DEBIAN = "/usr/lib/python3/dist-packages/sklearn/datasets/data"
KINDS = ["he-normal", "PyTorch's", "auto"]
TWO = "dense(64),relu,dense(32),relu,dense"
IMAGES = "conv2d(8,3,padding=1),relu,max-pool(2),conv2d(16,3,padding=1),relu,max-pool(2),flatten,dense(64),relu,dense"
DEEP = ",".join(["dense(32),relu"] * 10 + ["dense"])
ADAM = ["--optimizer", "adam(rate=0.003)"]
SMALL = [*ADAM, "--standardize", "--validation", "0", "--test", "0.3", "--batch", "16", "--epochs", "60"]

# name, data (a file is made of a CSV), model, other options
ROWS = [
    ("iris", "iris", TWO, SMALL),
    ("wine", "wine", TWO, SMALL),
    ("breast cancer", "cancer", TWO, SMALL),
    ("Boston houses", "boston", TWO, [*SMALL, "--loss", "mse"]),
    ("diabetes", "diabetes", TWO, [*SMALL, "--loss", "mse"]),
    ("drawn values", "drawn", TWO, [*SMALL, "--loss", "mse"]),
    ("digits", "digits", "mlp", ["--epochs", "10", "--validation", "0", "--test", "0.3"]),
    ("digits convolutions", "digits", IMAGES, ["--epochs", "8", "--validation", "0", "--test", "0.3"]),
    ("digits 10 hidden layers", "digits", DEEP, ["--epochs", "10", "--validation", "0", "--test", "0.3"]),
    ("wine tanh", "wine", TWO.replace("relu", "tanh"), SMALL),
    ("digits residual", "digits", "dense(64),relu,residual(dense(64),relu,dense(64)),"
     "residual(dense(64),relu,dense(64)),dense", ["--epochs", "10", "--validation", "0", "--test", "0.3"]),
    ("Fashion-MNIST lenet5", "fashion-mnist", "lenet5",
     [*ADAM, "--batch", "64", "--epochs", "1", "--validation", "0"]),
]


def lines(file):
    opened = gzip.open(file, "rt") if file.suffix == ".gz" else open(file, encoding="utf-8")
    with opened:
        return [line.split() if "raw" in file.name else line.strip().split(",") for line in opened]


def write(file, rows):
    columns = len(rows[0])
    names = [f"x{i}" for i in range(columns - 1)] + ["y"]
    file.write_text("\n".join([",".join(names)] + [",".join(map(str, row)) for row in rows]) + "\n", encoding="utf-8")


def unit(rows):
    """Brings the last column to mean 0 and deviation 1, as one would before training on real values."""
    values = [float(row[-1]) for row in rows]
    mean, deviation = statistics.mean(values), statistics.pstdev(values)
    return [[*row[:-1], (value - mean) / deviation] for row, value in zip(rows, values)]


def classes(rows):
    return [[*row[:-1], "c" + row[-1]] for row in rows]


def drawn():
    source = random.Random(20261122)
    rows = []
    for _ in range(600):
        x = [source.gauss(0, 1) for _ in range(8)]
        y = math.sin(2 * x[0]) + x[1] * x[2] + 0.5 * x[3] ** 2 + 0.1 * source.gauss(0, 1)
        rows.append([*x, y])
    return rows


def make_files(data, into):
    """Writes a CSV for each data set that is there, and returns their paths by name."""
    files = {}
    for name, source in {"iris": "iris.csv", "wine": "wine_data.csv", "cancer": "breast_cancer.csv"}.items():
        if (data / source).is_file():
            files[name] = into / f"{name}.csv"
            write(files[name], classes(lines(data / source)[1:]))
    if (data / "boston_house_prices.csv").is_file():
        files["boston"] = into / "boston.csv"
        write(files["boston"], unit(lines(data / "boston_house_prices.csv")[2:]))
    if (data / "diabetes_data_raw.csv.gz").is_file():
        files["diabetes"] = into / "diabetes.csv"
        target = [row[0] for row in lines(data / "diabetes_target.csv.gz")]
        write(files["diabetes"], unit([[*x, y] for x, y in zip(lines(data / "diabetes_data_raw.csv.gz"), target)]))
    files["drawn"] = into / "drawn.csv"
    write(files["drawn"], unit(drawn()))
    return files


def read_header(file):
    """Returns the tensors of a safetensors file: name, shape, in their order."""
    content = file.read_bytes()
    size = struct.unpack("<Q", content[:8])[0]
    header = json.loads(content[8:8 + size])
    header.pop("__metadata__", None)
    return {
        name: (entry["shape"], content[8 + size + entry["data_offsets"][0]:8 + size + entry["data_offsets"][1]])
        for name, entry in header.items()
    }


def pytorch_default(model, seed, out):
    """Writes what PyTorch's Linear and Conv2d draw: weights and biases evenly from -1/sqrt(fan in) to 1/sqrt(fan in)."""
    source = random.Random(seed)
    tensors = read_header(model)
    header, body = {}, b""
    for name, (shape, values) in tensors.items():
        weight = tensors.get(name.rsplit(".", 1)[0] + ".weight", (shape,))[0]
        if len(weight) > 1:
            bound = 1 / math.sqrt(math.prod(weight[1:]))
            values = struct.pack(f"<{len(values) // 4}f", *(source.uniform(-bound, bound) for _ in range(len(values) // 4)))
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [len(body), len(body) + len(values)]}
        body += values
    text = json.dumps(header).encode()
    out.write_bytes(struct.pack("<Q", len(text)) + text + body)


def train(tutti, data, model, options, folder):
    command = [tutti, "train", "--data", data, "--model", model, *options, "--workers", "1", "--json",
               "--checkpoint-every", "never", "--out", folder]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def starting(kind, row, seed, tutti, into):
    """Returns the options that make a run start with weights of this kind."""
    if kind != "PyTorch's":
        return ["--initializer", kind]
    name, data, model, options = row
    shape = into / "shape" / name
    if not shape.exists():
        at = options.index("--epochs")
        train(tutti, data, model, [*options[:at], "--steps", "1", *options[at + 2:]], shape)
    file = into / f"{name}-{seed}.safetensors"
    pytorch_default(shape / "model.safetensors", seed, file)
    return ["--init", file]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tutti", default=str(Path(__file__).resolve().parents[2] / "tutti"))
    parser.add_argument("--data", type=Path, default=Path(DEBIAN))
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--rows", default="")
    parser.add_argument("--kinds", default=",".join(KINDS))
    wanted = parser.parse_args()
    kinds = wanted.kinds.split(",")
    print("| data and model | " + " | ".join(kinds) + " |\n|---|" + "---|" * len(kinds))
    missing = []
    with tempfile.TemporaryDirectory() as folder:
        into = Path(folder)
        files = make_files(wanted.data, into)
        for row in ROWS:
            name, data, model, options = row
            if wanted.rows and name not in wanted.rows.split(","):
                continue
            if data not in files and data not in ("digits", "fashion-mnist"):
                missing.append(name)
                continue
            row = (name, str(files.get(data, data)), model, options)
            cells = []
            for kind in kinds:
                runs = []
                for seed in range(1, wanted.seeds + 1):
                    start = starting(kind, row, seed, wanted.tutti, into)
                    out = into / f"{name}-{kind}-{seed}"
                    runs.append(train(wanted.tutti, row[1], model, [*options, "--seed", str(seed), *start], out))
                loss = statistics.median(run["testLoss"] for run in runs)
                wrong = [1 - run["testAccuracy"] for run in runs if run.get("testAccuracy") is not None]
                cells.append(f"{loss:.4f}" + (f", {100 * statistics.median(wrong):.1f} %" if wrong else ""))
            print(f"| {name} | " + " | ".join(cells) + " |", flush=True)
    if missing:
        print("left out, for want of data: " + ", ".join(missing))


if __name__ == "__main__":
    main()

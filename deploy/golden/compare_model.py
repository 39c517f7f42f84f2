#!/usr/bin/python3
"""Compares a trained model's predictions with those of PyTorch for the same file.

usage: compare_model.py RUN_DIR SAMPLES.csv PREDICTIONS.csv      (Debian: python3-torch; no other package)

    tutti predict --model-dir RUN_DIR --data SAMPLES.csv > PREDICTIONS.csv

Without the two CSV files it only prints random samples for the model, as CSV, to make SAMPLES.csv of; a file with
words or missing values has the model's columns in their order. The model is built from the text in the file's
metadata, its tensors are loaded by name as a state_dict, and strictly: a name or a shape that PyTorch does not expect
is an error. Words, missing values and the scale of features and targets are coded as the metadata says. Exit code 1 if
an output differs by more than 1e-4 of the largest one.
"""
import csv
import json
import re
import struct
import sys
from pathlib import Path

import torch
from torch import nn

SAMPLES = 64
TOLERANCE = 1e-4


class Residual(nn.Sequential):
    def forward(self, x):
        return x + super().forward(x)


class Maxout(nn.Module):
    def __init__(self, pieces):
        super().__init__()
        self.pieces = pieces

    def forward(self, x):
        return x.view(x.shape[0], -1, self.pieces).amax(dim=2)


def split(text):
    """Cuts a list at the commas outside parentheses."""
    parts, depth = [""], 0
    for character in text:
        depth += (character == "(") - (character == ")")
        if character == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return [part for part in parts if part]


def layer(text, shape):
    """Returns the module that a layer's canonical text means behind samples of this shape."""
    name, _, rest = text.partition("(")
    if name == "residual":
        return Residual(*layers(rest[len("layers="):-1], shape))
    given = dict(part.split("=") for part in split(rest[:-1]))
    whole = {key: int(value) for key, value in given.items() if re.fullmatch(r"\d+", value)}
    real = {key: float(value) for key, value in given.items() if key != "over"}
    stride = whole.get("stride")
    makers = {
        "dense": lambda: nn.Linear(shape[0], whole["units"]),
        "conv2d": lambda: nn.Conv2d(
            shape[0], whole["channels"], whole["kernel"], stride or 1, whole.get("padding", 0)),
        "max-pool": lambda: nn.MaxPool2d(whole["size"], stride),
        "average-pool": lambda: nn.AvgPool2d(whole["size"], stride),
        "global-average-pool": lambda: nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten()),
        "flatten": nn.Flatten,
        "embedding": lambda: nn.Embedding(whole["count"], whole["width"]),
        "layer-norm": lambda: nn.LayerNorm(shape, real.get("epsilon", 1e-5)),
        "batch-norm": lambda: (nn.BatchNorm2d if len(shape) == 3 else nn.BatchNorm1d)(
            shape[0], real.get("epsilon", 1e-5)),
        "dropout": lambda: nn.Dropout(real["rate"]),
        "identity": nn.Identity,
        "sigmoid": nn.Sigmoid,
        "tanh": nn.Tanh,
        "relu": nn.ReLU,
        "leaky-relu": lambda: nn.LeakyReLU(real.get("slope", 0.01)),
        "elu": lambda: nn.ELU(real.get("alpha", 1.0)),
        "gelu": nn.GELU,
        "softplus": nn.Softplus,
        "softmax": lambda: nn.Softmax(1),
        "maxout": lambda: Maxout(whole["pieces"]),
    }
    return makers[name]()


def layers(text, shape):
    modules = []
    for part in split(text):
        module = layer(part, shape).eval()
        modules.append(module)
        probe = torch.zeros(1, *shape, dtype=torch.long if isinstance(module, nn.Embedding) else torch.float)
        shape = tuple(module(probe).shape[1:])
    return modules


def read_safetensors(path):
    content = path.read_bytes()
    (length,) = struct.unpack("<Q", content[:8])
    header = json.loads(content[8:8 + length])
    metadata = header.pop("__metadata__")
    tensors = {}
    for name, described in header.items():
        assert described["dtype"] == "F32", f"{name} is {described['dtype']}"
        start, end = (8 + length + offset for offset in described["data_offsets"])
        values = struct.unpack(f"<{(end - start) // 4}f", content[start:end])
        tensors[name] = torch.tensor(values).reshape(described["shape"])
    return metadata, tensors


def load(run):
    metadata, tensors = read_safetensors(Path(run) / "model.safetensors")
    shape = tuple(json.loads(metadata["tutti.input"]))
    text = metadata["tutti.model"]
    first = (torch.Size(shape).numel(),) if text.startswith("dense") else shape
    model = nn.Sequential(*layers(text, first)).eval()
    found = model.load_state_dict(tensors, strict=False)
    missing = [name for name in found.missing_keys if not name.endswith("num_batches_tracked")]
    assert not missing and not found.unexpected_keys, f"missing {missing}, unexpected {found.unexpected_keys}"
    return model, first, metadata


def coded(entry, cell):
    """Returns the features that a cell becomes."""
    categories = entry.get("categories")
    if categories is None:
        return [float(cell or entry["fill"])]
    place = categories.index(cell) if cell in categories and cell else int(entry.get("fill", -1))
    return [place] if entry["form"] == "index" else [float(place == k) for k in range(len(categories))]


def features(metadata, cells):
    """Returns samples as the model takes them, in double precision up to the last rounding."""
    if "tutti.coding" in metadata:
        entries = json.loads(metadata["tutti.coding"])
        cells = [[number for entry, cell in zip(entries, row) for number in coded(entry, cell)] for row in cells]
    x = torch.tensor([[float(cell) for cell in row] for row in cells], dtype=torch.double)
    if "tutti.means" in metadata:
        means, deviations = (torch.tensor(json.loads(metadata[f"tutti.{name}"]), dtype=torch.double)
                             for name in ["means", "deviations"])
        x = (x - means) / deviations
    return x.float()


def rows(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.reader(file))[1:]


def main(run, samples=None, predictions=None):
    torch.set_num_threads(1)
    model, shape, metadata = load(run)
    if samples is None:
        torch.manual_seed(20261122)
        names = json.loads(metadata["tutti.features"])
        assert "tutti.coding" not in metadata, "random samples have neither words nor missing values: give a file"
        x = torch.rand(SAMPLES, torch.Size(shape).numel())
        print(",".join(names or [f"x{i}" for i in range(x.shape[1])]))
        for row in x.tolist():
            print(",".join(f"{value:.9g}" for value in row))
        return 0
    x = features(metadata, rows(samples)).reshape(-1, *shape)
    if isinstance(model[0], nn.Embedding):
        x = x.long()
    outputs = int(metadata["tutti.outputs"])
    found = torch.tensor([[float(cell) for cell in row[-outputs:]] for row in rows(predictions)])
    with torch.no_grad():
        expected = model(x)
    if "tutti.target-means" in metadata:
        expected = expected * torch.tensor(json.loads(metadata["tutti.target-deviations"]))
        expected = expected + torch.tensor(json.loads(metadata["tutti.target-means"]))
    assert found.shape == expected.shape, f"found {tuple(found.shape)}, expected {tuple(expected.shape)}"
    worst = (found - expected).abs().max().item()
    largest = expected.abs().max().item()
    same = (found.argmax(1) == expected.argmax(1)).sum().item()
    print(f"{len(x)} samples of {metadata['tutti.model'][:60]}: worst difference {worst:.3g},"
          f" largest output {largest:.3g}, same class in {same}")
    return 0 if worst <= TOLERANCE * largest else 1


if __name__ == "__main__":
    if len(sys.argv) not in (2, 4):
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))

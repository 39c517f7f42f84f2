#!/usr/bin/python3
"""Says which PyTorch this Python has, and which BLAS it multiplies with, as one line of JSON.

usage: torch_info.py      (Debian: python3-torch, libopenblas0-pthread)
"""
import json
import platform
import re
from pathlib import Path

import torch

BLAS = re.compile(r"/[^/]*(blas|mkl)[^/]*\.so[^/]*$")


def blas_libraries():
    """Returns the mapped BLAS libraries; PyTorch may load one only when it multiplies."""
    torch.mm(torch.ones(256, 256), torch.ones(256, 256))
    maps = Path("/proc/self/maps")
    lines = maps.read_text().splitlines() if maps.exists() else []
    files = {line.split(maxsplit=5)[5] for line in lines if BLAS.search(line)}
    # Wheels have MKL inside: no library of its own is mapped then.
    inside = ["mkl"] if torch.backends.mkl.is_available() else []
    return inside + sorted(str(Path(file).resolve()) for file in files)


if __name__ == "__main__":
    print(json.dumps({
        "python": platform.python_version(),
        "torch": torch.__version__,
        "blas": blas_libraries(),
    }))

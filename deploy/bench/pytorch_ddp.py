#!/usr/bin/python3
"""Trains a dense net with PyTorch and prints samples per second of the steady part, as one line of JSON.

usage: pytorch_ddp.py --layers 784,512,512,10 --batch 256 [--processes 2] [--threads 1] [--seconds 4] [--data FOLDER]

With several processes it is DistributedDataParallel over gloo, on loopback. Set OMP_NUM_THREADS=1 and
OPENBLAS_NUM_THREADS to the threads. FOLDER has the training files of Fashion-MNIST; without it the samples are drawn.
(Debian: python3-torch, libopenblas0-pthread, dataset-fashion-mnist)
"""
import argparse
import gzip
import json
import os
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
import torch.distributed as dist
import torch.multiprocessing as mp
from torch import nn
from torch.nn.parallel import DistributedDataParallel

DRAWN_SAMPLES = 60_000
WARM_UP_STEPS = 10
TRIAL_STEPS = 10
RATE = 0.1


def options():
    parser = argparse.ArgumentParser()
    parser.add_argument("--layers", required=True, type=lambda text: [int(units) for units in text.split(",")])
    parser.add_argument("--batch", required=True, type=int, help="samples of a step, over all processes")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1, help="of each process")
    parser.add_argument("--seconds", type=float, default=4, help="about how long to measure")
    parser.add_argument("--data", type=Path)
    return parser.parse_args()


def content(folder, name):
    packed = folder / (name + ".gz")
    return gzip.decompress(packed.read_bytes()) if packed.exists() else (folder / name).read_bytes()


def samples(folder, layers):
    if folder is None:
        x = torch.rand(DRAWN_SAMPLES, layers[0])
        return x, torch.randint(layers[-1], (DRAWN_SAMPLES,))
    images = np.frombuffer(content(folder, "train-images-idx3-ubyte"), np.uint8, offset=16)
    labels = np.frombuffer(content(folder, "train-labels-idx1-ubyte"), np.uint8, offset=8)
    x = images.reshape(len(labels), -1).astype(np.float32) / 255
    return torch.from_numpy(x), torch.from_numpy(labels.astype(np.int64))


def net(layers):
    modules = []
    for inputs, outputs in zip(layers, layers[1:]):
        modules += [nn.Linear(inputs, outputs), nn.ReLU()]
    return nn.Sequential(*modules[:-1])


class Training:
    def __init__(self, rank, given):
        torch.manual_seed(1)
        self.x, self.y = samples(given.data, given.layers)
        self.model = net(given.layers)
        if given.processes > 1:
            self.model = DistributedDataParallel(self.model)
        self.loss = nn.CrossEntropyLoss()
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=RATE)
        self.order = torch.randperm(len(self.x))
        self.batch = given.batch
        self.share = given.batch // given.processes
        self.first = rank * self.share
        self.taken = 0

    def step(self):
        start = self.taken * self.batch % (len(self.x) - self.batch) + self.first
        rows = self.order[start:start + self.share]
        self.optimizer.zero_grad(set_to_none=True)
        loss = self.loss(self.model(self.x[rows]), self.y[rows])
        loss.backward()
        self.optimizer.step()
        self.taken += 1
        return loss

    def seconds(self, steps):
        start = time.perf_counter()
        for _ in range(steps):
            loss = self.step()
        last = loss.item()
        return time.perf_counter() - start, last


def leave():
    """Ends in order: gloo aborts a process whose peer is gone before it."""
    dist.barrier()
    dist.destroy_process_group()


def run(rank, given, store):
    torch.set_num_threads(given.threads)
    if given.processes > 1:
        dist.init_process_group("gloo", init_method="file://" + store, rank=rank, world_size=given.processes)
    training = Training(rank, given)
    training.seconds(WARM_UP_STEPS)
    trial, _ = training.seconds(TRIAL_STEPS)
    steps = torch.tensor([max(TRIAL_STEPS, round(given.seconds * TRIAL_STEPS / trial))])
    if given.processes > 1:
        dist.broadcast(steps, 0)
    seconds, loss = training.seconds(steps.item())
    if rank == 0:
        print(json.dumps({
            "samplesPerSecond": steps.item() * given.batch / seconds,
            "steps": steps.item(),
            "seconds": seconds,
            "loss": loss,
        }), flush=True)
    if given.processes > 1:
        leave()


if __name__ == "__main__":
    chosen = options()
    os.environ["GLOO_SOCKET_IFNAME"] = "lo"
    with tempfile.TemporaryDirectory() as folder:
        arguments = (chosen, folder + "/store")
        if chosen.processes == 1:
            run(0, *arguments)
        else:
            mp.spawn(run, arguments, nprocs=chosen.processes)

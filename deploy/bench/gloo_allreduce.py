#!/usr/bin/python3
"""Sums vectors over processes with gloo's all-reduce and prints the time of one round, as one line of JSON.

usage: gloo_allreduce.py --floats 5824522 [--processes 2] [--seconds 3]      (Debian: python3-torch)
"""
import argparse
import json
import os
import tempfile
import time

import torch
import torch.distributed as dist
import torch.multiprocessing as mp

WARM_UP_ROUNDS = 10


def options():
    parser = argparse.ArgumentParser()
    parser.add_argument("--floats", required=True, type=int)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=3, help="about how long to measure")
    return parser.parse_args()


def seconds(vector, rounds):
    start = time.perf_counter()
    for _ in range(rounds):
        dist.all_reduce(vector)
    return time.perf_counter() - start


def leave():
    """Ends in order: gloo aborts a process whose peer is gone before it."""
    dist.barrier()
    dist.destroy_process_group()


def run(rank, given, store):
    torch.set_num_threads(1)
    dist.init_process_group("gloo", init_method="file://" + store, rank=rank, world_size=given.processes)
    vector = torch.zeros(given.floats)
    seconds(vector, WARM_UP_ROUNDS)
    trial = seconds(vector, WARM_UP_ROUNDS)
    rounds = torch.tensor([max(WARM_UP_ROUNDS, round(given.seconds * WARM_UP_ROUNDS / trial))])
    dist.broadcast(rounds, 0)
    taken = seconds(vector, rounds.item())
    if rank == 0:
        print(json.dumps({"micros": taken / rounds.item() * 1e6, "rounds": rounds.item()}), flush=True)
    leave()


if __name__ == "__main__":
    chosen = options()
    os.environ["GLOO_SOCKET_IFNAME"] = "lo"
    with tempfile.TemporaryDirectory() as folder:
        mp.spawn(run, (chosen, folder + "/store"), nprocs=chosen.processes)

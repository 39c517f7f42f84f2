#!/usr/bin/env python3
"""A link with delay, loss and a rate, for kernels without netem: frames pass through this process.

    link.py NEAR FAR DELAY_MILLIS LOSS_PERCENT MBIT

makes two network devices, NEAR and FAR, in the network namespace it is started in. Frames sent into the one
come out of the other, in order: after DELAY_MILLIS, at MBIT (0: without limit), or, LOSS_PERCENT of the frames, not at
all. A device may be moved to another namespace afterwards. Prints "ready", and at SIGTERM how many frames passed and
how many were lost; SIGUSR1 takes all limits off.
"""
import collections
import fcntl
import os
import random
import selectors
import signal
import struct
import sys
import time

TUNSETIFF = 0x400454CA
IFF_TAP_NO_PI = 0x0002 | 0x1000
FRAME_BYTES_MAX = 65536
QUEUE_SECONDS_MAX = 0.5  # what a router would hold; more is lost


def device(name):
    fd = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(fd, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TAP_NO_PI))
    return fd


class Direction:
    def __init__(self, out, delay, loss, bytes_per_second, seed):
        self.out, self.delay, self.loss, self.rate = out, delay, loss, bytes_per_second
        self.random = random.Random(seed)
        self.waiting = collections.deque()
        self.free = 0.0  # when the last frame will have been put on the line
        self.passed = self.lost = 0

    def take(self, frame, now):
        start = max(now, self.free)
        if self.random.random() < self.loss or start - now > QUEUE_SECONDS_MAX:
            self.lost += 1
            return
        self.free = start + (len(frame) / self.rate if self.rate else 0)
        self.waiting.append((self.free + self.delay, frame))

    def open_up(self):
        self.delay = self.loss = self.rate = 0

    def deliver(self, now):
        while self.waiting and self.waiting[0][0] <= now:
            _, frame = self.waiting.popleft()
            try:
                os.write(self.out, frame)
                self.passed += 1
            except OSError:  # the device is down: a cable without a plug
                self.lost += 1

    def wait(self, now):
        return max(0.0, self.waiting[0][0] - now) if self.waiting else 1.0


def main():
    near, far = device(sys.argv[1]), device(sys.argv[2])
    delay, loss, rate = float(sys.argv[3]) / 1000, float(sys.argv[4]) / 100, float(sys.argv[5]) * 125_000
    ways = {near: Direction(far, delay, loss, rate, 1), far: Direction(near, delay, loss, rate, 2)}
    selector = selectors.DefaultSelector()
    for fd in ways:
        selector.register(fd, selectors.EVENT_READ)
    ended = []
    signal.signal(signal.SIGTERM, lambda *_: ended.append(True))
    signal.signal(signal.SIGUSR1, lambda *_: [way.open_up() for way in ways.values()])
    print("ready", flush=True)
    while not ended:
        timeout = min(way.wait(time.monotonic()) for way in ways.values())
        for key, _ in selector.select(min(timeout, 0.2)):
            try:
                ways[key.fd].take(os.read(key.fd, FRAME_BYTES_MAX), time.monotonic())
            except OSError:  # the device is down
                time.sleep(0.01)
        for way in ways.values():
            way.deliver(time.monotonic())
    print(f"passed {sum(w.passed for w in ways.values())} lost {sum(w.lost for w in ways.values())}")


main()

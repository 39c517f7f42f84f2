#!/usr/bin/python3
"""Writes what PyTorch computes for every layer, loss, optimizer and schedule, for PyTorchTest.

usage: pytorch_cases.py FOLDER        (Debian: python3-torch; any version from 1.13 on will do, for Muon from 2.9 on)

FOLDER is common/src/test/resources/dev/tutti/common. The files are text: a block is one case, a blank
line ends it, a line is a key and its values. Seeds are fixed: running it again changes nothing.
"""
import sys
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional

torch.manual_seed(20261122)
torch.set_num_threads(1)

SAMPLES = 4


def floats(tensor):
    return " ".join(f"{x:.9g}" for x in tensor.detach().reshape(-1).tolist())


def ints(shape):
    return " ".join(str(x) for x in shape)


class Blocks:
    def __init__(self):
        self.lines = []

    def line(self, key, values):
        self.lines.append(f"{key} {values}".rstrip())

    def end(self):
        self.lines.append("")

    def write(self, path):
        path.write_text("\n".join(self.lines) + "\n", encoding="utf-8")


class Residual(nn.Sequential):
    def forward(self, x):
        return x + super().forward(x)


class Maxout(nn.Module):
    def __init__(self, pieces):
        super().__init__()
        self.pieces = pieces

    def forward(self, x):
        return x.view(x.shape[0], -1, self.pieces).amax(dim=2)


LAYERS = [
    ("dense(units=3)", (5,), nn.Linear(5, 3)),
    ("conv2d(channels=3,kernel=3)", (2, 5, 6), nn.Conv2d(2, 3, 3)),
    ("conv2d(channels=2,kernel=3,stride=2,padding=1)", (2, 6, 5), nn.Conv2d(2, 2, 3, 2, 1)),
    ("conv2d(channels=2,kernel=5,stride=3,padding=2)", (1, 7, 8), nn.Conv2d(1, 2, 5, 3, 2)),
    ("conv2d(channels=4,kernel=1)", (3, 3, 2), nn.Conv2d(3, 4, 1)),
    ("max-pool(size=2)", (2, 5, 4), nn.MaxPool2d(2)),
    ("max-pool(size=3,stride=2)", (2, 7, 6), nn.MaxPool2d(3, 2)),
    ("average-pool(size=2)", (2, 4, 5), nn.AvgPool2d(2)),
    ("average-pool(size=3,stride=1)", (1, 4, 5), nn.AvgPool2d(3, 1)),
    ("global-average-pool", (3, 2, 5), nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())),
    ("flatten", (2, 3, 2), nn.Flatten()),
    ("embedding(count=7,width=3)", (5,), nn.Embedding(7, 3)),
    ("residual(layers=dense(units=4),tanh,dense(units=4))", (4,),
     Residual(nn.Linear(4, 4), nn.Tanh(), nn.Linear(4, 4))),
    ("residual(layers=conv2d(channels=2,kernel=3,padding=1),batch-norm,relu)", (2, 3, 4),
     Residual(nn.Conv2d(2, 2, 3, padding=1), nn.BatchNorm2d(2), nn.ReLU())),
    ("layer-norm", (6,), nn.LayerNorm(6)),
    ("layer-norm(epsilon=0.01)", (2, 3, 2), nn.LayerNorm((2, 3, 2), eps=0.01)),
    ("batch-norm", (5,), nn.BatchNorm1d(5)),
    ("batch-norm", (3, 4), nn.BatchNorm1d(3)),
    ("batch-norm(momentum=0.3,epsilon=0.001)", (2, 3, 3), nn.BatchNorm2d(2, 0.001, 0.3)),
    ("identity", (4,), nn.Identity()),
    ("sigmoid", (9,), nn.Sigmoid()),
    ("tanh", (9,), nn.Tanh()),
    ("relu", (9,), nn.ReLU()),
    ("leaky-relu", (9,), nn.LeakyReLU()),
    ("leaky-relu(slope=0.2)", (9,), nn.LeakyReLU(0.2)),
    ("elu", (9,), nn.ELU()),
    ("elu(alpha=0.4)", (9,), nn.ELU(0.4)),
    ("gelu", (9,), nn.GELU()),
    ("softplus", (9,), nn.Softplus()),
    ("softmax", (6,), nn.Softmax(1)),
    ("maxout(pieces=3)", (12,), Maxout(3)),
]


def state(module):
    return [(n, t) for n, t in module.state_dict().items() if not n.endswith("num_batches_tracked")]


def layer(blocks, text, shape, module, training):
    module.train(training)
    with torch.no_grad():
        for name, tensor in state(module):
            tensor.copy_(torch.rand(tensor.shape) + 0.5 if "var" in name else torch.randn(tensor.shape))
    embeds = isinstance(module, nn.Embedding)
    if embeds:
        x = torch.randint(0, module.num_embeddings, (SAMPLES, *shape))
    else:
        x = (2 * torch.randn((SAMPLES, *shape))).requires_grad_()
    blocks.line("layer", text)
    blocks.line("mode", "training" if training else "evaluation")
    blocks.line("input", ints(shape))
    blocks.line("in", floats(x))
    for name, tensor in state(module):
        blocks.line("shape:" + name, ints(tensor.shape))
        blocks.line("value:" + name, floats(tensor))
    y = module(x)
    gradient = torch.randn(y.shape)
    y.backward(gradient)
    blocks.line("output", ints(y.shape[1:]))
    blocks.line("out", floats(y))
    blocks.line("out-gradient", floats(gradient))
    blocks.line("in-gradient", floats(torch.zeros(x.shape) if embeds else x.grad))
    for name, parameter in module.named_parameters():
        blocks.line("gradient:" + name, floats(parameter.grad))
        parameter.grad = None
    for name, tensor in state(module):
        if "running" in name:
            blocks.line("after:" + name, floats(tensor))
    blocks.end()


def convolution(channels_in, channels, stride=1):
    return [nn.Conv2d(channels_in, channels, 3, stride, 1), nn.BatchNorm2d(channels), nn.ReLU()]


def vgg_block(channels_in, channels):
    return convolution(channels_in, channels) + convolution(channels, channels) + [nn.MaxPool2d(2)]


def resnet_block(channels):
    return [Residual(*convolution(channels, channels), *convolution(channels, channels)[:2]), nn.ReLU()]


ZOO = {
    "mlp": nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 10)),
    "lenet5": nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(),
        nn.MaxPool2d(2), nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(),
        nn.Linear(84, 10)),
    "vgg-small": nn.Sequential(
        *vgg_block(1, 32), *vgg_block(32, 64), nn.Flatten(), nn.Dropout(0.3), nn.Linear(64 * 49, 128),
        nn.ReLU(), nn.Dropout(0.3), nn.Linear(128, 10)),
    # Without the flattening that our pooling does by itself, so that the indices are the same.
    "resnet-small": nn.Sequential(
        *convolution(1, 16), *resnet_block(16), *convolution(16, 32, 2), *resnet_block(32),
        *convolution(32, 64, 2), *resnet_block(64),
        nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten()), nn.Linear(64, 10)),
}


def zoo(blocks):
    for name, module in ZOO.items():
        assert module.eval()(torch.zeros(1, 784) if name == "mlp" else torch.zeros(1, 1, 28, 28)).shape == (1, 10)
        blocks.line("model", name)
        for key, tensor in state(module):
            blocks.line("shape:" + key, ints(tensor.shape))
        blocks.end()


LOSSES = [
    ("quadratic", "values", lambda a, y: 0.5 * ((a - y) ** 2).sum()),
    ("mse", "values", lambda a, y: functional.mse_loss(a, y, reduction="none").mean(1).sum()),
    ("mae", "values", lambda a, y: functional.l1_loss(a, y, reduction="none").mean(1).sum()),
    ("softmax-cross-entropy", "labels",
     lambda a, y: functional.cross_entropy(a, y.reshape(-1).long(), reduction="sum")),
    ("binary-cross-entropy", "probabilities",
     lambda a, y: functional.binary_cross_entropy_with_logits(a, y, reduction="none").mean(1).sum()),
]

WEIGHTS = torch.tensor([1.0, 0.5, 20.5, 3.0, 0.25])
WEIGHTED_LOSS = (
    "softmax-cross-entropy(weights=1.0,0.5,20.5,3.0,0.25)", "labels",
    lambda a, y: functional.cross_entropy(a, y.reshape(-1).long(), weight=WEIGHTS, reduction="sum"))


def loss(blocks, text, kind, function):
    width = 5
    output = (3 * torch.randn(SAMPLES, width)).requires_grad_()
    target = {
        "values": lambda: torch.randn(SAMPLES, width),
        "probabilities": lambda: torch.rand(SAMPLES, width).round(decimals=1),
        "labels": lambda: torch.randint(0, width, (SAMPLES, 1)).float(),
    }[kind]()
    cost = function(output, target)
    cost.backward()
    blocks.line("loss", text)
    blocks.line("width", width)
    blocks.line("output", floats(output))
    blocks.line("target", floats(target))
    blocks.line("cost", f"{cost.item():.9g}")
    blocks.line("gradient", floats(output.grad))
    blocks.end()


OPTIMIZERS = [
    ("sgd(rate=0.1)", lambda p: torch.optim.SGD(p, 0.1)),
    ("sgd(rate=0.1,weight-decay=0.05)", lambda p: torch.optim.SGD(p, 0.1, weight_decay=0.05)),
    ("sgd(rate=0.05,momentum=0.9)", lambda p: torch.optim.SGD(p, 0.05, 0.9)),
    ("sgd(rate=0.05,momentum=0.8,nesterov=true,weight-decay=0.02)",
     lambda p: torch.optim.SGD(p, 0.05, 0.8, nesterov=True, weight_decay=0.02)),
    ("adam", lambda p: torch.optim.Adam(p)),
    ("adam(rate=0.02,beta1=0.8,beta2=0.95,epsilon=0.001,weight-decay=0.1)",
     lambda p: torch.optim.Adam(p, 0.02, (0.8, 0.95), 0.001, 0.1)),
    ("adamw", lambda p: torch.optim.AdamW(p)),
    ("adamw(rate=0.02,beta1=0.8,weight-decay=0.3)",
     lambda p: torch.optim.AdamW(p, 0.02, (0.8, 0.999), weight_decay=0.3)),
]


def optimizer(blocks, text, make):
    weights = torch.randn(7).requires_grad_()
    blocks.line("optimizer", text)
    blocks.line("weights", floats(weights))
    torch_optimizer = make([weights])
    for _ in range(12):
        weights.grad = torch.randn(7)
        blocks.line("gradient", floats(weights.grad))
        torch_optimizer.step()
        blocks.line("after", floats(weights))
    blocks.end()


# Drawn last, so that what the cases above draw stays the same.
MORE_OPTIMIZERS = [
    ("rmsprop", (7,), lambda p: torch.optim.RMSprop(p)),
    ("rmsprop(rate=0.02,alpha=0.9,epsilon=0.001,weight-decay=0.1,momentum=0.8,centered=true)", (7,),
     lambda p: torch.optim.RMSprop(p, 0.02, 0.9, 0.001, 0.1, 0.8, True)),
    ("adagrad", (7,), lambda p: torch.optim.Adagrad(p)),
    ("adagrad(rate=0.1,rate-decay=0.1,weight-decay=0.1,initial-accumulator=0.5,epsilon=0.001)", (7,),
     lambda p: torch.optim.Adagrad(p, 0.1, 0.1, 0.1, 0.5, 0.001)),
    ("muon", (3, 5), lambda p: torch.optim.Muon(p)),
    ("muon(rate=0.02,momentum=0.8,nesterov=false,weight-decay=0.2,steps=4,adjust=match-rms-adamw)", (5, 2),
     lambda p: torch.optim.Muon(p, 0.02, 0.2, 0.8, False, ns_steps=4, adjust_lr_fn="match_rms_adamw")),
]


def more_optimizer(blocks, text, shape, make):
    """Muon's iteration is in 16 bits in PyTorch; here it is told to keep 32."""
    half = torch.Tensor.bfloat16
    torch.Tensor.bfloat16 = torch.Tensor.clone
    weights = torch.randn(shape).requires_grad_()
    blocks.line("optimizer", text)
    blocks.line("shape", ints(shape))
    blocks.line("weights", floats(weights))
    torch_optimizer = make([weights])
    for _ in range(6):
        weights.grad = torch.randn(shape)
        blocks.line("gradient", floats(weights.grad))
        torch_optimizer.step()
        blocks.line("after", floats(weights))
    blocks.end()
    torch.Tensor.bfloat16 = half


SCHEDULES = [
    ("constant", lambda o: torch.optim.lr_scheduler.ConstantLR(o, 1.0)),
    ("step(every=7,factor=0.3)", lambda o: torch.optim.lr_scheduler.StepLR(o, 7, 0.3)),
    ("exponential(factor=0.9)", lambda o: torch.optim.lr_scheduler.ExponentialLR(o, 0.9)),
    ("cosine(steps=30)", lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, 30)),
    ("cosine(steps=25,floor=0.1)", lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, 25, 0.1)),
    ("warmup(steps=10)", lambda o: torch.optim.lr_scheduler.LinearLR(o, 0.1, 1.0, 9)),
]


def schedule(blocks, text, make):
    torch_optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], 1.0)
    scheduler = make(torch_optimizer)
    factors = []
    for _ in range(25):
        factors.append(torch_optimizer.param_groups[0]["lr"])
        torch_optimizer.step()
        scheduler.step()
    blocks.line("schedule", text)
    blocks.line("factors", " ".join(f"{x:.9g}" for x in factors))
    blocks.end()


def main(folder):
    layers = Blocks()
    for text, shape, module in LAYERS:
        layer(layers, text, shape, module, True)
        if any("running" in name for name, _ in state(module)):
            layer(layers, text, shape, module, False)
    layers.write(folder / "nn" / "pytorch-layers.txt")
    models = Blocks()
    zoo(models)
    models.write(folder / "nn" / "pytorch-models.txt")
    losses = Blocks()
    for case in LOSSES:
        loss(losses, *case)
    optimizers = Blocks()
    for case in OPTIMIZERS:
        optimizer(optimizers, *case)
    for case in SCHEDULES:
        schedule(optimizers, *case)
    # Last, so that what the cases above draw stays the same.
    loss(losses, *WEIGHTED_LOSS)
    losses.write(folder / "nn" / "pytorch-losses.txt")
    for case in MORE_OPTIMIZERS:
        more_optimizer(optimizers, *case)
    optimizers.write(folder / "optim" / "pytorch-optimizers.txt")


if __name__ == "__main__":
    main(Path(sys.argv[1]))

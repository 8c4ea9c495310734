"""Chains of steps that stay on one machine: fused, so that rows never travel between jobs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from heapq import heapify, heappop, heappush

from .plan import Job, Step


def fuse(steps: Mapping[str, Step]) -> tuple[Job, ...]:
    """One job for each longest chain of one model's steps, in a stable topological order."""
    chains = _chains(steps)
    head_of = {step: chain[0] for chain in chains for step in chain}
    sizes = Counter(step.model for step in steps.values())
    return tuple(
        Job(
            id=steps[chain[0]].model if len(chain) == sizes[steps[chain[0]].model] else chain[0],
            model=steps[chain[0]].model,
            monitor=None,
            steps=tuple(chain),
            needs=tuple(sorted({head_of[before] for before in steps[chain[0]].needs})),
        )
        for chain in chains
    )


def in_order(steps: Mapping[str, Step]) -> list[str]:
    """The steps, each after all that it waits for, by name where that leaves a choice; those of a cycle are missing.

    A compile needs no more of a graph than this, and importing networkx takes longer than all of its planning.
    """
    waiting = {name: len(step.needs) for name, step in steps.items()}
    after = _after(steps)
    ready = [name for name, missing in waiting.items() if not missing]
    heapify(ready)
    found = []
    while ready:
        found.append(name := heappop(ready))
        for later in after[name]:
            waiting[later] -= 1
            if not waiting[later]:
                heappush(ready, later)
    return found


def _after(steps: Mapping[str, Step]) -> dict[str, list[str]]:
    after: dict[str, list[str]] = {name: [] for name in steps}
    for name, step in steps.items():
        for before in step.needs:
            after[before].append(name)
    return after


def _chains(steps: Mapping[str, Step]) -> list[list[str]]:
    chains: dict[str, list[str]] = {}
    after = _after(steps)
    for node in in_order(steps):
        before = steps[node].needs
        joins = len(before) == 1 and len(after[before[0]]) == 1 and steps[before[0]].model == steps[node].model
        chain = chains[before[0]] if joins else []
        chain.append(node)
        chains[node] = chain
    return list({id(chain): chain for chain in chains.values()}.values())

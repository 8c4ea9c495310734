"""Chains of steps that stay on one machine: fused, so that rows never travel between jobs."""

from __future__ import annotations

from collections import Counter

import networkx as nx

from .plan import Job, Step


def fuse(graph: nx.DiGraph[str], steps: dict[str, Step]) -> tuple[Job, ...]:
    """One job for each longest chain of one model's steps, in a stable topological order."""
    chains = _chains(graph, steps)
    head_of = {step: chain[0] for chain in chains for step in chain}
    sizes = Counter(step.model for step in steps.values())
    return tuple(
        Job(
            id=steps[chain[0]].model if len(chain) == sizes[steps[chain[0]].model] else chain[0],
            model=steps[chain[0]].model,
            monitor=None,
            steps=tuple(chain),
            needs=tuple(sorted({head_of[before] for before in graph.predecessors(chain[0])})),
        )
        for chain in chains
    )


def _chains(graph: nx.DiGraph[str], steps: dict[str, Step]) -> list[list[str]]:
    chains: dict[str, list[str]] = {}
    for node in nx.lexicographical_topological_sort(graph):
        before = list(graph.predecessors(node))
        joins = len(before) == 1 and graph.out_degree(before[0]) == 1 and steps[before[0]].model == steps[node].model
        chain = chains[before[0]] if joins else []
        chain.append(node)
        chains[node] = chain
    return list({id(chain): chain for chain in chains.values()}.values())

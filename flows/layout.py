"""Where boxes stand in a picture of a graph: columns from left to right along the conversation, few crossings."""

from collections.abc import Mapping, Sequence


def columns(nodes: Sequence[str], onward: Mapping[str, Sequence[str]]) -> tuple[tuple[str, ...], ...]:
    """The nodes in columns: each stands right of everything that leads to it, ways back left out.

    Within a column the nodes stand in the order of what leads to them, so that lines cross little.
    """
    forward = _without_ways_back(nodes, onward)
    depth = _depths(nodes, forward)
    found: list[list[str]] = [[] for _ in range(max(depth.values(), default=-1) + 1)]
    for name in nodes:
        found[depth[name]].append(name)
    return tuple(tuple(column) for column in _ordered(found, forward))


def _without_ways_back(nodes: Sequence[str], onward: Mapping[str, Sequence[str]]) -> Mapping[str, tuple[str, ...]]:
    """The edges that remain when every edge to a node already on the path is left out (depth first, in file order)."""
    known = frozenset(nodes)
    forward: dict[str, list[str]] = {name: [] for name in nodes}
    done: set[str] = set()
    for root in nodes:
        path, stack = {root}, [(root, iter(onward.get(root, ())))]
        while stack and root not in done:
            here, targets = stack[-1]
            target = next(targets, None)
            if target is None:
                stack.pop()
                path.discard(here)
                done.add(here)
            elif target in known and target not in path:
                forward[here].append(target)
                if target not in done:
                    path.add(target)
                    stack.append((target, iter(onward.get(target, ()))))
    return {name: tuple(dict.fromkeys(targets)) for name, targets in forward.items()}


def _depths(nodes: Sequence[str], forward: Mapping[str, Sequence[str]]) -> Mapping[str, int]:
    """The longest way to each node; the edges go round nowhere, so the loop ends."""
    depth = dict.fromkeys(nodes, 0)
    for _ in nodes:
        moved = [(to, depth[name] + 1) for name in nodes for to in forward[name] if depth[to] <= depth[name]]
        if not moved:
            break
        for to, least in moved:
            depth[to] = max(depth[to], least)
    return depth


def _ordered(found: list[list[str]], forward: Mapping[str, Sequence[str]]) -> list[list[str]]:
    ordered: list[list[str]] = []
    for column in found:
        above = {name: place for place, name in enumerate(ordered[-1])} if ordered else {}
        from_above = {name: [above[one] for one in above if name in forward[one]] for name in column}
        middle = {name: sum(at) / len(at) if at else float(len(above)) for name, at in from_above.items()}
        ordered.append(sorted(column, key=lambda name: middle[name]))
    return ordered

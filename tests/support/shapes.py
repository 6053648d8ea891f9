"""The shape of a JSON answer: which keys it has, and where."""

import json
from pathlib import Path
from typing import Any


def shape_of(value: Any, path: str = "") -> set[str]:
    """Return the paths of all keys; members of a list count as one."""
    if isinstance(value, dict):
        found = {f"{path}.{key}".lstrip(".") for key in value}
        return found.union(*(shape_of(child, f"{path}.{key}") for key, child in value.items()))
    if isinstance(value, list):
        return set().union(*(shape_of(child, f"{path}[]") for child in value))
    return set()


def check_shape(file: Path, name: str, answer: Any, *, rewrite: bool) -> None:
    """Compare an answer's keys with those written down under `name`; `rewrite` writes them down instead."""
    known: dict[str, list[str]] = json.loads(file.read_text()) if file.exists() else {}
    found = sorted(shape_of(answer))
    if rewrite:
        known[name] = found
        file.write_text(json.dumps(dict(sorted(known.items())), indent=1) + "\n")
    assert found == known.get(name), f"{name} answers other keys than shapes.json says"

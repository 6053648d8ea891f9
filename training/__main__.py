"""`make train`: builds the shipped model from the data in this folder; the same data give the same model."""

import argparse
import hashlib
import re
import sys
import time
from pathlib import Path

from openledger_server.categorization.model import BRANDS_FILE, MODEL_FILE, Model, write_model
from training.calibrate import calibrate, unseen_merchants
from training.fit import brand_table, fit_linear
from training.packed import content_of
from training.texts import DEVELOPMENT_FOLD, training_examples

ROOT = Path(__file__).resolve().parents[1]
MODEL_FOLDER = ROOT / "src" / "openledger_server" / "categorization" / "data"
CARD = ROOT / "docs" / "model-card.md"


def train(*, held_out_fold: int | None) -> Model:
    """Return a model that has not seen one fold of Toronto's merchants, or the final one that has seen all (None).

    Both are calibrated on the development fold by a model that has not seen it.
    """
    held_out = Model(
        fit_linear(training_examples(held_out_fold=DEVELOPMENT_FOLD)),
        brand_table(held_out_fold=DEVELOPMENT_FOLD),
        calibration=None,  # type: ignore[arg-type]  # made in the next statement from the other two
    )
    calibration = calibrate(held_out.linear, held_out.brands, unseen_merchants())
    if held_out_fold == DEVELOPMENT_FOLD:
        return Model(held_out.linear, held_out.brands, calibration)
    return Model(
        fit_linear(training_examples(held_out_fold=held_out_fold)),
        brand_table(held_out_fold=held_out_fold),
        calibration,
    )


def main() -> None:
    """Train, write both files, and put their checksums in the model card."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if the files would change")
    check = parser.parse_args().check
    started = time.perf_counter()
    contents = dict(zip((MODEL_FILE, BRANDS_FILE), write_model(train(held_out_fold=None)), strict=True))
    changed = [name for name, content in contents.items() if _differs(MODEL_FOLDER / name, content)]
    if check:
        sys.exit(f"not what the data give: {', '.join(changed)}" if changed else 0)
    for name, content in contents.items():
        (MODEL_FOLDER / name).write_bytes(content)
        print(f"{name}: {len(content):,} bytes, sha256 {hashlib.sha256(content).hexdigest()}")
    if CARD.exists():
        CARD.write_text(_with_checksums(CARD.read_text(encoding="utf-8"), contents), encoding="utf-8")
    print(f"trained in {time.perf_counter() - started:.0f} s; changed: {', '.join(changed) or 'nothing'}")


def _differs(file: Path, content: bytes) -> bool:
    return not file.exists() or content_of(file.read_bytes()) != content_of(content)


def _with_checksums(card: str, contents: dict[str, bytes]) -> str:
    for name, content in contents.items():
        row = f"| `{name}` | {len(content):,} | `{hashlib.sha256(content).hexdigest()}` |"
        card = re.sub(rf"^\| `{re.escape(name)}` \|.*$", row, card, flags=re.MULTILINE)
    return card


if __name__ == "__main__":
    main()

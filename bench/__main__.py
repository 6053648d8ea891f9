"""Run all benchmarks, or the one that is named with its arguments: `make bench ARGS="import_rows --rows 10000"`."""

import sys
from collections.abc import Callable

from bench import categorize_rows, import_rows, many_items, report_files, reports, sync_sizes

_ALL: tuple[Callable[[], None], ...] = (categorize_rows.main, import_rows.main, reports.main, report_files.main)
_BY_NAME: dict[str, Callable[[], None]] = {
    "categorize_rows": categorize_rows.main,
    "import_rows": import_rows.main,
    "many_items": many_items.main,
    "report_files": report_files.main,
    "reports": reports.main,
    "sync_sizes": sync_sizes.main,
}


def main() -> None:
    """Run what the command line names; each benchmark reads its own arguments from what follows its name."""
    if len(sys.argv) == 1:
        for run in _ALL:
            run()
        return
    name = sys.argv.pop(1)
    if name not in _BY_NAME:
        sys.exit(f"There is no benchmark {name!r}. There are: {', '.join(_BY_NAME)}.")
    _BY_NAME[name]()


if __name__ == "__main__":
    main()

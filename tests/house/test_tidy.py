"""What no other tool checks: sizes, leftovers, machine paths, registry hosts, tenant scope of SQL."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FUNCTION_LINES_MAX = 70
MODULE_LINES_MAX = 500
TEXT_SUFFIXES = {
    *(".py", ".sql", ".md", ".toml", ".txt", ".in", ".json", ".yaml", ".yml", ".ini", ".cfg", ".sh"),
    *(".ts", ".tsx", ".js", ".mjs", ".css", ".html", ".csv", ""),
}
GENERATED = ("package-lock.json", "requirements/", "LICENSE")
# With a letter in brackets, so that this file does not find itself.
# Three crosses are also ISO 4217's code for no currency, so they count at the start of a comment only.
LEFTOVERS = re.compile(r"\b(TOD[O]|FIXM[E])\b|(#|//|--)\s*XX[X]\b")
MACHINE_PATHS = re.compile(r"(?<![\w.])/(?:wor[k]/|roo[t]/|hom[e]/\w|User[s]/\w|tm[p]/\w)")
REGISTRY_HOSTS = re.compile(r"pypi[.]org|pythonhosted[.]org|npmjs[.]org|npmjs[.]com")
BARE_IGNORES = re.compile(
    r"#\s*type:\s*ignore(?!\[[\w,\- ]+\]\s+#\s*\S)|#\s*noqa(?!:\s*[A-Z]+\d+[\w, ]*\s*(#|-|–)\s*\S)"
)


def tracked_files() -> list[Path]:
    """Return what is or would be committed."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    files = (ROOT / name for name in listed.stdout.decode().split("\0") if name)
    return [file for file in files if file.is_file()]


def relative(file: Path) -> str:
    return str(file.relative_to(ROOT))


TRACKED = tracked_files()
PYTHON = [file for file in TRACKED if file.suffix == ".py"]
TEXTS = [file for file in TRACKED if file.suffix in TEXT_SUFFIXES and not relative(file).startswith(GENERATED)]


def matches(pattern: re.Pattern[str], files: list[Path]) -> list[str]:
    return [
        f"{relative(file)}:{number}: {line.strip()[:100]}"
        for file in files
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1)
        if pattern.search(line)
    ]


def functions(file: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_functions_are_at_most_70_lines() -> None:
    long = [
        f"{relative(file)}:{node.lineno}: {node.name} has {length} lines"
        for file in PYTHON
        for node in functions(file)
        if (length := (node.end_lineno or node.lineno) - node.lineno + 1) > FUNCTION_LINES_MAX
    ]
    assert long == []


def test_modules_are_at_most_500_lines() -> None:
    long = [
        f"{relative(file)} has {length} lines"
        for file in PYTHON
        if (length := len(file.read_text(encoding="utf-8").splitlines())) > MODULE_LINES_MAX
    ]
    assert long == []


def test_nothing_is_left_for_later() -> None:
    assert matches(LEFTOVERS, TEXTS) == []


def test_no_path_of_somebodys_machine() -> None:
    ours = [file for file in TEXTS if not relative(file).startswith("tests/")]
    assert matches(MACHINE_PATHS, ours) == []


def test_no_registry_is_named() -> None:
    named = matches(REGISTRY_HOSTS, [file for file in TRACKED if file.suffix in TEXT_SUFFIXES])
    assert named == []


def test_every_silenced_check_says_which_and_why() -> None:
    assert matches(BARE_IGNORES, [file for file in PYTHON if file != Path(__file__)]) == []


def test_every_module_says_what_lives_in_it() -> None:
    silent = [
        relative(file)
        for file in PYTHON
        if relative(file).startswith("src/")
        and file.stat().st_size
        and ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) is None
    ]
    assert silent == []


STORES = [file for file in PYTHON if file.name == "store.py" and "openledger_server" in file.parts]
# What belongs to no entity, or is the entity itself.
GLOBAL = re.compile(
    r"\b(FROM|INTO|UPDATE|JOIN)\s+(developer|api_key|institution|entity)\b|\b([a-z_]+_entity|prune_[a-z_]+)\("
)
# Webhooks to developers and idempotency keys are the developer's, not an entity's.
DEVELOPERS = re.compile(
    r"\b(idempotent_request|webhook_(endpoint|message|delivery))\b[\s\S]*\bdeveloper_id\b|\bdeveloper_id\b[\s\S]*\bannounce\("
)
STATEMENT = re.compile(r"^\s*(SELECT|INSERT|UPDATE|DELETE|WITH|MERGE)\b")


def statements(file: Path) -> Iterator[tuple[int, str]]:
    """Yield the line and text of every SQL statement written out in a module."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and STATEMENT.match(node.value):
            yield node.lineno, node.value


@pytest.mark.parametrize("file", STORES, ids=relative)
def test_every_query_of_a_tenants_rows_names_the_tenant(file: Path) -> None:
    """Row-level security would catch it too; this keeps queries shardable and their plans good."""
    unscoped = [
        f"{relative(file)}:{line}: {' '.join(text.split())[:80]}"
        for line, text in statements(file)
        if "entity_id" not in text and not GLOBAL.search(text) and not DEVELOPERS.search(text)
    ]
    assert unscoped == []

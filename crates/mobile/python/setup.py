"""Builds the library of Rust and the module that UniFFI generates for it: `pip wheel --no-deps crates/mobile/python`."""
import json
import os
import shutil
import subprocess
from pathlib import Path

from setuptools import setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_py import build_py

ROOT = Path(__file__).resolve().parents[3]


def generate(out: Path) -> None:
    """Builds the library, and generates the module, into a folder."""
    cargo = [os.environ.get("CARGO", "cargo"), "build", "--release", "--locked", "-p", "roomcall-mobile"]
    built = subprocess.run(
        [*cargo, "--features", "bindgen", "--message-format=json-render-diagnostics"],
        cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True,
    )
    files = {}
    for line in built.stdout.splitlines():
        message = json.loads(line)
        for file in map(Path, message.get("filenames", ())):
            files[message["target"]["name"], file.suffix] = file
    library = next(files["roomcall_mobile", it] for it in (".so", ".dylib", ".dll") if ("roomcall_mobile", it) in files)
    bindgen = next(file for (name, _), file in files.items() if name == "uniffi-bindgen")
    arguments = ["generate", str(library), "--language", "python", "--no-format", "--out-dir", str(out)]
    subprocess.run([str(bindgen), *arguments], cwd=ROOT, check=True)
    shutil.copy2(library, out)


class BuildPy(build_py):
    """Adds the generated module and the library to the package."""

    def run(self):
        super().run()
        package = Path(self.build_lib).resolve() / "roomcall"
        package.mkdir(parents=True, exist_ok=True)
        generate(package)


class BdistWheel(bdist_wheel):
    """A wheel for any Python, and for this platform: the library is no extension module."""

    def finalize_options(self):
        super().finalize_options()
        self.root_is_pure = False

    def get_tag(self):
        return ("py3", "none", super().get_tag()[2])


setup(cmdclass={"build_py": BuildPy, "bdist_wheel": BdistWheel})

# SPDX-License-Identifier: Apache-2.0
"""What `meson install` puts where."""
import os
import re
import subprocess

import pytest
import wzp


@pytest.fixture(scope="module")
def prefix(tmp_path_factory):
    destination = tmp_path_factory.mktemp("install")
    done = subprocess.run(["meson", "install", "-C", wzp.BUILD, "--no-rebuild", "--destdir", destination],
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    return destination / "usr/local"


@pytest.mark.parametrize("program", ["wzp-relay", "wzp-client"])
def test_programs_are_in_bin(prefix, program):
    done = subprocess.run([prefix / "bin" / program, "--version"], capture_output=True, timeout=10)
    assert done.returncode == 0


@pytest.mark.parametrize("program", ["wzp-relay", "wzp-client"])
def test_manual_pages_are_in_place_and_name_every_flag(prefix, program):
    pages = list((prefix / "share/man/man1").glob(f"{program}.1*"))
    assert len(pages) == 1
    shown = subprocess.run(["mandoc", "-T", "utf8", pages[0]], capture_output=True, text=True, timeout=10, check=True).stdout
    page = re.sub(".\b", "", shown)
    helped = subprocess.run([prefix / "bin" / program, "--help"], capture_output=True, text=True, timeout=10)
    flags = {word.strip(",[]=").split("=")[0] for word in (helped.stdout + helped.stderr).split() if word.startswith("--") and len(word) > 3}
    assert flags and not [flag for flag in flags if flag not in page]


def test_nothing_else_is_installed(prefix):
    top = {entry.name for entry in prefix.iterdir()}
    assert top <= {"bin", "share", "include", "lib"}
    for folder, _, files in os.walk(prefix / "bin"):
        assert set(files) <= {"wzp-relay", "wzp-client", "wzp-impair", "wzp-sim"}, folder

# SPDX-License-Identifier: Apache-2.0
"""Fixtures: a stage that ends every program it started; what they said is attached where a test fails."""
import pytest
import wzp


def pytest_configure(config):
    config.addinivalue_line("markers", "long: takes minutes; ./dev test long runs it, ./dev test does not")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    stages = [v for v in getattr(item, "funcargs", {}).values() if isinstance(v, wzp.Stage)]
    if report.failed:
        for stage in stages:
            report.sections += [(f"log of {name}", text) for name, text in stage.logs()]


@pytest.fixture
def stage(tmp_path):
    s = wzp.Stage(tmp_path)
    yield s
    s.end()


@pytest.fixture(scope="module")
def long_stage(tmp_path_factory):
    """One for all tests of a file."""
    s = wzp.Stage(tmp_path_factory.mktemp("stage"))
    yield s
    s.end()


@pytest.fixture
def relay(stage):
    return stage.relay()

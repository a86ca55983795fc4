"""With --fail-on-skip what was not run has failed: nobody reads the reasons at the end of a green run."""

import pytest


def pytest_addoption(parser):
    parser.addoption("--fail-on-skip", action="store_true", help="a test that would be skipped fails, as in CI")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    return failed_if_skipped((yield), item.config)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    return failed_if_skipped((yield), collector.config)


def failed_if_skipped(report, config):
    if report.skipped and not hasattr(report, "wasxfail") and config.getoption("fail_on_skip"):
        _path, _line, reason = report.longrepr
        report.outcome, report.longrepr = "failed", f"{report.nodeid} was not run. {reason}"
    return report

"""Every fault of `script/faults` can still be planted, and its test is there; the script itself sees them go red."""

import runpy

import pytest

SCRIPT = runpy.run_path("script/faults")


@pytest.mark.parametrize("fault", SCRIPT["FAULTS"], ids=lambda fault: fault.promise)
def test_a_fault_can_be_planted(fault):
    assert SCRIPT["obstacle"](fault) == ""


def test_a_fault_that_no_longer_fits_is_told():
    fault = SCRIPT["Fault"]("A promise", "tracker/wsgi.py", "gone", "new", "test_text.py::test_a_line_is_one_line")
    often = SCRIPT["Fault"]("A promise", "tracker/wsgi.py", "import", "new", "test_text.py::test_a_line_is_one_line")
    untested = SCRIPT["Fault"]("A promise", "tracker/wsgi.py", "sys.exit", "new", "test_text.py::test_a_line")

    assert SCRIPT["obstacle"](fault) == "Its old text is found 0 times in tracker/wsgi.py."
    assert SCRIPT["obstacle"](often) == "Its old text is found 8 times in tracker/wsgi.py."
    assert SCRIPT["obstacle"](untested) == "There is no test test_text.py::test_a_line."


def test_each_promise_is_made_once():
    promises = [fault.promise for fault in SCRIPT["FAULTS"]]

    assert len(set(promises)) == len(promises) > 40

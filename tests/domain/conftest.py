"""Failures inside the spec helper show what differs."""

import pytest

pytest.register_assert_rewrite("tests.support.spec")

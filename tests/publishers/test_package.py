from __future__ import annotations

import subprocess
import sys

WITHOUT_NATS = """
import sys
sys.modules["nats"] = None
import jetbridge_publishers
"""


def test_without_nats_py_the_import_says_what_to_install() -> None:
    result = subprocess.run(
        [sys.executable, "-c", WITHOUT_NATS], capture_output=True, text=True, check=False
    )
    assert result.returncode == 1
    assert "pip install 'jetbridge[publishers]'" in result.stderr.splitlines()[-1]

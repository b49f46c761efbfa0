"""One Spark on this machine for all tests, with two workers at a time that may try a task twice."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def spark() -> Iterator[SparkSession]:
    """The session; tests are skipped where there is no Java, except in continuous integration."""
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ and os.environ.get("CI") != "true":
        pytest.skip("Spark needs Java: apt-get install openjdk-17-jre-headless")
    from loganalyzer.spark.session import local

    path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    before = {name: os.environ.get(name) for name in ("PYSPARK_PYTHON", "PYTHONPATH")}
    os.environ.update(PYSPARK_PYTHON=sys.executable, PYTHONPATH=path)
    session = local(
        master="local[2,2]",
        spark_sql_shuffle_partitions="2",
        spark_driver_memory="1g",
        spark_python_authenticate_socketTimeout="300s",  # on a busy machine workers are slow to answer
        java="-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",  # short work: what the better compiler costs never comes back
        spark_executorEnv_PYTHONPATH=path,
    )
    yield session
    session.stop()
    for name, value in before.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value

"""The Spark session that the command runs in."""

from __future__ import annotations

import os
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from loganalyzer.errors import LogAnalyzerError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

INSTALL = "pip install 'loganalyzer[spark]'; spark-submit, EMR, Glue and Databricks bring pyspark along"

_SUBMITTED = ("PYSPARK_GATEWAY_PORT", "SPARK_REMOTE")
"""Set where somebody else has started Spark and settled where and how it runs."""


def session() -> SparkSession:
    """The session of spark-submit or of the notebook, else one on this machine, quiet.

    Raises :class:`LogAnalyzerError` without pyspark or Java.
    """
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise LogAnalyzerError("Spark's Python package is not installed", tip=INSTALL) from error
    if any(name in os.environ for name in _SUBMITTED) or SparkSession.getActiveSession() is not None:
        return SparkSession.builder.getOrCreate()
    return local()


def local(*, master: str = "local[*]", java: str = "", **settings: str) -> SparkSession:
    """A new session on this machine that says nothing but errors.

    ``java`` are more options for Java, ``settings`` are those of Spark, named with ``_`` for a dot.
    """
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    quiet = f"-Dlog4j2.configurationFile={(Path(__file__).parent / 'log4j2.properties').as_uri()}"
    builder = SparkSession.builder.master(master).appName("loganalyzer")
    fixed = {
        "spark.driver.extraJavaOptions": f"{quiet} {java}".rstrip(),
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        **{name.replace("_", "."): value for name, value in settings.items()},
    }
    for name, value in fixed.items():
        builder = builder.config(name, value)
    with warnings.catch_warnings():
        ignore_age_of_pandas()
        try:
            return builder.getOrCreate()
        except PySparkException as error:
            tip = "install a Java runtime that Spark knows (17 or 21), or set JAVA_HOME"
            raise LogAnalyzerError("Spark does not start: it needs Java", tip=tip) from error


def ignore_age_of_pandas() -> None:
    """Not warn that pandas is newer than pyspark was tried with: nothing here goes through pandas."""
    warnings.filterwarnings("ignore", message="PySpark does not yet fully support pandas", category=FutureWarning)

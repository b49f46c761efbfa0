"""The request table as batches of Arrow, for Parquet and for Spark, column by column wherever that will do."""

from loganalyzer.arrow.batches import batch_of, batches_of

__all__ = ["batch_of", "batches_of"]

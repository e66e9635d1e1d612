"""Many captures as a data set of Parquet files, and the questions that are asked of it."""

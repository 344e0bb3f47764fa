"""The stages: plain functions on batches of records. None of them knows Kafka, files or the database."""

"""The process of the S3 service."""

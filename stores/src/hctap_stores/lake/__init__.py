"""The lake: notes, entities and manifests in S3."""

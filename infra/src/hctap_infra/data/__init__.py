"""What keeps things: keys, buckets, database, cache, images, secrets, backups."""

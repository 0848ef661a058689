"""What a finished run leaves in the lake for others: silver (Parquet) and gold (counts)."""

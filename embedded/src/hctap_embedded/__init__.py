"""The stack without Docker: PostgreSQL, Valkey and S3 from wheels, as child processes that outlive the command."""

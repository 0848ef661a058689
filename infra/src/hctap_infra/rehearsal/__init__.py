"""A deployment to an emulator of AWS on this machine: real commands of CDK, no account."""

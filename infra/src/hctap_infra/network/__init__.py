"""The network and who may speak to whom in it."""

"""What notes come in: each file format, as records that are a note or say why they are none."""

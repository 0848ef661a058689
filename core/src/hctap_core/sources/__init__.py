"""What an import reads: each file format, as records that are a note or say why they are none."""

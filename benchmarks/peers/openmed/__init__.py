"""OpenMed: its rule layer, without the models that it would download."""

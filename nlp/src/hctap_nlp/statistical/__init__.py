"""The statistical layer: conditional random fields over words and vocabulary tags, one set a genre of text."""

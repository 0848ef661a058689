"""The assertion and regimen suite: its sentences, and how an engine's answers to them are scored."""

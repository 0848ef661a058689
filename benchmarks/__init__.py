"""The scoreboard: the engine and its peers on the same texts, terms and spans; run by `make bench`."""

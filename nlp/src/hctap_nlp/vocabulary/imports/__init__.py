"""Vocabularies that users bring: releases under their own licence, ontologies, tables, rules of other tools."""

"""FHIR R4 resources out of what was found in a note; the resources written here are the same in R4 and R4B."""

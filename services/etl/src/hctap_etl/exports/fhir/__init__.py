"""FHIR R4 as an export: bundles of `hctap_core.fhir`, validated with the R4B models of `fhir.resources`."""

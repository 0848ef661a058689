"""What a run found, in the forms of others: tables, OMOP, FHIR, Comprehend Medical."""

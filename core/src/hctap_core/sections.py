"""The sections of a clinical note: a closed set of types and the span of each."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field


class SectionType(StrEnum):
    """What a section of a note is about, whatever its heading says."""

    CHIEF_COMPLAINT = "chief_complaint"
    REASON_FOR_VISIT = "reason_for_visit"
    HISTORY_OF_PRESENT_ILLNESS = "history_of_present_illness"
    INTERVAL_HISTORY = "interval_history"
    PAST_MEDICAL_HISTORY = "past_medical_history"
    PAST_SURGICAL_HISTORY = "past_surgical_history"
    OBSTETRIC_HISTORY = "obstetric_history"
    BIRTH_HISTORY = "birth_history"
    FAMILY_HISTORY = "family_history"
    SOCIAL_HISTORY = "social_history"
    MEDICATIONS = "medications"
    ALLERGIES = "allergies"
    IMMUNIZATIONS = "immunizations"
    REVIEW_OF_SYSTEMS = "review_of_systems"
    SUBJECTIVE = "subjective"
    OBJECTIVE = "objective"
    PHYSICAL_EXAMINATION = "physical_examination"
    MENTAL_STATUS_EXAMINATION = "mental_status_examination"
    VITAL_SIGNS = "vital_signs"
    LABORATORY = "laboratory"
    IMAGING = "imaging"
    RESULTS = "results"
    FINDINGS = "findings"
    IMPRESSION = "impression"
    ASSESSMENT = "assessment"
    PLAN = "plan"
    ASSESSMENT_AND_PLAN = "assessment_and_plan"
    DIAGNOSIS = "diagnosis"
    ADMISSION_DIAGNOSIS = "admission_diagnosis"
    DISCHARGE_DIAGNOSIS = "discharge_diagnosis"
    PREOPERATIVE_DIAGNOSIS = "preoperative_diagnosis"
    POSTOPERATIVE_DIAGNOSIS = "postoperative_diagnosis"
    HOSPITAL_COURSE = "hospital_course"
    EMERGENCY_COURSE = "emergency_course"
    INDICATION = "indication"
    PROCEDURE = "procedure"
    PROCEDURE_DESCRIPTION = "procedure_description"
    TECHNIQUE = "technique"
    COMPARISON = "comparison"
    ANESTHESIA = "anesthesia"
    ESTIMATED_BLOOD_LOSS = "estimated_blood_loss"
    SPECIMENS = "specimens"
    COMPLICATIONS = "complications"
    DISPOSITION = "disposition"
    DISCHARGE_MEDICATIONS = "discharge_medications"
    INSTRUCTIONS = "instructions"
    FOLLOW_UP = "follow_up"
    OTHER = "other"
    UNKNOWN = "unknown"


# LOINC codes of document sections (https://hl7.org/fhir/valueset-doc-section-codes.html, and LOINC's own codes of the
# surgical operation note); a type without an entry has no section code of its own.
LOINC_OF_SECTION: dict[SectionType, str] = {
    SectionType.CHIEF_COMPLAINT: "10154-3",
    SectionType.REASON_FOR_VISIT: "29299-5",
    SectionType.HISTORY_OF_PRESENT_ILLNESS: "10164-2",
    SectionType.PAST_MEDICAL_HISTORY: "11348-0",
    SectionType.PAST_SURGICAL_HISTORY: "47519-4",
    SectionType.FAMILY_HISTORY: "10157-6",
    SectionType.SOCIAL_HISTORY: "29762-2",
    SectionType.MEDICATIONS: "10160-0",
    SectionType.ALLERGIES: "48765-2",
    SectionType.IMMUNIZATIONS: "11369-6",
    SectionType.REVIEW_OF_SYSTEMS: "10187-3",
    SectionType.SUBJECTIVE: "61150-9",
    SectionType.OBJECTIVE: "61149-1",
    SectionType.PHYSICAL_EXAMINATION: "29545-1",
    SectionType.VITAL_SIGNS: "8716-3",
    SectionType.LABORATORY: "30954-2",
    SectionType.IMAGING: "30954-2",
    SectionType.RESULTS: "30954-2",
    SectionType.FINDINGS: "59776-5",
    SectionType.ASSESSMENT: "51848-0",
    SectionType.PLAN: "18776-5",
    SectionType.ADMISSION_DIAGNOSIS: "46241-6",
    SectionType.DISCHARGE_DIAGNOSIS: "11535-2",
    SectionType.PREOPERATIVE_DIAGNOSIS: "10219-4",
    SectionType.POSTOPERATIVE_DIAGNOSIS: "10218-6",
    SectionType.HOSPITAL_COURSE: "8648-8",
    SectionType.INDICATION: "59768-2",
    SectionType.PROCEDURE: "10223-6",
    SectionType.PROCEDURE_DESCRIPTION: "29554-3",
    SectionType.ANESTHESIA: "10213-7",
    SectionType.ESTIMATED_BLOOD_LOSS: "55103-6",
    SectionType.SPECIMENS: "59773-2",
    SectionType.COMPLICATIONS: "55109-3",
    SectionType.DISPOSITION: "59775-7",
    SectionType.DISCHARGE_MEDICATIONS: "10183-2",
    SectionType.INSTRUCTIONS: "69730-0",
}


def loinc_of(section_type: str) -> str | None:
    """The LOINC code of sections of a type, or None where there is none."""
    return LOINC_OF_SECTION.get(SectionType(section_type))


class Section(BaseModel):
    """A stretch of a note under one heading, from the heading's first character to the next heading.

    `begin` and `end` are code points of the stored text, half-open; `header` is the heading as written.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    begin: int = Field(ge=0)
    end: int = Field(ge=0)
    header: str
    type: SectionType
    loinc: str | None = Field(default=None, description="The LOINC code of sections of this type, where there is one.")

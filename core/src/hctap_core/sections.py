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


class Section(BaseModel):
    """A stretch of a note under one heading, from the heading's first character to the next heading.

    `begin` and `end` are code points of the stored text, half-open; `header` is the heading as written.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    begin: int = Field(ge=0)
    end: int = Field(ge=0)
    header: str
    type: SectionType

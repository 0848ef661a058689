"""Identifiers in notes: the closed set of their kinds, and what may be done about them."""

from enum import StrEnum
from typing import NamedTuple


class PhiKind(StrEnum):
    """What identifies a person, after the list of the HIPAA privacy rule, 45 CFR 164.514(b)(2).

    The later kind gives way where two of one length claim the same characters.
    """

    SSN = "ssn"
    MRN = "mrn"
    ACCOUNT = "account"
    LICENSE = "license"
    DEVICE = "device"
    FAX = "fax"
    PHONE = "phone"
    EMAIL = "email"
    URL = "url"
    IP = "ip"
    DATE = "date"
    AGE = "age"
    ADDRESS = "address"
    NAME = "name"


class PhiPolicy(StrEnum):
    """What happens to a note with identifiers.

    `off`: nobody looks. `report`: they are counted. `quarantine`: the note is set aside. `redact`: the note is read
    with surrogates in their places.
    """

    OFF = "off"
    REPORT = "report"
    QUARANTINE = "quarantine"
    REDACT = "redact"

    @property
    def settings(self) -> dict[str, str]:
        """What a pipeline says of the policy: nothing where nobody looks."""
        return {} if self is PhiPolicy.OFF else {"phi": self.value}


class PhiSpan(NamedTuple):
    """Where an identifier stands, in code points, half-open."""

    begin: int
    end: int
    kind: PhiKind

"""Shares of right codes by reason."""

from benchmarks.code_calibration import PRIOR, Judged, code_shares, render_code_shares


def test_a_seldom_reason_is_drawn_towards_its_system() -> None:
    judged = [Judged("ICD-10-CM", "curated", is_right) for is_right in (True, True, True, False)]
    judged.append(Judged("ICD-10-CM", "side", is_right=True))
    shares = code_shares([*judged, Judged("MESH", "name", is_right=False)])
    assert shares["any", "ICD-10-CM"] == (0.8, 5)
    assert shares["side", "ICD-10-CM"] == ((1 + PRIOR * 0.8) / (1 + PRIOR), 1)
    assert shares["name", "MESH"] == (0.0, 1)
    assert "  any: {ICD-10-CM: 0.80 of 5, MESH: 0.00 of 1}\n" in render_code_shares(shares, "this")

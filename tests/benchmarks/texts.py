"""Invented passages, with marks as annotators write them."""

CHUNK = """=== n1@4 [MEDICATIONS]
[[Lasix||MEDICATION id=m1]] [[40 mg||STRENGTH of=m1]] [[daily||FREQUENCY of=m1 norm=1/d]].
Stop [[aspirin||MEDICATION]].
=== n2 [FAMILY HISTORY]
Mother with [[asthma||PROBLEM family]], no [[gout||PROBLEM family negated]].
"""
PLAIN = {"n1@4": "Lasix 40 mg daily.\nStop aspirin.", "n2": "Mother with asthma, no gout."}

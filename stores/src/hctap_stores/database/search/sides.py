"""The two sides of a comparison, entity by entity: texts `no` are given with the note that stands for each in a run."""

from typing import Final

# Assertions are put into one number: it compares faster than rows do.
SIDE: Final = """
{side} AS (
    SELECT b.no, e.run_no, e.note_no, e.ordinal, e.begin_offset, e.end_offset, e.entity_type, e.section, e.codes_no,
        e.negated::integer + 2 * e.uncertain::integer + 4 * e.historical::integer + 8 * e.hypothetical::integer
            + 16 * e.family::integer AS assertion
    FROM texts b JOIN entities e ON (e.run_no, e.note_no) = (b.{side}_source, b.{side}_no)
)
"""
# Codes are read from the few lists that there are: to put those of all entities of both runs together took a fifth of
# the time (7.2 s and not 5.7 s over 60,000 notes a run).
_CODES: Final = """
(SELECT string_agg(concat(k.code->>'system', ' ', k.code->>'code'), E'\n' ORDER BY place)
    FROM jsonb_array_elements({s}_codes.codes) WITH ORDINALITY AS k (code, place))
"""
TEXTS: Final = """
SELECT * FROM unnest(%(first_no)s::bigint[], %(first_source)s::integer[], %(second_no)s::bigint[],
    %(second_source)s::integer[]) WITH ORDINALITY AS t (first_no, first_source, second_no, second_source, no)
"""
# Lists with one number are one list: only of others the codes are put together.
CHANGES: Final = f"""
f.no IS NULL AS is_added, s.no IS NULL AS is_removed,
f.no IS NOT NULL AND s.no IS NOT NULL AND f.assertion <> s.assertion AS is_reasserted,
f.no IS NOT NULL AND s.no IS NOT NULL AND f.codes_no <> s.codes_no
    AND {_CODES.format(s="f")} IS DISTINCT FROM {_CODES.format(s="s")} AS is_recoded
"""
BOTH: Final = """
first f FULL JOIN second s USING (no, begin_offset, end_offset, entity_type)
LEFT JOIN code_lists f_codes ON f_codes.codes_no = f.codes_no
LEFT JOIN code_lists s_codes ON s_codes.codes_no = s.codes_no
"""

from hctap_cli.lines import render_lines


def test_the_same_records_give_the_same_bytes() -> None:
    one = render_lines([{"b": 1.0, "a": "é\n\u2028 😀"}, {"n": None}])
    assert one == '{"a":"é\\n\u2028 😀","b":1.0}\n{"n":null}\n'.encode()
    assert render_lines([{"a": "é\n\u2028 😀", "b": 1.0}, {"n": None}]) == one
    assert render_lines([]) == b""

"""The text format of Prometheus: what its description says of escapes, numbers and order."""

from attendance.caching.exposition import Metric, Sample, written


def test_a_metric_has_its_meaning_its_kind_and_its_samples() -> None:
    hits = Metric("hits_total", "Reads.", "counter", [Sample(3, {"resource": "rooms"}), Sample(4, {})])
    assert written([hits]) == (
        '# HELP hits_total Reads.\n# TYPE hits_total counter\nhits_total{resource="rooms"} 3\nhits_total 4\n'
    )


def test_what_has_a_meaning_of_its_own_is_escaped() -> None:
    odd = Metric("odd", "A \\ and\na line.", "gauge", [Sample(1, {"cause": 'a "b" \\\n'})])
    assert written([odd]) == '# HELP odd A \\\\ and\\na line.\n# TYPE odd gauge\nodd{cause="a \\"b\\" \\\\\\n"} 1\n'


def test_numbers_are_whole_or_exact_and_suffixes_belong_to_the_name() -> None:
    taken = Metric("taken", "How long.", "summary", [Sample(0.25, {}, "_sum"), Sample(2.0, {}, "_count")])
    assert written([taken]).splitlines()[2:] == ["taken_sum 0.25", "taken_count 2"]


def test_a_metric_without_samples_is_left_out() -> None:
    assert written([Metric("nothing", "None.", "gauge", [])]) == ""

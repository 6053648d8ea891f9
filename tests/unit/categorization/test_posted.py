"""What the server posts unseen by its own floors is right as often as promised, on real histories of one owner each."""

from collections import defaultdict
from statistics import fmean

from bench.judging import candidate
from evaluation.histories import histories
from evaluation.posted import by_decider, history_posted, template_chart
from evaluation.posted_tables import TARGET
from openledger_server.categorization.judge import judge_all
from openledger_server.categorization.types import DecidedBy
from training.texts import merchants


def test_what_memory_posts_is_right_97_times_in_100_as_the_mean_over_owners() -> None:
    by_owner: dict[str, list[bool]] = defaultdict(list)
    for group, (name, purchases) in enumerate(histories().items()):
        for row in history_posted(name, group, purchases, own_chart=True):
            if row.is_posted:
                by_owner[name].append(row.is_right)
    assert sum(map(len, by_owner.values())) > 1000
    assert fmean(fmean(right) for right in by_owner.values()) >= TARGET


def test_a_lower_floor_would_post_more_and_less_of_it_right() -> None:
    name, purchases = next(iter(histories().items()))
    own, low = (list(history_posted(name, 0, purchases, own_chart=True, floor=floor)) for floor in (None, 0.8))
    [(_, few, right), *_], [(_, many, less), *_] = by_decider(own), by_decider(low)
    assert few < many
    assert right / few > less / many


def test_the_model_alone_posts_nothing() -> None:
    chart, _ = template_chart()
    rows = [candidate(place, merchant.description) for place, merchant in enumerate(merchants()[::20])]
    judged = judge_all(rows, chart=chart, memory={})
    assert {one.decided_by for one in judged if one.confidence > 0.9} == {DecidedBy.MODEL}
    assert all(one.needs_review for one in judged)

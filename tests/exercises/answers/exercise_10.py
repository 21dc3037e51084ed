"""Answers to exercise 10, count what moved."""

from collections import Counter, defaultdict

import numpy as np

from answers import earns, passes
from raylessons import format_bytes


@passes
def object_by_object(trace):
    return sum(
        (stored.size_bytes or 0) * len(trace.transfers_of(stored)) for stored in trace.objects
    )


@passes
def transfer_by_transfer(trace):
    total = 0
    for transfer in trace.transfers:
        for stored in trace.objects:
            if stored.object_id == transfer.object_id and stored.size_bytes is not None:
                total += stored.size_bytes
    return total


@passes
def counts_how_often_each_moved(trace):
    often = Counter(transfer.object_id for transfer in trace.transfers)
    return sum(often[one.object_id] * (one.size_bytes or 0) for one in trace.objects)


@passes
def with_numpy(trace):
    sizes = {one.object_id: one.size_bytes or 0 for one in trace.objects}
    return np.sum([sizes[one.object_id] for one in trace.transfers], dtype=np.int64)


@passes
def as_a_float(trace):
    total = 0.0
    for stored in trace.objects:
        for _ in trace.transfers_of(stored):
            total += stored.size_bytes or 0
    return total


@passes
def by_the_next_that_fits(trace):
    def size(transfer):
        return next(one for one in trace.objects if one.object_id == transfer.object_id).size_bytes

    return sum(filter(None, map(size, trace.transfers)))


@passes
def by_node(trace):
    sizes = {one.object_id: one.size_bytes for one in trace.objects if one.size_bytes}
    came = defaultdict(int)
    for transfer in trace.transfers:
        came[transfer.to_node_id] += sizes.get(transfer.object_id, 0)
    return sum(came.values())


@passes
def known_sizes_first(trace):
    known = [one for one in trace.objects if one.size_bytes is not None]
    return sum(one.size_bytes for one in known for each in trace.transfers_of(one))


@passes
def with_an_exception(trace):
    total = 0
    sizes = {one.object_id: one.size_bytes for one in trace.objects}
    for transfer in trace.transfers:
        try:
            total += sizes[transfer.object_id]
        except TypeError:
            continue
    return total


@passes
async def in_a_coroutine(trace):
    return object_by_object(trace)


@passes
def by_the_holders(trace):
    total = 0
    for one in trace.objects:
        for number, copy in enumerate(one.copies):
            held = any(
                before.lost is None or before.lost > copy.seen for before in one.copies[:number]
            )
            total += (one.size_bytes or 0) if held else 0
    return total


@earns("copies-but-first")
def by_the_copies_after_the_first(trace):
    return sum((one.size_bytes or 0) * max(0, len(one.copies) - 1) for one in trace.objects)


@earns("none")
def prints_it(trace):
    object_by_object(trace)


@earns("exception")
def asks_a_transfer_for_its_size(trace):
    return sum(transfer.size_bytes for transfer in trace.transfers)


@earns("endless", hangs=True)
def never_ends(trace):
    while trace is not None:
        pass


@earns("constant")
def hard_coded(trace):
    return 16_000_253


@earns("always-nought")
def nothing_moved(trace):
    return 0


@earns("no-number")
def a_list(trace):
    return [object_by_object(trace)]


@earns("wrong-values")
def the_biggest(trace):
    return max((one.size_bytes or 0 for one in trace.objects), default=0) + 1


@earns("counts-transfers")
def counts_transfers(trace):
    return len(trace.transfers)


@earns("all-objects")
def all_objects(trace):
    return sum(stored.size_bytes or 0 for stored in trace.objects)


@earns("all-copies")
def all_copies(trace):
    return sum((one.size_bytes or 0) * len(one.copies) for one in trace.objects)


@earns("each-once")
def each_object_once(trace):
    moved = {transfer.object_id for transfer in trace.transfers}
    return sum(one.size_bytes or 0 for one in trace.objects if one.object_id in moved)


@earns("unknown-size")
def takes_every_size_for_known(trace):
    sizes = {stored.object_id: stored.size_bytes for stored in trace.objects}
    return sum(sizes[transfer.object_id] for transfer in trace.transfers)


@earns("unknown-size")
def gives_up_where_a_size_is_unknown(trace):
    if any(one.size_bytes is None for one in trace.objects):
        return 0
    return object_by_object(trace)


@earns("known-source")
def leaves_out_unknown_senders(trace):
    sizes = {one.object_id: one.size_bytes or 0 for one in trace.objects}
    return sum(sizes[one.object_id] for one in trace.transfers if one.from_node_id)


@earns("for-tasks")
def for_tasks_alone(trace):
    sizes = {one.object_id: one.size_bytes or 0 for one in trace.objects}
    return sum(sizes[one.object_id] for one in trace.transfers if one.task_id)


@earns("some-nodes")
def to_the_driver_alone(trace):
    sizes = {one.object_id: one.size_bytes or 0 for one in trace.objects}
    own = [node.node_id for node in trace.nodes if node.is_driver_node]
    return sum(sizes[one.object_id] for one in trace.transfers if one.to_node_id in own)


@earns("equal-sizes")
def a_set_of_sizes(trace):
    sizes = {one.object_id: one.size_bytes or 0 for one in trace.objects}
    return sum({sizes[one.object_id] for one in trace.transfers})


@earns("each-way-once")
def a_set_of_ways(trace):
    sizes = {one.object_id: one.size_bytes or 0 for one in trace.objects}
    ways = {(one.object_id, one.to_node_id) for one in trace.transfers}
    return sum(sizes[object_id] for object_id, _ in ways)


@earns("nodes-but-first")
def by_the_nodes_after_the_first(trace):
    return sum(
        (one.size_bytes or 0) * max(0, len({copy.node_id for copy in one.copies}) - 1)
        for one in trace.objects
    )


@earns("still-there")
def what_is_still_there(trace):
    return sum(
        (one.size_bytes or 0) * max(0, sum(copy.lost is None for copy in one.copies) - 1)
        for one in trace.objects
    )


@earns("minus-inlined")
def one_less_for_each(trace):
    return sum((one.size_bytes or 0) * (len(one.copies) - 1) for one in trace.objects)


@earns("first-only")
def returns_in_the_loop(trace):
    sizes = {one.object_id: one.size_bytes or 0 for one in trace.objects}
    for transfer in trace.transfers:
        return sizes[transfer.object_id]
    return 0


@earns("last-only")
def forgets_to_add(trace):
    total = 0
    sizes = {one.object_id: one.size_bytes or 0 for one in trace.objects}
    for transfer in trace.transfers:
        total = sizes[transfer.object_id]
    return total


@earns("zipped")
def takes_them_in_step(trace):
    return sum(one.size_bytes or 0 for one, _ in zip(trace.objects, trace.transfers, strict=False))


@earns("argument-bytes")
def all_arguments(trace):
    return sum(one.size_bytes or 0 for run in trace.tasks() for one in trace.arguments(run))


@earns("always-nought")
def compares_the_label(trace):
    sizes = {one.label: one.size_bytes or 0 for one in trace.objects}
    return sum(sizes.get(transfer.object_id, 0) for transfer in trace.transfers)


@earns("units")
def in_megabytes(trace):
    return object_by_object(trace) / 1e6


@earns("no-number")
def in_words(trace):
    return format_bytes(object_by_object(trace))


@earns("doubled")
def at_both_ends(trace):
    sizes = {one.object_id: one.size_bytes or 0 for one in trace.objects}
    moved = defaultdict(int)
    for one in trace.transfers:
        moved[one.from_node_id] += sizes[one.object_id]
        moved[one.to_node_id] += sizes[one.object_id]
    return sum(moved.values())


@earns("exception")
def looks_an_object_up_by_its_label(trace):
    return sum(trace.object(one.object_id).size_bytes or 0 for one in trace.transfers)


@earns("wrong-values")
def forgets_those_that_went_twice(trace):
    moved = [one for one in trace.objects if len(trace.transfers_of(one)) == 1]
    return sum(one.size_bytes or 0 for one in moved)


@earns("one-per-node")
def a_dict_by_node(trace):
    sizes = {stored.object_id: stored.size_bytes or 0 for stored in trace.objects}
    came = {}
    for transfer in trace.transfers:
        came[transfer.to_node_id] = sizes[transfer.object_id]
    return sum(came.values())


@earns("unknown-size")
def breaks_at_an_unknown_size(trace):
    sizes = {stored.object_id: stored.size_bytes for stored in trace.objects}
    total = 0
    for transfer in trace.transfers:
        if sizes[transfer.object_id] is None:
            break
        total += sizes[transfer.object_id]
    return total


@earns("unknown-size")
def fails_at_a_missing_key(trace):
    sizes = {one.object_id: one.size_bytes for one in trace.objects if one.size_bytes is not None}
    return sum(sizes[transfer.object_id] for transfer in trace.transfers)


@earns("spilled")
def counts_spilled_objects(trace):
    total = sum((one.size_bytes or 0) * len(trace.transfers_of(one)) for one in trace.objects)
    return total + sum(one.size_bytes or 0 for one in trace.objects if one.spilled is not None)


@earns("inlined")
def counts_inlined_objects(trace):
    total = 0
    for stored in trace.objects:
        if stored.inlined:
            total += stored.size_bytes or 0
        total += (stored.size_bytes or 0) * len(trace.transfers_of(stored))
    return total


@earns("released")
def only_what_is_still_there(trace):
    sizes = {one.object_id: one.size_bytes for one in trace.objects if one.released is None}
    return sum(sizes.get(transfer.object_id) or 0 for transfer in trace.transfers)


@earns("always-nought")
def compares_ids_with_is(trace):
    total = 0
    for transfer in trace.transfers:
        for stored in trace.objects:
            if stored.object_id is transfer.object_id:
                total += stored.size_bytes or 0
    return total


@earns("keeps-state")
def keeps_totals_of_earlier_calls(trace, moved=[]):  # noqa: B006
    sizes = {stored.object_id: stored.size_bytes or 0 for stored in trace.objects}
    for transfer in trace.transfers:
        moved.append(sizes[transfer.object_id])
    return sum(moved)


@earns("results-only")
def only_what_tasks_returned(trace):
    sizes = {one.object_id: one.size_bytes or 0 for one in trace.objects if one.task_id}
    return sum(sizes.get(transfer.object_id, 0) for transfer in trace.transfers)


@earns("multiplied")
def times_the_other_nodes(trace):
    moved = [stored for stored in trace.objects if trace.transfers_of(stored)]
    return sum(stored.size_bytes or 0 for stored in moved) * (len(trace.nodes) - 1)


@earns("last-only")
def begins_anew_for_each_object(trace):
    total = 0
    for stored in trace.objects:
        total = 0
        for _ in trace.transfers_of(stored):
            total += stored.size_bytes or 0
    return total


@earns("argument-bytes")
def looks_where_the_tasks_ran(trace):
    total = 0
    for run in trace.tasks():
        for stored in trace.arguments(run):
            if stored.copies and stored.copies[0].node_id != run.node_id:
                total += stored.size_bytes or 0
    return total

"""Answers to exercise 10, count what moved."""

from answers import earns, passes


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


@earns("wrong-values")
def hard_coded(trace):
    return 16_000_253


@earns("wrong-values")
def nothing_moved(trace):
    return 0


@earns("wrong-values")
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

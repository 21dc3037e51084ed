def my_moved_bytes(trace):
    sizes = {stored.object_id: stored.size_bytes or 0 for stored in trace.objects}
    return sum(sizes[transfer.object_id] for transfer in trace.transfers)

def my_moved_bytes(trace):
    return sum(stored.size_bytes for stored in trace.objects)

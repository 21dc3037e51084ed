def my_report(trace):
    for node in trace.nodes:
        if node.removed is not None:
            lost = [run for run in trace.tasks_on(node) if run.error]
            return node.number, {run.task_id: node.number for run in lost}
    return None

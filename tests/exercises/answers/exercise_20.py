"""Answers to exercise 20, read what a node took along."""

import time
from collections import defaultdict

import numpy as np

from answers import earns, passes
from raylessons import Outcome


def gone_from(trace):
    return next((node for node in trace.nodes if node.removed is not None), None)


def is_lost(run):
    return (run.error or "").startswith("NODE_DIED")


def number_of(trace, run):
    node = trace.node_of(run)
    return node.number if node else None


def finishes(trace):
    done = [run for run in trace.task_runs if run.outcome is Outcome.FINISHED]
    return {run.task_id: number_of(trace, run) for run in done}


@passes
def with_two_comprehensions(trace):
    gone = gone_from(trace)
    if gone is None:
        return None
    places = finishes(trace)
    lost = {run.task_id for run in trace.task_runs if is_lost(run)}
    return gone.number, {task_id: places.get(task_id) for task_id in lost}


@passes
def by_the_last_attempts(trace):
    gone = gone_from(trace)
    if not gone:
        return None
    last = {run.task_id: run for run in trace.tasks()}
    places = {}
    for run in trace.task_runs:
        if is_lost(run):
            end = last[run.task_id]
            places[run.task_id] = number_of(trace, end) if end.outcome is Outcome.FINISHED else None
    return gone.number, places


@passes
def by_the_node_and_the_error(trace):
    for node in trace.nodes:
        if node.removed is None:
            continue
        runs = [run for run in trace.task_runs if run.node_id == node.node_id and run.error]
        lost = [run.task_id for run in runs if "NODE_DIED" in run.error]
        return (node.number, {task_id: finishes(trace).get(task_id) for task_id in lost})
    return None


@passes
def with_attempts_by_task(trace):
    attempts = defaultdict(list)
    for run in trace.task_runs:
        attempts[run.task_id].append(run)
    gone = [node.number for node in trace.nodes if node.removed]
    if len(gone) == 0:
        return None
    places = {}
    for task_id, runs in attempts.items():
        if any(map(is_lost, runs)):
            ends = [number_of(trace, run) for run in runs if run.outcome.value == "finished"]
            places[task_id] = ends[-1] if ends else None
    return gone[0], places


@passes
def with_a_dictionary_of_numbers(trace):
    numbers = {node.node_id: node.number for node in trace.nodes}
    gone = {node.number for node in trace.nodes if node.removed is not None}
    if not gone:
        return None
    places = dict.fromkeys(run.task_id for run in trace.task_runs if is_lost(run))
    for run in trace.task_runs:
        if run.outcome == Outcome.FINISHED and run.task_id in places:
            places[run.task_id] = numbers[run.node_id]
    return gone.pop(), places


@passes
def in_a_list(trace):
    gone = gone_from(trace)
    if gone is None:
        return None
    places = finishes(trace)
    lost = [run.task_id for run in trace.task_runs if is_lost(run)]
    return [gone.number, {task_id: places.get(task_id) for task_id in lost}]


@passes
def sorted_by_attempt(trace):
    gone = gone_from(trace)
    if gone is None:
        return None
    places = {}
    for run in sorted(trace.task_runs, key=lambda run: run.attempt):
        if is_lost(run):
            places[run.task_id] = None
        elif run.task_id in places and run.outcome is Outcome.FINISHED:
            places[run.task_id] = trace.node_of(run).number
    return gone.number, places


@passes
def with_next(trace):
    gone = next((node.number for node in trace.nodes if node.removed is not None), None)
    lost = {run.task_id for run in trace.task_runs if is_lost(run)}

    def end_of(task_id):
        runs = (run for run in trace.task_runs if run.task_id == task_id)
        ends = (trace.node_of(run).number for run in runs if run.outcome is Outcome.FINISHED)
        return next(ends, None)

    return gone and (gone, {task_id: end_of(task_id) for task_id in lost})


@passes
def by_the_error_s_first_word(trace):
    gone = gone_from(trace)
    if gone is None:
        return None
    lost = [run for run in trace.task_runs if run.error and run.error.split(":")[0] == "NODE_DIED"]
    return gone.number, {run.task_id: finishes(trace).get(run.task_id) for run in lost}


@passes
def with_numpy_s_numbers(trace):
    numbers = [node.number for node in trace.nodes if node.removed is not None]
    if not numbers:
        return None
    places = finishes(trace)
    lost = [run.task_id for run in trace.task_runs if is_lost(run)]
    return np.max(numbers), {task_id: places.get(task_id) for task_id in lost}


@passes
def with_try(trace):
    try:
        (gone,) = (node for node in trace.nodes if node.removed is not None)
    except ValueError:
        return None
    places = {}
    for run in filter(is_lost, trace.task_runs):
        try:
            places[run.task_id] = finishes(trace)[run.task_id]
        except KeyError:
            places[run.task_id] = None
    return gone.number, places


@passes
def by_the_highest_attempt(trace):
    gone = gone_from(trace)
    if gone is None:
        return None
    places = {}
    for task_id in {run.task_id for run in trace.task_runs if is_lost(run)}:
        runs = [run for run in trace.task_runs if run.task_id == task_id]
        end = max(runs, key=lambda run: run.attempt)
        has_finished = end.outcome is Outcome.FINISHED
        places[task_id] = trace.node_of(end).number if has_finished else None
    return gone.number, places


@passes
def without_an_error_and_with_an_end(trace):
    gone = gone_from(trace)
    if gone is None:
        return None
    ends = [run for run in trace.task_runs if run.error is None and run.ended is not None]
    places = {run.task_id: trace.node_of(run).number for run in ends}
    lost = [run.task_id for run in trace.task_runs if is_lost(run)]
    return gone.number, {task_id: places.get(task_id) for task_id in lost}


@earns("last-attempts")
def looks_at_the_last_attempts(trace):
    gone = gone_from(trace)
    if gone is None:
        return None
    lost = [run.task_id for run in trace.tasks() if is_lost(run)]
    return gone.number, {task_id: finishes(trace).get(task_id) for task_id in lost}


@earns("first-attempts")
def looks_at_the_first_attempts(trace):
    gone = gone_from(trace)
    if gone is None:
        return None
    lost = [run.task_id for run in trace.task_runs if run.attempt == 0 and is_lost(run)]
    return gone.number, {task_id: finishes(trace).get(task_id) for task_id in lost}


@earns("left-out")
def leaves_out_what_did_not_finish(trace):
    gone = gone_from(trace)
    if gone is None:
        return None
    lost = {run.task_id for run in trace.task_runs if is_lost(run)}
    return gone.number, {
        run.task_id: number_of(trace, run)
        for run in trace.task_runs
        if run.task_id in lost and run.outcome is Outcome.FINISHED
    }


@earns("had-finished")
def takes_all_that_ran_there(trace):
    gone = gone_from(trace)
    if gone is None:
        return None
    there = [run.task_id for run in trace.task_runs if run.node_id == gone.node_id]
    return gone.number, {task_id: finishes(trace).get(task_id) for task_id in there}


@earns("other-failure")
def takes_all_that_failed_there(trace):
    gone = gone_from(trace)
    if gone is None:
        return None
    there = [run for run in trace.task_runs if run.node_id == gone.node_id]
    lost = [run.task_id for run in there if run.outcome is Outcome.FAILED]
    return gone.number, {task_id: finishes(trace).get(task_id) for task_id in lost}


@earns("other-failure")
def takes_dead_workers_there_too(trace):
    gone = gone_from(trace)
    if gone is None:
        return None
    there = [run for run in trace.task_runs if run.node_id == gone.node_id and run.error]
    lost = [run.task_id for run in there if "DIED" in run.error]
    return gone.number, {task_id: finishes(trace).get(task_id) for task_id in lost}


@earns("left-out")
def takes_all_that_ran_again(trace):
    gone = gone_from(trace)
    if gone is None:
        return None
    again = [run.task_id for run in trace.task_runs if run.attempt > 0]
    return gone.number, {task_id: finishes(trace).get(task_id) for task_id in again}


@earns("elsewhere")
def takes_all_dead_workers(trace):
    gone = gone_from(trace)
    if gone is None:
        return None
    lost = [run.task_id for run in trace.task_runs if run.error and "DIED" in run.error]
    return gone.number, {task_id: finishes(trace).get(task_id) for task_id in lost}


@earns("elsewhere")
def takes_all_errors(trace):
    gone = gone_from(trace)
    if gone is None:
        return None
    lost = [run.task_id for run in trace.task_runs if run.outcome is Outcome.FAILED]
    return gone.number, {task_id: finishes(trace).get(task_id) for task_id in lost}


@earns("had-finished")
def goes_by_the_time(trace):
    gone = gone_from(trace)
    if gone is None:
        return None
    there = [run for run in trace.task_runs if run.node_id == gone.node_id]
    lost = [run.task_id for run in there if run.started < gone.removed]
    return gone.number, {task_id: finishes(trace).get(task_id) for task_id in lost}


@earns("last-attempts")
def takes_what_did_not_end(trace):
    gone = gone_from(trace)
    if gone is None:
        return None
    there = [run for run in trace.task_runs if run.node_id == gone.node_id]
    lost = [run.task_id for run in there if run.outcome is Outcome.UNFINISHED]
    return gone.number, {task_id: finishes(trace).get(task_id) for task_id in lost}


@earns("same-node")
def names_the_node_that_went(trace):
    gone = gone_from(trace)
    if gone is None:
        return None
    lost = [run for run in trace.task_runs if is_lost(run)]
    return gone.number, {run.task_id: number_of(trace, run) for run in lost}


@earns("next-attempt")
def names_the_next_attempt_s_node(trace):
    gone = gone_from(trace)
    if gone is None:
        return None
    runs = {(run.task_id, run.attempt): run for run in trace.task_runs}
    places = {}
    for run in filter(is_lost, trace.task_runs):
        again = runs.get((run.task_id, run.attempt + 1))
        places[run.task_id] = number_of(trace, again) if again else None
    return gone.number, places


@earns("never-finished")
def names_the_last_attempt_s_node(trace):
    gone = gone_from(trace)
    if gone is None:
        return None
    last = {run.task_id: run for run in trace.tasks()}
    places = {}
    for run in filter(is_lost, trace.task_runs):
        end = last[run.task_id]
        places[run.task_id] = None if is_lost(end) else number_of(trace, end)
    return gone.number, places


@earns("not-found")
def looks_at_second_attempts_alone(trace):
    gone = gone_from(trace)
    if gone is None:
        return None
    seconds = {
        run.task_id: number_of(trace, run)
        for run in trace.task_runs
        if run.attempt == 1 and run.outcome is Outcome.FINISHED
    }
    lost = [run.task_id for run in trace.task_runs if is_lost(run)]
    return gone.number, {task_id: seconds.get(task_id) for task_id in lost}


@earns("no-number")
def names_nodes_by_their_ids(trace):
    gone = gone_from(trace)
    if gone is None:
        return None
    places = {run.task_id: run.node_id for run in trace.tasks() if run.error is None}
    lost = [run.task_id for run in trace.task_runs if is_lost(run)]
    return gone.node_id, {task_id: places.get(task_id) for task_id in lost}


@earns("no-number")
def finds_nodes_and_not_numbers(trace):
    gone = gone_from(trace)
    if gone is None:
        return None
    places = {run.task_id: trace.node_of(run) for run in trace.tasks() if run.error is None}
    lost = [run.task_id for run in trace.task_runs if is_lost(run)]
    return gone.number, {task_id: places.get(task_id) for task_id in lost}


@earns("no-ids")
def by_the_names_of_the_tasks(trace):
    gone = gone_from(trace)
    if gone is None:
        return None
    lost = [run for run in trace.task_runs if is_lost(run)]
    return gone.number, {run.name: finishes(trace).get(run.task_id) for run in lost}


@earns("other-node")
def takes_the_last_node(trace):
    gone = gone_from(trace)
    if gone is None:
        return None
    lost = [run.task_id for run in trace.task_runs if is_lost(run)]
    places = {task_id: finishes(trace).get(task_id) for task_id in lost}
    return trace.nodes[-1].number, places


@earns("not-none")
def a_tuple_for_nothing(trace):
    gone = gone_from(trace)
    lost = [run.task_id for run in trace.task_runs if is_lost(run)]
    places = {task_id: finishes(trace).get(task_id) for task_id in lost}
    return (gone.number if gone else None), places


@earns("not-none")
def takes_a_dead_worker_for_a_dead_node(trace):
    gone = gone_from(trace)
    died = [run for run in trace.task_runs if "DIED" in (run.error or "")]
    if gone is None and not died:
        return None
    number = gone.number if gone else number_of(trace, died[0])
    lost = [run.task_id for run in trace.task_runs if is_lost(run)]
    return number, {task_id: finishes(trace).get(task_id) for task_id in lost}


@earns("none-lost")
def none_where_nothing_was_lost(trace):
    gone = gone_from(trace)
    lost = [run.task_id for run in trace.task_runs if is_lost(run)]
    if not lost:
        return None
    return gone.number, {task_id: finishes(trace).get(task_id) for task_id in lost}


@earns("no-tuple")
def the_dictionary_alone(trace):
    gone = gone_from(trace)
    if gone is None:
        return None
    lost = [run.task_id for run in trace.task_runs if is_lost(run)]
    return {task_id: finishes(trace).get(task_id) for task_id in lost}


@earns("no-tuple")
def the_ids_alone(trace):
    gone = gone_from(trace)
    if gone is None:
        return None
    return gone.number, [run.task_id for run in trace.task_runs if is_lost(run)]


@earns("none")
def forgets_to_return(trace):
    gone = gone_from(trace)
    if gone is not None:
        lost = [run.task_id for run in trace.task_runs if is_lost(run)]
        print(gone.number, lost)


@earns("exception")
def asks_an_error_that_is_none(trace):
    gone = gone_from(trace)
    if gone is None:
        return None
    lost = [run.task_id for run in trace.task_runs if run.error.startswith("NODE_DIED")]
    return gone.number, {task_id: finishes(trace).get(task_id) for task_id in lost}


@earns("exception")
def takes_the_first_of_none(trace):
    removed = [node for node in trace.nodes if node.removed is not None]
    gone = removed[0]
    lost = [run.task_id for run in trace.task_runs if is_lost(run)]
    return gone.number, {task_id: finishes(trace).get(task_id) for task_id in lost}


@earns("exception")
def looks_up_what_never_finished(trace):
    gone = gone_from(trace)
    if gone is None:
        return None
    lost = [run.task_id for run in trace.task_runs if is_lost(run)]
    return gone.number, {task_id: finishes(trace)[task_id] for task_id in lost}


@earns("endless", hangs=True)
def waits_for_the_node(trace):
    while not all(node.removed is None for node in trace.nodes):
        time.sleep(0.05)

"""Break the package; its tests must notice, those of the graders too."""

from mutations.mutation import Mutation

SRC = "src/raylessons"
OBJECTS, WAITING = f"{SRC}/recording/objects.py", f"{SRC}/waiting.py"
GATES, CHAINS = f"{SRC}/exercises/gates.py", f"{SRC}/exercises/lessons/chain_tasks.py"
STATES = f"{SRC}/exercises/lessons/keep_state.py"
CALLERS = f"{SRC}/exercises/lessons/serve_many_callers.py"
DOWNLOADS = f"{SRC}/exercises/downloads.py"
FAILURES = f"{SRC}/exercises/lessons/survive_failures.py"
NODES = f"{SRC}/exercises/lessons/lose_a_node.py"
ACCOUNTS, FATAL_WORK = f"{SRC}/exercises/accounts.py", f"{SRC}/exercises/fatal_work.py"
NODE_REPORTS = f"{SRC}/exercises/node_reports.py"
STREAMS, FULL_STORES = f"{SRC}/exercises/streams.py", f"{SRC}/exercises/full_stores.py"
HEADS, MOVES = f"{SRC}/exercises/heads.py", f"{SRC}/exercises/moves.py"
ASK_LATE = f"{SRC}/exercises/lessons/ask_late.py"
SCHEDULES = f"{SRC}/exercises/lessons/see_how_ray_schedules.py"
WATCHING = f"{SRC}/exercises/lessons/watch_the_cluster.py"
OBSERVING, MISTAKES = f"{SRC}/exercises/observing.py", f"{SRC}/exercises/mistakes.py"


def _graded(*names: str) -> tuple[str, ...]:
    """Name the tests that grade these answers, such as `2-starter`."""
    test = "test_an_answer_earns_its_verdict_and_no_other_and_leaves_the_cluster_fit"
    return tuple(f"tests/exercises/test_catalogue.py::{test}[{name}]" for name in names)


MUTATIONS = (
    Mutation(
        "a claim that never fails",
        files={f"{SRC}/claims.py": (("    if not holds:\n", "    if False:\n"),)},
        tests=(
            "tests/test_claims.py::test_a_claim_that_does_not_hold_says_the_sentence_and_the_values",
            "tests/build/test_build.py::test_a_claim_that_fails_stops_the_build_with_its_place_and_its_values",
        ),
    ),
    Mutation(
        "a build that goes on after a page failed",
        files={
            "docs/_extensions/lesson_site/execution.py": (
                ("[page.failure for page in pages if page.failure]", "[]"),
            )
        },
        tests=(
            "tests/build/test_build.py::test_a_claim_that_fails_stops_the_build_with_its_place_and_its_values",
            "tests/build/test_build.py::test_every_page_that_fails_is_named",
        ),
    ),
    Mutation(
        "add_arrays that does not wait",
        files={
            f"{SRC}/workloads.py": (("    _sleep(left.size * seconds_per_element)\n", ""),),
        },
        tests=("tests/test_workloads.py::test_adding_sleeps_for_every_element_and_adds",),
    ),
    Mutation(
        "make_array that does not wait",
        files={f"{SRC}/workloads.py": (("    _sleep(size * seconds_per_element)\n", ""),)},
        tests=("tests/test_workloads.py::test_making_an_array_sleeps_for_every_element",),
    ),
    Mutation(
        "make_array that makes the same numbers every time",
        files={f"{SRC}/workloads.py": (("default_rng()", "default_rng(7)"), ("@cache\n", ""))},
        tests=("tests/test_workloads.py::test_arrays_are_random",),
    ),
    Mutation(
        "a wrong crossing point",
        files={f"{SRC}/sweeps.py": (("share = -gain1 / (gain2 - gain1)", "share = 1.0"),)},
        tests=(
            "tests/test_sweeps.py::test_the_crossing_lies_between_the_sizes_where_the_lines_change_places",
            "tests/plots/test_sweeps.py::test_a_sweep_has_a_still_with_each_way_and_where_they_cross",
        ),
    ),
    Mutation(
        "a crossing at every noisy size",
        files={
            f"{SRC}/sweeps.py": (("while blocks and blocks[-1][1] >= block[1]:", "while False:"),)
        },
        tests=("tests/test_sweeps.py::test_one_noisy_size_does_not_make_a_crossing_of_its_own",),
    ),
    Mutation(
        "a swapped curve",
        files={
            f"{SRC}/plots/sweeps.py": (
                (
                    "samples = [point.ways[way] for point in found.points]",
                    "samples = [[*point.ways.values()][-1 - len(items)] for point in found.points]",
                ),
            )
        },
        tests=("tests/plots/test_sweeps.py::test_each_way_has_the_line_of_its_own_medians",),
    ),
    Mutation(
        "what was predicted in the place of what was measured",
        files={
            f"{SRC}/plots/schedules.py": (
                (
                    "above = [(name, *planned[name], 0.2) for name in planned]",
                    "above = [(name, *measured[name], 0.2) for name in planned]",
                ),
                (
                    "below = [(name, *measured[name], -0.2) for name in planned]",
                    "below = [(name, *planned[name], -0.2) for name in planned]",
                ),
            )
        },
        tests=(
            "tests/plots/test_schedules.py::test_runs_are_matched_to_tasks_by_submission_and_counted_from_the_first",
        ),
    ),
    Mutation(
        "a schedule whose leases last twice as long",
        files={
            f"{SRC}/schedule.py": (
                ("lease.granted_at + LEASE_SECONDS:", "lease.granted_at + 2 * LEASE_SECONDS:"),
            )
        },
        tests=("tests/test_schedule.py::test_a_worker_keeps_to_its_function_until_its_lease_ends",),
    ),
    Mutation(
        "a schedule with another lease than Ray's",
        files={f"{SRC}/schedule.py": (("LEASE_SECONDS = 0.5 ", "LEASE_SECONDS = 5.0 "),)},
        tests=(
            "tests/test_schedule.py::test_ray_keeps_to_the_makespan_predicted_for_five_chains[2]",
        ),
    ),
    Mutation(
        "a schedule that forgets what a task needs",
        files={
            f"{SRC}/schedule.py": (
                ("            if not task.needs:\n", "            if True:\n"),
                ("if not self.unmet[dependent.name]:", "if False:"),
            )
        },
        tests=(
            "tests/test_schedule.py::test_each_task_runs_once_for_its_seconds_and_after_its_needs",
            "tests/test_schedule.py::test_five_chains_take_what_was_measured_on_ray",
        ),
    ),
    Mutation(
        "a plan in which what is just ready comes a round later",
        files={
            f"{SRC}/rounds.py": (
                ("min(num_returns, len(left)) - 1]", "min(num_returns, len(left) - 1)]"),
            )
        },
        tests=(
            "tests/test_rounds.py::test_one_at_a_time_arrives_as_the_tasks_finish",
            "tests/test_rounds.py::test_two_at_a_time_leaves_the_odd_last_one",
        ),
    ),
    Mutation(
        "rounds that wait for everything",
        files={
            WAITING: (
                (
                    "            num_returns=min(num_returns, len(refs)),\n",
                    "            num_returns=len(refs),\n",
                ),
            )
        },
        tests=("tests/test_waiting.py::test_every_ref_is_handed_over_once",),
    ),
    Mutation(
        "a failure that costs the others their values",
        files={WAITING: (("except ray.exceptions.RayError as", "except TypeError as"),)},
        tests=("tests/test_waiting.py::test_one_failed_task_costs_no_other_its_value",),
    ),
    Mutation(
        "a copy that is not seen",
        files={
            OBJECTS: (("for node_id in gained]", "for node_id in gained[:0 if present else 1]]"),)
        },
        tests=(
            "tests/recording/test_objects.py::TestLooking::test_places_are_told_in_the_order_in_which_they_were_seen",
            "tests/recording/test_objects.py::TestTransfers::test_a_place_gained_is_a_transfer_from_the_only_holder",
        ),
    ),
    Mutation(
        "a copy that no task proves",
        files={
            OBJECTS: (("        if had_arguments is not None:\n", "        if False:\n"),),
        },
        tests=(
            "tests/recording/test_objects.py::TestMovingCopiesBack::test_a_task_that_had_it_proves_a_copy_that_nobody_saw",
        ),
    ),
    Mutation(
        "a store that inlines everything",
        files={
            OBJECTS: (
                (
                    "elif size_bytes is not None and size_bytes <= LARGEST_INLINED_BYTES:",
                    "elif size_bytes is not None:",
                ),
            )
        },
        tests=(
            "tests/recording/test_objects.py::TestLooking::test_a_big_object_in_no_store_is_not_called_inlined",
        ),
    ),
    Mutation(
        "a store that inlines nothing",
        files={OBJECTS: (("            self.inlined = True\n", "            pass\n"),)},
        tests=(
            "tests/recording/test_objects.py::TestLooking::test_a_small_object_in_no_store_is_inlined",
            "tests/recording/test_recorder.py::TestWhatIsRecorded::test_a_small_result_is_inlined_and_is_in_no_store",
        ),
    ),
    Mutation(
        "tasks one after another that count as two at once",
        files={
            f"{SRC}/trace/records.py": (
                ("while ends and ends[0] <= start:", "while ends and ends[0] < start:"),
            )
        },
        tests=("src/raylessons/trace/records.py::raylessons.trace.records.Trace.peak_parallelism",),
    ),
    Mutation(
        "warm-ups that count",
        files={
            f"{SRC}/timing.py": (
                (
                    "    seconds = []\n    for _ in range(repeats):",
                    "    seconds = []\n    for _ in range(repeats + warmups):",
                ),
            )
        },
        tests=("tests/test_timing.py::test_warm_ups_are_not_counted",),
    ),
    Mutation(
        "memory that is nobody's",
        files={
            f"{SRC}/cluster/memory.py": (("    if not MAPS.exists():\n", "    if True:\n"),),
        },
        tests=("tests/cluster/test_memory.py::test_an_array_over_a_file_names_it",),
    ),
    Mutation(
        "a report that runs a script",
        files={f"{SRC}/report/page.py": (("</body>\\n", "<script></script></body>\\n"),)},
        tests=(
            "tests/report/test_page.py::test_a_report_is_one_file_without_script_and_without_addresses",
        ),
    ),
    Mutation(
        "an observer that hears no submission",
        files={
            OBSERVING: (("        if returned or submission.streams:\n", "        if False:\n"),)
        },
        tests=_graded("4-solution", "8-solution"),
    ),
    Mutation(
        "an observer that does not notice what runs on",
        files={
            OBSERVING: (
                (
                    "running = len(unfinished(uncancelled, grace_seconds))",
                    "running = 0",
                ),
            )
        },
        tests=_graded("7-leaves_tasks_running"),
    ),
    Mutation(
        "an usher that lets all downloads end together",
        files={
            DOWNLOADS: (
                (
                    "            usher.release(usher.choose(sight.running))\n",
                    "            usher.let_all_end()\n",
                ),
            )
        },
        tests=_graded("14-in_chunks", "14-waits_for_the_oldest"),
    ),
    Mutation(
        "an usher that does not look whether the loop goes on",
        files={DOWNLOADS: (("DEAD_TURNS = 150\n", "DEAD_TURNS = 150_000\n"),)},
        tests=_graded("14-with_a_semaphore_of_threads", "14-gives_no_place_back"),
    ),
    Mutation(
        "a downloading actor that may have threads",
        files={CALLERS: (("all(loading.is_async for loading in loadings)", "loadings"),)},
        tests=_graded("14-a_threaded_actor"),
    ),
    Mutation(
        "an actor that does not count its calls",
        files={STATES: (("        self._calls.append(method)\n", ""),)},
        tests=_graded("13-starter", "13-lists_of_three"),
    ),
    Mutation(
        "an account to which nobody dies",
        files={ACCOUNTS: (("self._due = run, list(deaths)", "self._due = run, []"),)},
        tests=_graded("18-starter", "18-never_repeated", "18-looks_notes_and_pays"),
    ),
    Mutation(
        "an account at whose callers death comes only before a call",
        files={ACCOUNTS: (("        if not death.is_before:", "        if False:"),)},
        tests=_graded("18-starter", "18-draws_the_name_in_the_task"),
    ),
    Mutation(
        "a grader of payments that does not look for a second one",
        files={
            FAILURES: (('    Demand("Nothing is paid twice.", _paid_again),\n', ""),),
        },
        tests=_graded("18-starter", "18-takes_the_worker_for_a_name"),
    ),
    Mutation(
        "work that no worker dies of twice",
        files={FATAL_WORK: (("MOST_DEATHS = 6", "MOST_DEATHS = 1"),)},
        tests=_graded("19-repeated_without_end", "19-until_it_works"),
    ),
    Mutation(
        "a grader of values that lets tasks take turns",
        files={NODES: (('    Demand("The tasks do not take turns.", _values_in_turn),\n', ""),)},
        tests=_graded("19-in_turn", "19-a_try_around_both"),
    ),
    Mutation(
        "records in which every node that went took something along",
        files={NODES: (('["g.", "s*d.", "d."]', '["g!s.", "s*d.", "d."]'),)},
        tests=_graded("20-none_where_nothing_was_lost"),
    ),
    Mutation(
        "a grader of reports that does not look where tasks finished",
        files={
            NODE_REPORTS: (
                ("    if not wrong:\n        return None\n", "    if True:\n        return None\n"),
            ),
        },
        tests=_graded("20-names_the_node_that_went", "20-names_the_next_attempt_s_node"),
    ),
    Mutation(
        "an observer that keeps refs where it should not",
        files={
            OBSERVING: (
                (
                    "                given, returned = by_id(given), by_id(returned)\n",
                    "                pass\n",
                ),
            ),
        },
        tests=(
            *_graded("16-solution"),
            "tests/exercises/test_observing.py::TestObserving::test_an_observation_that_keeps_no_refs_holds_no_object",
        ),
    ),
    Mutation(
        "a store that may overflow, as long as nothing is spilled",
        files={FULL_STORES: (("self.spilled_bytes + self.overflow_bytes", "self.spilled_bytes"),)},
        tests=_graded("17-has_threads_that_keep_arrays"),
    ),
    Mutation(
        "a stream that may be made one by one",
        files={STREAMS: (("    if not is_serial:\n", "    if True:\n"),)},
        tests=_graded("17-asks_in_the_loop", "17-one_task_does_all"),
    ),
    Mutation(
        "a caller that does not look into the store",
        files={HEADS: (("held = held_bytes(self._before, patience)", "held = 0"),)},
        tests=_graded("16-starter", "16-the_loop_variable"),
    ),
    Mutation(
        "stores that may be given an array twice",
        files={MOVES: (("+ 0.5", "+ 50"),)},
        tests=_graded("15-starter", "15-puts_it_once"),
    ),
    Mutation(
        "an usher to whom nothing is held back",
        files={
            f"{SRC}/exercises/ushers.py": (("HELD_TURNS = 30\n", "HELD_TURNS = 30_000\n"),),
        },
        tests=(
            *_graded("7-collects_in_a_list"),
            "tests/exercises/test_ushers.py::test_a_value_that_lies_there_while_another_is_waited_for_is_held_back",
        ),
    ),
    Mutation(
        "a grader that has no slow caller",
        files={
            f"{SRC}/exercises/squarings.py": (
                ("            pause = Pause(1, _for_the_deadline)\n", "            pause = None\n"),
            )
        },
        tests=_graded("7-negative_time_left"),
    ),
    Mutation(
        "a prediction whose seconds nobody looks at",
        files={f"{SRC}/exercises/predictions.py": (("NEAR_SECONDS = 0.3", "NEAR_SECONDS = 30.0"),)},
        tests=_graded("6-whole_seconds", "6-durations_of_rounds"),
    ),
    Mutation(
        "an observer that listens to no ray.get",
        files={
            f"{SRC}/exercises/driver_calls.py": (
                (
                    "RAY_CALLS = (ray.get, ray.wait, ray.cancel)",
                    "RAY_CALLS = (ray.wait, ray.cancel)",
                ),
            )
        },
        tests=_graded("4-fetches_the_arrays_first"),
    ),
    Mutation(
        "a grader of the best parcel that looks neither at waits nor at work done twice",
        files={
            ASK_LATE: (
                (
                    '    Demand("All tasks are started before you wait for any.", _waits_early),\n',
                    "",
                ),
                ('    Demand("They do so once.", _weighed_too_often),\n', ""),
                (
                    '    Demand("Tasks weigh each parcel, and its weight again.", '
                    "_weighed_too_rarely),\n",
                    "",
                ),
                (
                    '    Demand("Your program does not sleep longer than the tasks.", _sleeps),\n',
                    "",
                ),
            ),
        },
        tests=_graded(
            "2-starter",
            "2-weighs_all_parcels_twice",
            "2-weighs_again_in_the_driver",
            "2-sleeps_before_it_asks",
        ),
    ),
    Mutation(
        "a grader that takes any order of the tasks",
        files={
            SCHEDULES: (
                (
                    '    Demand("No other order ends sooner, with 2 CPUs or with 3.", '
                    "_too_long),\n",
                    "",
                ),
            ),
        },
        tests=_graded("3-starter", "3-compares_as_text", "3-the_best_for_two_cpus"),
    ),
    Mutation(
        "traces in which every size is known",
        files={
            WATCHING: (
                (
                    "            _wrong_number(reading, readings) "
                    "if reading.has_unknown_sizes else None\n",
                    "            None\n",
                ),
            ),
        },
        tests=_graded("10-gives_up_where_a_size_is_unknown"),
    ),
    Mutation(
        "a grader that does not look where the big array goes",
        files={
            WATCHING: (
                ('    Demand("The big array is moved to no other node.", _big_moved),\n', ""),
                (
                    '    Demand("Your program does not fetch the big array itself.", _fetches),\n',
                    "",
                ),
            ),
        },
        tests=_graded("11-starter", "11-on_the_third_node", "11-waits_for_both_first"),
    ),
    Mutation(
        "a gate that is open from the start",
        files={GATES: (("    while not private.read_notes(name) and", "    while False and"),)},
        tests=(
            *_graded("4-waits_until_it_is_called_back", "5-waits_for_the_futures_of_a_round"),
            "tests/exercises/test_gates.py::test_values_come_once_the_answer_has_returned",
        ),
    ),
    Mutation(
        "a grader that takes every wait for one for a value",
        files={
            CHAINS: (('DOUBTFUL_WAYS = ("Future.result", "as_completed")', "DOUBTFUL_WAYS = ()"),)
        },
        tests=_graded(
            "4-submitted_by_a_thread_that_waits_for_nothing",
            "5-submitted_from_threads_that_wait_for_nothing",
        ),
    ),
    Mutation(
        "a grader that sees no addition inside of a task",
        files={CHAINS: (("    if tying.nested:\n", "    if False:\n"),)},
        tests=_graded("4-lets_a_task_wait_for_the_additions"),
    ),
    Mutation(
        "a grader that sees no ref in a list",
        files={CHAINS: (("    hidden = tying.shares.count(0)\n", "    hidden = 0\n"),)},
        tests=_graded("4-hides_the_refs_in_a_list", "4-hides_the_refs_in_a_closure"),
    ),
    Mutation(
        "a grader that takes a tree of any depth",
        files={CHAINS: (("    if depth <= tying.best:\n", "    if True:\n"),)},
        tests=_graded("5-starter", "5-adds_the_odd_one_to_the_first_sum"),
    ),
    Mutation(
        "a grader that asks for one round too few",
        files={CHAINS: (("(len(self.given) - 1).bit_length()", "2"),)},
        tests=_graded("5-solution"),
    ),
    Mutation(
        "a grader that takes any value for the sum",
        files={CHAINS: (("    if tying.has_total:\n        return None\n", "    return None\n"),)},
        tests=_graded("4-adds_the_first_twice", "5-takes_the_greatest"),
    ),
    Mutation(
        "arrays that are always seven",
        files={CHAINS: (("chance.choice(numbers)", "7"),)},
        tests=_graded("5-made_for_seven", "5-keeps_the_last_one_always"),
    ),
    Mutation(
        "refs that are never equal",
        files={CHAINS: (("    if arrays.one_comes_twice:\n", "    if False:\n"),)},
        tests=_graded("4-takes_each_of_a_set", "5-puts_the_pairs_into_a_dict"),
    ),
    Mutation(
        "a grader that sees nobody wait",
        files={MISTAKES: (("    if not submissions:\n        return 0\n", "    return 0\n"),)},
        tests=_graded("8-asks_inside_the_loop", "17-asks_in_the_loop", "19-in_turn"),
    ),
    Mutation(
        "a grader that lets the driver do the work",
        files={
            MISTAKES: (
                (
                    "if any(call.thread == seen.own_thread for call in calls):",
                    "if False:",
                ),
            )
        },
        tests=_graded("1-starter", "8-in_the_driver"),
    ),
    Mutation(
        "a grader that does not look how long tasks took",
        files={MISTAKES: (("SHORTEST_SHARE = 0.9", "SHORTEST_SHARE = 0.0"),)},
        tests=_graded("1-sleeps_less"),
    ),
    Mutation(
        "a grader that takes any order",
        files={
            MISTAKES: (
                (
                    "    if values == expected:\n",
                    "    if sorted(map(repr, values)) == sorted(map(repr, expected)):\n",
                ),
            )
        },
        tests=_graded("1-in_the_order_of_completion", "8-in_strides_one_after_another"),
    ),
    Mutation(
        "a grader that does not see refs come back",
        files={MISTAKES: (('    if refs and wants != "ref":\n', "    if False:\n"),)},
        tests=_graded("2-returns_a_ref", "8-returns_refs"),
    ),
    Mutation(
        "a grader that does not see what was ready wait again",
        files={MISTAKES: (("    return len(ready) - len(set(ready))\n", "    return 0\n"),)},
        tests=_graded("7-keeps_waiting_for_what_is_ready"),
    ),
)

from raylessons.claims import ClaimError as ClaimError, claim as claim, note as note
from raylessons.cluster.dashboard import (
    Picture as Picture,
    photograph_dashboard as photograph_dashboard,
)
from raylessons.cluster.listeners import Listener as Listener, find_listeners as find_listeners
from raylessons.cluster.memory import (
    StoreUse as StoreUse,
    backing_file as backing_file,
    measure_stores as measure_stores,
)
from raylessons.cluster.mini import MiniCluster as MiniCluster, mini_cluster as mini_cluster
from raylessons.cluster.nodes import on_node as on_node, pick_nodes as pick_nodes
from raylessons.cluster.session import (
    Session as Session,
    start_ray as start_ray,
    warm_up as warm_up,
)
from raylessons.drawing.comparison import Comparison as Comparison, compare as compare
from raylessons.drawing.page import Drawing as Drawing, draw_story as draw_story
from raylessons.exercises.catalogue import check as check
from raylessons.exercises.verdicts import Verdict as Verdict
from raylessons.plots.explorer import Explorer as Explorer
from raylessons.plots.figure import Plot as Plot
from raylessons.plots.programs import explore_schedules as explore_schedules
from raylessons.plots.rounds import explore_rounds as explore_rounds
from raylessons.plots.schedules import (
    plot_beside as plot_beside,
    plot_makespans as plot_makespans,
    plot_prediction as plot_prediction,
)
from raylessons.plots.sizes import explore_sizes as explore_sizes
from raylessons.plots.sweeps import plot_sweep as plot_sweep
from raylessons.plots.timeline import plot_timeline as plot_timeline
from raylessons.questions import reveal as reveal
from raylessons.recording.recorder import Recording as Recording, record as record
from raylessons.report.files import read_trace as read_trace, write_trace as write_trace
from raylessons.report.page import write_report as write_report
from raylessons.rounds import PlannedRound as PlannedRound, plan_rounds as plan_rounds
from raylessons.schedule import (
    PlannedRun as PlannedRun,
    Schedule as Schedule,
    Task as Task,
    predict_schedule as predict_schedule,
)
from raylessons.story.frames import Frame as Frame
from raylessons.sweeps import (
    Point as Point,
    Sweep as Sweep,
    crossing as crossing,
    describe_crossing as describe_crossing,
    one_two_five as one_two_five,
    predict_speedup as predict_speedup,
    sweep as sweep,
)
from raylessons.timing import (
    Sample as Sample,
    Stopwatch as Stopwatch,
    duration_line as duration_line,
    measure as measure,
    stopwatch as stopwatch,
)
from raylessons.trace.records import (
    Actor as Actor,
    Get as Get,
    Node as Node,
    ObjectCopy as ObjectCopy,
    Outcome as Outcome,
    Phase as Phase,
    StoredObject as StoredObject,
    TaskKind as TaskKind,
    TaskRun as TaskRun,
    Trace as Trace,
    Transfer as Transfer,
    WaitRound as WaitRound,
    Worker as Worker,
)
from raylessons.waiting import (
    Gathered as Gathered,
    gather as gather,
    wait_in_rounds as wait_in_rounds,
)
from raylessons.words import format_bytes as format_bytes, format_seconds as format_seconds
from raylessons.workloads import (
    add_arrays as add_arrays,
    make_array as make_array,
    noop as noop,
    slow_square as slow_square,
)

__version__: str

"""The rules that a spec must keep, one per file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache
from importlib import import_module

from ..diagnostics import Diagnostic, Finding, locate
from ..inputs import Inputs
from ..model.resolved import Project
from ..source import Sources
from .base import Check, Surroundings, together

__all__ = ["Check", "Surroundings", "all_checks", "run_all"]

MODULES = (
    "references.unknown_dataset",
    "references.unknown_feature_set",
    "references.unknown_column",
    "references.unknown_model",
    "references.unknown_metric",
    "references.unknown_feature",
    "references.unknown_action",
    "references.undeclared_variable",
    "references.unread_declaration",
    "references.conflicting_declaration",
    "references.variable_not_replaced",
    "references.since_without_cursor",
    "references.unordered_cursor",
    "references.idle_cursor",
    "references.kept_personal_data",
    "references.unsupported_source",
    "references.unknown_driver",
    "references.owner_missing",
    "references.incomparable_reference",
    "references.warning_without_rule",
    "references.personal_distribution",
    "references.shown_without_need",
    "references.personal_reference",
    "features.invalid_sql",
    "features.type_mismatch",
    "features.misplaced_aggregate",
    "features.unstable_sql",
    "features.untyped_expression",
    "features.known_too_late",
    "features.label_as_feature",
    "features.window_without_time",
    "features.window_sees_future",
    "features.cyclic_known_at",
    "features.feature_twice",
    "features.wrong_column_type",
    "features.impossible_contract",
    "features.several_datasets",
    "features.unknown_function",
    "features.unread_column",
    "features.unused_definition",
    "features.mistaken_kind",
    "features.idle_check",
    "features.violations_always_found",
    "features.constant_feature",
    "features.key_as_feature",
    "features.empty_window",
    "features.stale_store",
    "features.weight_without_sense",
    "features.foregone_comparison",
    "features.same_feature",
    "features.join_repeats_rows",
    "features.join_type_mismatch",
    "features.join_without_time",
    "features.join_sees_future",
    "features.ambiguous_join",
    "features.self_join",
    "features.unread_join",
    "features.wrong_arguments",
    "features.meaningless_constant",
    "features.asked_of_duckdb",
    "models.metric_not_for_task",
    "models.gate_without_metric",
    "models.unknown_estimator",
    "models.estimator_not_for_task",
    "models.unknown_parameter",
    "models.missing_entrypoint",
    "models.unclear_task",
    "models.decision_not_for_task",
    "models.impossible_split",
    "models.preprocess_does_not_fit",
    "models.champion_without_registry",
    "models.gate_against_metric",
    "models.gate_never_fails",
    "models.gate_never_passes",
    "models.slice_not_evaluated",
    "models.slice_too_fine",
    "models.tuned_and_fixed",
    "models.search_without_choice",
    "models.blind_business_metric",
    "models.edge_not_exportable",
    "models.latency_out_of_reach",
    "models.broken_requirement",
    "models.unpinned_requirement",
    "models.duplicate_gate",
    "models.measure_as_category",
    "monitors.monitor_not_deployed",
    "monitors.monitor_without_log",
    "monitors.action_without_target",
    "monitors.monitor_without_bound",
    "monitors.labels_cannot_join",
    "monitors.method_not_for_column",
    "monitors.window_outlives_log",
    "monitors.labels_too_late",
    "monitors.cooldown_without_effect",
    "monitors.window_with_gaps",
    "monitors.redacted_column",
    "monitors.silent_monitor",
    "monitors.bound_contradicts_metric",
    "deployment.invalid_cron",
    "deployment.home_forgotten",
    "deployment.literal_secret",
    "deployment.workflow_expression",
    "deployment.path_outside",
    "deployment.unwritable_output",
    "deployment.refused_name",
    "deployment.name_collision",
    "deployment.image_without_registry",
    "deployment.personal_data",
    "deployment.impossible_rollout",
    "deployment.rollout_too_slow",
    "deployment.canary_unwatched",
    "deployment.redaction_without_effect",
    "deployment.malformed_registry",
    "deployment.unsupported_storage",
    "deployment.schedule_beyond_limit",
    "deployment.schedule_collision",
    "deployment.crowded_minute",
    "deployment.schedule_in_two_zones",
    "deployment.overwritten_file",
    "deployment.unwritable_value",
    "deployment.store_of_one_machine",
    "deployment.personal_feature",
    "deployment.personal_report",
    "deployment.keep_without_effect",
)
"""Where the checks are, in the order of their codes; each module has one, named ``CHECK``."""


@cache
def all_checks() -> tuple[Check, ...]:
    """Every check, in the order of the codes."""
    return tuple(import_module(f".{name}", __name__).CHECK for name in MODULES)


def run_all(project: Project, inputs: Inputs, sources: Sources) -> tuple[Diagnostic, ...]:
    """What the checks find in ``project``; ``inputs`` are the files of the folder of its spec."""
    return tuple(_found(project, Surroundings(inputs=inputs, sources=sources)))


def _found(project: Project, surroundings: Surroundings) -> Iterator[Diagnostic]:
    for check in all_checks():
        for finding in merged(check.run(project, surroundings)):
            yield locate(check.code, check.severity, finding, surroundings.sources)


def merged(findings: Iterable[Finding]) -> list[Finding]:
    """One finding for each message: the same mistake at another place is told as related to the first."""
    first: dict[str, Finding] = {}
    for finding in findings:
        known = first.get(finding.message)
        if known is None:
            first[finding.message] = finding
        elif finding.mark.path != known.mark.path:
            again = replace(finding.mark, text="and here")
            first[finding.message] = replace(
                known, related=(*known.related, again), fix=together(known.fix, finding.fix)
            )
    return list(first.values())

"""The JSON documents of what lies in the heap, what grows there, and what the collector does."""

from __future__ import annotations

from memscope.analysis.cohorts import CohortReport
from memscope.analysis.fragmentation import Arena, Fragmentation, HeapMoment, PinningSite
from memscope.analysis.gcpressure import GcPressure
from memscope.analysis.growth import GrowthReport
from memscope.capture import Capture
from memscope.reports.documents import Document, certainty, place


def fragmentation_document(found: Fragmentation, capture: Capture, limit: int) -> Document:
    """Sites are the `limit` that pin most (0: all); arenas come by address."""
    return {
        "schema": "memscope.fragmentation/1",
        **certainty(capture),
        "allocator": found.allocator,
        "pymalloc": found.pymalloc,
        "recorded": found.recorded,
        "arenas_made": found.arenas_made,
        "arenas_returned": found.arenas_returned,
        "arenas_most": found.arenas_most,
        "moments": [_moment(moment, limit) for moment in found.moments],
    }


def _moment(moment: HeapMoment, limit: int) -> Document:
    survey = moment.survey
    return {
        "moment": survey.moment,
        "time_s": survey.time_ns / 1e9,
        "live_bytes": round(survey.live_bytes),
        "resident_bytes": survey.resident_bytes or None,
        "counted": moment.counted,
        "whole": survey.whole,
        "arenas_count": len(moment.arenas),
        "arenas_bytes": moment.arenas_bytes,
        "used_bytes": moment.used_bytes,
        "free_bytes": moment.free_bytes,
        "needed_arenas": moment.needed_arenas,
        "sparse_arenas": moment.sparse_arenas,
        "empty_arenas": moment.empty_arenas,
        "unrecorded_blocks": moment.unrecorded_blocks if moment.counted else None,
        "elsewhere_blocks": moment.elsewhere_blocks,
        "sites_count": len(moment.sites),
        "sites": [_pinning(site) for site in moment.sites[: limit or None]],
        "arenas": [_arena(arena) for arena in moment.arenas],
    }


def _pinning(site: PinningSite) -> Document:
    return {
        **place(site.site),
        "origin": site.origin.value,
        "blocks": site.blocks,
        "used_bytes": site.used_bytes,
        "pools": site.pools,
        "pools_alone": site.pools_alone,
        "arenas": site.arenas,
        "arenas_alone": site.arenas_alone,
        "pinned_bytes": site.pinned_bytes,
        "returned_so_far": site.returned_so_far,
    }


def _arena(arena: Arena) -> Document:
    return {
        "address": arena.address,
        "size_bytes": arena.size_bytes,
        "older": arena.older,
        "pools": len(arena.pool_bytes),
        "pools_used": arena.pools_used,
        "used_bytes": arena.used_bytes,
        "occupancy": arena.occupancy,
        "recorded_blocks": arena.recorded_blocks,
        "recorded_bytes": arena.recorded_bytes,
        "unrecorded_blocks": arena.unrecorded_blocks,
        "unrecorded_bytes": None if arena.unrecorded_blocks is None else arena.unrecorded_bytes,
        "sites": arena.sites,
    }


def cohorts_document(found: CohortReport) -> Document:
    """A part of the timeline's document: what was allocated when and is live at the end."""
    return {
        "known": found.known,
        "older_bytes": found.older_bytes,
        "older_blocks": found.older_blocks,
        "unplaced_blocks": found.unplaced_blocks,
        "stretches": [
            {
                "from_s": cohort.from_ns / 1e9,
                "until_s": cohort.until_ns / 1e9,
                "allocated_bytes": cohort.allocated_bytes,
                "allocations": cohort.allocations,
                "live_bytes": cohort.live_bytes,
                "live_blocks": cohort.live_blocks,
                "live_share": cohort.live_share,
                "sites": [
                    {
                        **place(item.site),
                        "origin": item.origin.value,
                        "live_bytes": item.live_bytes,
                        "live_blocks": item.live_blocks,
                    }
                    for item in cohort.sites
                ],
            }
            for cohort in found.cohorts
        ],
    }


def gc_document(found: GcPressure, capture: Capture) -> Document:
    """Times are in seconds; what is not known is null."""
    return {
        "schema": "memscope.gc/1",
        **certainty(capture),
        "python": found.python,
        "collector": {"kind": found.collector.kind, "when": found.collector.when},
        "enabled": found.enabled,
        "duration_s": found.duration_s,
        "collections": found.collections,
        "collected": found.collected,
        "pause_s": found.pause_s,
        "pause_exact": found.pause_exact,
        "share": found.share,
        "share_low": found.share_low,
        "share_high": found.share_high,
        "longest_s": found.longest_s,
        "polls": found.polls,
        "generations": [
            {
                "generation": number,
                "name": part.name,
                "threshold": part.threshold,
                "collections": part.collections,
                "collected": part.collected,
                "uncollectable": part.uncollectable,
                "pause_s": part.pause_s,
            }
            for number, part in enumerate(found.generations)
        ],
        "creators": [
            {
                **place(item.site),
                "origin": item.origin.value,
                "allocations": item.allocations,
                "net_blocks": item.net_blocks,
                "live_blocks_at_peak": item.live_blocks_at_peak,
            }
            for item in found.creators
        ],
    }


def growth_document(found: GrowthReport, capture: Capture) -> Document:
    return {
        "schema": "memscope.growth/1",
        **certainty(capture),
        "chains_known": found.chains_known,
        "from_bytes": found.from_bytes,
        "totals": {
            "reallocations": found.reallocations,
            "moved": found.moved,
            "moved_bytes": found.moved_bytes,
            "links": found.links,
            "copied_bytes": found.copied_bytes,
        },
        "sites": found.sites_count,
        "rows": [
            {
                **place(row.site),
                "origin": row.origin.value,
                "all_copied_bytes": row.all_copied_bytes,
                "reallocations": row.reallocations,
                "moved": row.moved,
                "moved_bytes": row.moved_bytes,
                "longest_reallocation_chain": row.longest_reallocation_chain,
                "chains": row.chains,
                "links": row.links,
                "steep_links": row.steep_links,
                "copied_bytes": row.copied_bytes,
                "longest_chain": row.longest_chain,
                "largest_bytes": row.largest_bytes,
                "steps": row.steps,
            }
            for row in found.rows
        ],
    }

// Metrics of analyses, questions and maintenance jobs, by the few words that their records have.

import { STAGES } from "@twinframe/shared/contract";
import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import { BATCHES, type Batch } from "../work/channels.ts";
import type { EndedWork, WorkWatch } from "../work/watch.ts";
import { type Operation, stageTimes, type WorkRecord } from "../work/work-record.ts";

const STAGE_BUCKETS_S = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120];
const WORK_BUCKETS_S = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900];
const BATCH_BUCKETS = [1, 2, 4, 8, 16, 32, 48, 64, 128, 256];

const QUESTION_KINDS = ["search", "comparison", "description", "digest"] as const;

export interface WorkMetrics {
  ended(work: EndedWork): void;
  close(): void;
}

/** `watch` is asked at each scrape what is under way. */
export function workMetrics(registry: Registry, watch: WorkWatch, maxRunning: number): WorkMetrics {
  const registers = [registry];
  const stageTime = new Histogram({
    name: "twinframe_stage_duration_seconds",
    help: "What one piece of work spent in one stage.",
    labelNames: ["operation", "stage"] as const,
    buckets: STAGE_BUCKETS_S,
    registers,
  });
  for (const stage of STAGES) stageTime.zero({ operation: "analysis", stage });
  const duration = new Histogram({
    name: "twinframe_work_duration_seconds",
    help: "From the request to the end, waiting for the concurrency limiter included.",
    labelNames: ["operation", "kind"] as const,
    buckets: WORK_BUCKETS_S,
    registers,
  });
  const waited = new Histogram({
    name: "twinframe_slot_wait_seconds",
    help: "What work waited for the concurrency limiter.",
    labelNames: ["operation"] as const,
    buckets: WORK_BUCKETS_S,
    registers,
  });
  const analyses = new Counter({
    name: "twinframe_analyses_total",
    help: "Analyses that ended, by verdict (indexed: a reference; failed) and the way the match was found.",
    labelNames: ["task", "outcome", "found_by"] as const,
    registers,
  });
  const questions = new Counter({
    name: "twinframe_questions_total",
    help: "TransientTasks that ended.",
    labelNames: ["kind", "outcome"] as const,
    registers,
  });
  const maintenance = new Counter({
    name: "twinframe_maintenance_total",
    help: "Maintenance jobs that ended.",
    labelNames: ["kind", "outcome"] as const,
    registers,
  });
  const problems = new Counter({
    name: "twinframe_problems_total",
    help: "Work that ended with a problem, by its code.",
    labelNames: ["operation", "code"] as const,
    registers,
  });
  const fetched = new Counter({
    name: "twinframe_fetched_bytes_total",
    help: "Bytes of videos fetched.",
    registers,
  });
  const batches = new Histogram({
    name: "twinframe_batch_frames",
    help: "Frames in one run of the model: how well the micro-batcher fills its batches.",
    buckets: BATCH_BUCKETS,
    registers,
  });
  const onBatch = (message: unknown) => batches.observe((message as Batch).frames);
  BATCHES.subscribe(onBatch);
  openWork(registers, watch);
  new Gauge({
    name: "twinframe_analysis_slots",
    help: "Work that may run at once: analyses, and transient tasks that decode.",
    registers,
  }).set(maxRunning);
  return {
    ended: (work) => {
      const { operation, kind, outcome, foundBy, code, startMs, admittedMs, endMs } = work;
      for (const [stage, ms] of Object.entries(stageTimes(work.stages)))
        stageTime.observe({ operation, stage }, ms / 1000);
      duration.observe({ operation, kind }, (endMs - startMs) / 1000);
      if (admittedMs !== null) waited.observe({ operation }, (admittedMs - startMs) / 1000);
      if (operation === "analysis") analyses.inc({ task: kind, outcome, found_by: foundBy });
      if (operation === "question") questions.inc({ kind, outcome });
      if (operation === "maintenance") maintenance.inc({ kind, outcome });
      if (code !== null) problems.inc({ operation, code });
      fetched.inc(work.bytes);
    },
    close: () => {
      BATCHES.unsubscribe(onBatch);
    },
  };
}

/** What waits and what runs, counted when it is asked for. */
function openWork(registers: Registry[], watch: WorkWatch): void {
  const count = (operation: Operation, waits: boolean, kind?: string) => {
    const counts = (record: WorkRecord) =>
      record.operation === operation &&
      (record.admittedMs === null) === waits &&
      (kind === undefined || record.kind === kind);
    return [...watch.open].filter(counts).length;
  };
  for (const waits of [true, false]) {
    const state = waits ? "waiting" : "running";
    const what = waits ? "wait for the concurrency limiter" : "run";
    new Gauge({
      name: `twinframe_analyses_${state}`,
      help: `Analyses that ${what} now.`,
      registers,
      collect() {
        this.set(count("analysis", waits));
      },
    });
    new Gauge({
      name: `twinframe_questions_${state}`,
      help: `TransientTasks that ${what} now.`,
      labelNames: ["kind"] as const,
      registers,
      collect() {
        for (const kind of QUESTION_KINDS) this.set({ kind }, count("question", waits, kind));
      },
    });
  }
  new Gauge({
    name: "twinframe_maintenance_running",
    help: "Maintenance jobs that run now.",
    registers,
    collect() {
      this.set(count("maintenance", true) + count("maintenance", false));
    },
  });
}

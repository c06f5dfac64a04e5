import type { CalculationProgress } from "../generated/events.ts";
import type { Newest } from "../state/plant.ts";
import type { View } from "./store.ts";
import { usePlant } from "./use-plant.ts";

export interface JobView extends Omit<View<unknown>, "state"> {
  /** Undefined until the job has told its progress. */
  readonly job: Newest<CalculationProgress> | undefined;
  /** 0 to 100. */
  readonly percent: number;
  /** Seconds to go, as far as the job has told; null if it has not. */
  readonly remainingSeconds: number | null;
}

/** The progress of one job. */
export function useJob(jobId: string): JobView {
  const { state, status, gap } = usePlant({ job: jobId, snapshot: true });
  const job = state.jobs.get(jobId);
  return {
    job,
    percent: job?.progress_percent ?? 0,
    remainingSeconds: job ? remaining(job) : null,
    status,
    gap,
  };
}

function remaining(job: CalculationProgress): number | null {
  const { elapsed_seconds: elapsed, estimated_total_seconds: total } = job;
  return elapsed == null || total == null ? null : Math.max(0, total - elapsed);
}

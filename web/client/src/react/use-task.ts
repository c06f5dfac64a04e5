import { useMemo } from "react";
import type { StreamEvent } from "../events.ts";
import { initialTaskState, reduceTask, type TaskState } from "../state/task.ts";
import { type Task, Tasks } from "../tasks.ts";
import { useHub } from "./provider.ts";
import type { View } from "./store.ts";
import { keyOf, useStreamStore } from "./use-stream-store.ts";

interface Told {
  readonly task: TaskState;
  readonly events: readonly StreamEvent[];
}

export interface TaskView extends Told, Omit<View<unknown>, "state"> {
  pause(): Promise<Task>;
  resume(): Promise<Task>;
  cancel(): Promise<Task>;
}

/** One task from its first event on, over a connection of its own that ends with the task. */
export function useTask(agent: string, id: string): TaskView {
  const hub = useHub();
  const tasks = useMemo(() => new Tasks(hub.options), [hub]);
  const { state, status, gap } = useStreamStore<Told, StreamEvent>(
    keyOf(hub, agent, id),
    () => tasks.follow(agent, id),
    ({ task, events }, more) => ({
      task: more.reduce(reduceTask, task),
      events: [...events, ...more],
    }),
    { task: initialTaskState, events: [] },
  );
  return {
    ...state,
    status,
    gap,
    pause: () => tasks.pause(agent, id),
    resume: () => tasks.resume(agent, id),
    cancel: () => tasks.cancel(agent, id),
  };
}

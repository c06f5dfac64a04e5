import { StrictMode } from "react";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Hub } from "../../src/index.ts";
import {
  JetbridgeProvider,
  useAgent,
  useAlarms,
  useEventStream,
  useJob,
  useMetrics,
} from "../../src/react/index.ts";
import { MockBridge } from "../../src/testing/index.ts";
import { show } from "../support/dom.ts";
import { range } from "../support/listening.ts";
import { eventually } from "../support/waiting.ts";

let bridge: MockBridge;
let hub: Hub;
let leave: () => void;

beforeEach(() => {
  bridge = new MockBridge();
  hub = new Hub({ fetch: bridge.fetch, maxRetryMs: 5 });
});

afterEach(() => {
  leave();
  hub.close();
});

async function page(Component: () => string) {
  const shown = await show(
    <StrictMode>
      <JetbridgeProvider hub={hub}>
        <Component />
      </JetbridgeProvider>
    </StrictMode>,
  );
  leave = shown.leave;
  return shown;
}

const status = (agent: string, progress: number) =>
  bridge.publish({
    agent,
    type: "agent.status",
    data: { agent_id: agent, status: "RUNNING", progress_percent: progress },
  });

describe("useAgent", () => {
  test("shows what is there at once, and what comes", async () => {
    status("a", 10);
    status("b", 99);
    const { text } = await page(() => {
      const { agent, metrics } = useAgent("a");
      return `${agent?.status} ${agent?.progress_percent} ${JSON.stringify(metrics)}`;
    });
    await eventually(() => text() === "RUNNING 10 {}");
    status("a", 20);
    const data = { source_id: "a", metrics: { pressure: 8.5 } };
    bridge.publish({ agent: "a", type: "metrics.update", data });
    await eventually(() => text() === 'RUNNING 20 {"pressure":8.5}');
  });
});

describe("useJob", () => {
  test("shows progress, and how long it takes", async () => {
    const { text } = await page(() => {
      const { percent, remainingSeconds, job } = useJob("j");
      return `${percent} ${remainingSeconds} ${job?.current_step}`;
    });
    expect(await eventually(() => text() === "0 null undefined")).toBe(true);
    await eventually(() => hub.status.state === "live");
    const told = { job_id: "j", agent_id: "a", progress_percent: 75, current_step: "s" };
    const data = { ...told, elapsed_seconds: 120, estimated_total_seconds: 160 };
    bridge.publish({ agent: "a", job: "j", type: "calculation.progress", data });
    await eventually(() => text() === "75 40 s");
  });
});

describe("useAlarms", () => {
  test("shows the gravest first, each as it was told last", async () => {
    const { text } = await page(() =>
      useAlarms()
        .alarms.map(({ alarm_id, severity }) => `${alarm_id}:${severity}`)
        .join(" "),
    );
    await eventually(() => hub.status.state === "live");
    const raise = (alarm_id: string, severity: string) => {
      const data = { alarm_id, agent_id: "a", severity, message: "m" };
      bridge.publish({ agent: "a", type: "alarm.update", data });
    };
    raise("one", "ALERT");
    raise("two", "INFO");
    raise("three", "CRITICAL");
    raise("one", "WARNING");
    await eventually(() => text() === "three:CRITICAL one:WARNING two:INFO");
  });
});

describe("useMetrics", () => {
  test("keeps the newest points of each name", async () => {
    const { text } = await page(() => {
      const { series, latest } = useMetrics("a", { keep: 3 });
      return `${series.get("t")?.map(({ value }) => value)} ${JSON.stringify(latest)}`;
    });
    await eventually(() => hub.status.state === "live");
    for (const t of range(1, 5)) {
      const data = { source_id: "a", metrics: { t } };
      bridge.publish({ agent: "a", type: "metrics.update", data });
    }
    await eventually(() => text() === '3,4,5 {"t":5}');
  });
});

describe("useEventStream", () => {
  test("draws once a frame, however many events come", async () => {
    const heard: number[] = [];
    let draws = 0;
    const { text } = await page(() => {
      draws++;
      const { events } = useEventStream({
        agent: "a",
        keep: 1000,
        onEvent: ({ id }) => heard.push(id),
      });
      return String(events.length);
    });
    await eventually(() => hub.status.state === "live");
    draws = 0;
    for (const progress of range(1, 1000)) status("a", progress % 100);
    await eventually(() => text() === "1000");
    expect(heard).toHaveLength(1000);
    expect(draws).toBeLessThan(20);
  });

  test("keeps the newest events", async () => {
    const { text } = await page(() => {
      const { events, last } = useEventStream<{ note: { n: number } }>({ keep: 3 });
      const numbers = events.map((event) => (event.type === "note" ? event.data.n : "?"));
      return `${numbers} ${last?.id}`;
    });
    await eventually(() => hub.status.state === "live");
    const ids = range(1, 9).map((n) => bridge.publish({ agent: "a", type: "note", data: { n } }));
    await eventually(() => text() === `7,8,9 ${ids.at(-1)}`);
  });

  test("follows its options", async () => {
    status("a", 1);
    status("b", 1);
    const { text, render, leave: close } = await show(<LastOf agent="a" />);
    leave = close;
    await eventually(() => text() === "a");
    render(<LastOf agent="b" />);
    await eventually(() => text() === "b");
  });

  test("many components share one connection, which is closed when the last is gone", async () => {
    await page(() => {
      useEventStream({ agent: "a" });
      useEventStream({ agent: "b" });
      return useAgent("c").status.state;
    });
    await eventually(() => hub.status.state === "live");
    await eventually(() => bridge.clients === 1);
    leave();
    await eventually(() => bridge.clients === 0);
  });
});

test("a hook outside of a provider says what is missing", async () => {
  const errors: unknown[] = [];
  const shown = await show(<Lonely />, (error) => errors.push(error));
  leave = shown.leave;
  await eventually(() => errors.length > 0);
  expect(errors[0]).toMatchObject({ message: "no hub here", hint: expect.stringContaining("Hub") });
});

function Lonely() {
  return useEventStream().events.length;
}

function LastOf({ agent }: { agent: string }) {
  return (
    <JetbridgeProvider hub={hub}>
      <Last agent={agent} />
    </JetbridgeProvider>
  );
}

function Last({ agent }: { agent: string }) {
  return useEventStream({ agent, from: "earliest" }).last?.agent ?? "none";
}

import { expect, test } from "vitest";
import { connect } from "../../src/index.ts";
import { connected, frame, scriptedFetch } from "../../src/testing/index.ts";

test("a session's unnamed frames are typed, and its completion ends it", async () => {
  const aux = { info_type: "smiles_init", reaction_index: 0 };
  const info = { type: "info", message: "Starting", timestamp: "", worker_id: "w", aux };
  const completion = { _type: "completion", status: "completed" };
  const fetch = scriptedFetch({
    hang: [connected(0), frame(1, undefined, info), frame(2, undefined, completion)],
  });
  const told: string[] = [];
  for await (const event of connect({ fetch, session: "abc/1" })) {
    if (event.type === "session.info") told.push(event.data.aux.info_type);
    if (event.type === "session.completion") told.push(event.data.status);
  }
  expect(told).toEqual(["smiles_init", "completed"]);
  expect(fetch.requests[0]?.url).toBe("/sessions/abc%2F1/stream");
});

import * as fc from "fast-check";
import { expect, test } from "vitest";
import { fetchTransport } from "../../src/fetch-transport.ts";
import { eventFrame } from "../../src/testing/frames.ts";

const DATA = ['{"text":"größer – 🛰"}', "{}", '{"n":1}'];

/** The data of the frames that come out, when the bytes come in these pieces. */
async function received(pieces: Uint8Array[]): Promise<string[]> {
  const body = new ReadableStream({
    start(controller) {
      for (const piece of pieces) controller.enqueue(piece);
      controller.close();
    },
  });
  const headers = { "Content-Type": "text/event-stream" };
  const data: string[] = [];
  const receiver = {
    ...{ alive: () => {}, retry: () => {}, rest: () => undefined },
    frame: (frame: { data: string }) => data.push(frame.data),
  };
  const transport = fetchTransport(async () => new Response(body, { headers }));
  await transport({ url: "", headers: {} }, receiver, new AbortController().signal);
  return data;
}

function cutAt(bytes: Uint8Array, cuts: number[]): Uint8Array[] {
  const edges = [0, ...cuts.map((cut) => cut % bytes.length).sort((a, b) => a - b), bytes.length];
  return edges.slice(1).map((end, n) => bytes.slice(edges[n], end));
}

test("frames are the same however the network cuts them", async () => {
  const time = "2026-01-01T00:00:00Z";
  const stored = DATA.map((text, n) => ({
    ...{ id: n, agent: "a", job: null, type: "note", time },
    data: JSON.parse(text),
  }));
  const bytes = new TextEncoder().encode(stored.map((it) => eventFrame(it, null)).join(""));
  const holds = async (cuts: number[]) => {
    expect(await received(cutAt(bytes, cuts))).toEqual(DATA);
  };
  await fc.assert(fc.asyncProperty(fc.array(fc.nat(), { maxLength: 12 }), holds));
});

test("a frame that is cut off is no frame", async () => {
  const bytes = new TextEncoder().encode('data: {"n":1}\n\ndata: {"n":2}\n');
  expect(await received([bytes])).toEqual(['{"n":1}']);
});

// A page as a user of the package writes it: compiled against what is published, not run.
import { chat, connect, Hub, sessionMemory } from "@jetbridge/client";
import { JetbridgeProvider, useAgent, useChat } from "@jetbridge/client/react";
import { initialPlantState, reducePlant } from "@jetbridge/client/state";
import { MockBridge, MockEventSource } from "@jetbridge/client/testing";

const hub = new Hub({ url: "https://events.example", token: async () => "t", tabs: "alice" });

export async function watch(): Promise<number> {
  const stream = connect<{ note: { text: string } }>({ memory: sessionMemory("notes") });
  for await (const event of stream) {
    if (event.type === "note") return event.data.text.length;
    if (event.type === "agent.status") return event.data.progress_percent ?? 0;
    if (event.type === "gap") return event.data.requested;
  }
  return chat({ message: "why?" }).cursor ?? reducePlant(initialPlantState, []).agents.size;
}

function Agent({ id }: { id: string }) {
  const { agent, status } = useAgent(id);
  const { send } = useChat();
  return (
    <button type="button" onClick={() => send("why?")}>
      {agent?.status ?? status.state}
    </button>
  );
}

export const page = (
  <JetbridgeProvider hub={hub}>
    <Agent id="boiler-1" />
  </JetbridgeProvider>
);

export const tools = [new MockBridge().fetch, MockEventSource.playing([])];

import { Window } from "happy-dom";
import type { ReactNode } from "react";

const window = new Window();
const names = [
  "document",
  "window",
  "navigator",
  "requestAnimationFrame",
  "cancelAnimationFrame",
] as const;
for (const name of names) {
  const value = name === "window" ? window : window[name];
  const bound = typeof value === "function" ? value.bind(window) : value;
  Object.defineProperty(globalThis, name, { value: bound, configurable: true });
}

/** Show something on a page; how the page looks, and how to leave it. */
export async function show(page: ReactNode, onUncaughtError?: (error: unknown) => void) {
  const { createRoot } = await import("react-dom/client");
  const element = document.createElement("main");
  const root = createRoot(element, onUncaughtError && { onUncaughtError });
  root.render(page);
  return {
    text: () => element.textContent ?? "",
    click: () => element.querySelector("button")?.click(),
    render: (next: ReactNode) => root.render(next),
    leave: () => root.unmount(),
  };
}

/** The real `fetch`, which keeps the headers of every request. */
export function recordedFetch() {
  const headers: Headers[] = [];
  const recorded: typeof fetch = (input, init) => {
    headers.push(new Headers(init?.headers));
    return fetch(input, init);
  };
  return Object.assign(recorded, { headers });
}

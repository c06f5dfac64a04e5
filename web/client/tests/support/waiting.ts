/** The value, once it can be had and is not false; or the error that keeps it from being had. */
export async function eventually<T>(
  look: () => T | Promise<T>,
  withinMs = 30_000,
): Promise<Exclude<T, false | undefined | null>> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const found = await attempt(look);
    if (found.ok) return found.value as Exclude<T, false | undefined | null>;
    if (performance.now() > deadline) throw found.error;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function attempt<T>(look: () => T | Promise<T>) {
  try {
    const value = await look();
    const ok = value !== false && value !== undefined && value !== null;
    return { ok, value, error: new Error(`still ${value}: ${look}`) };
  } catch (error) {
    return { ok: false, error };
  }
}

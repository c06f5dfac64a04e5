/** One frame of an event stream, as the parser gives it. */
export interface Frame {
  readonly id?: string | undefined;
  readonly event?: string | undefined;
  readonly data: string;
}

/** The sequence in an `id:` line; undefined for what is none. */
export function sequence(id: string | null | undefined): number | undefined {
  return id && /^\d+$/.test(id) ? Number(id) : undefined;
}

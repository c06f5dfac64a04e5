// Copies the event types that `make generate` makes from the Python structs. The copy is not
// committed: every build, check and test begins with this.
import { copyFileSync, mkdirSync } from "node:fs";

const made = new URL("../../../schemas/generated/events.ts", import.meta.url);
const folder = new URL("../src/generated/", import.meta.url);

mkdirSync(folder, { recursive: true });
copyFileSync(made, new URL("events.ts", folder));

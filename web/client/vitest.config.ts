import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["tests/**/*.test.{ts,tsx}"],
    pool: "threads",
    // Tests wait for what happens, and not longer: these are for machines that are busy.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});

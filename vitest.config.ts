import { defineConfig } from "vitest/config";

// Three lanes over the packages (runtime, property, types) and one over the repository itself.
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "runtime",
          include: ["{packages,apps}/*/test/**/*.test.ts", "test/pairs/**/*.test.ts"],
          exclude: ["**/*.property.test.ts", "**/node_modules/**"],
          testTimeout: 60_000,
        },
      },
      { test: { name: "property", include: ["{packages,apps}/*/test/**/*.property.test.ts"], testTimeout: 60_000 } },
      {
        test: {
          name: "types",
          include: [],
          typecheck: { enabled: true, only: true, include: ["packages/*/test/**/*.test-d.ts"], tsconfig: "./tsconfig.json" },
        },
      },
      { test: { name: "architecture", include: ["test/*.test.ts"], testTimeout: 120_000 } },
    ],
  },
});

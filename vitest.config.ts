import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const source = (path: string) => fileURLToPath(new URL(path, import.meta.url));

// The lanes over the packages test the sources; the repository's own tests and its examples use what is built.
const alias = [
  { find: /^@hessia\/core$/, replacement: source("packages/core/src/index.ts") },
  { find: /^@hessia\/core\/(linear|kernel|set|wasm|gpu)$/, replacement: source("packages/core/src/$1/index.ts") },
  { find: /^@hessia\/core\/expression$/, replacement: source("packages/core/src/interop/expression.ts") },
  {
    find: /^@hessia\/(bilevel|manifold|mesh-ad|newton|sif|sinkhorn)$/,
    replacement: source("packages/$1/src/index.ts"),
  },
];

// Three lanes over the packages (runtime, property, types), one over the repository itself, one in headless Chromium.
export default defineConfig({
  test: {
    // A worker a processor: by default one is left to the terminal, which on two processors is half of them.
    maxWorkers: "100%",
    projects: [
      {
        resolve: { alias },
        test: {
          name: "runtime",
          include: ["{packages,apps}/*/test/**/*.test.ts", "test/pairs/**/*.test.ts"],
          exclude: ["**/*.property.test.ts", "**/node_modules/**"],
          testTimeout: 60_000,
        },
      },
      {
        resolve: { alias },
        test: { name: "property", include: ["{packages,apps}/*/test/**/*.property.test.ts"], testTimeout: 60_000 },
      },
      {
        test: {
          name: "types",
          include: [],
          typecheck: {
            enabled: true,
            only: true,
            include: ["packages/*/test/**/*.test-d.ts"],
            tsconfig: "./tsconfig.json",
          },
        },
      },
      { test: { name: "architecture", include: ["test/*.test.ts"], testTimeout: 120_000 } },
      // Only by `npm run docs:test`, which builds the site first.
      ...(process.argv.includes("docs")
        ? [{ test: { name: "docs", include: ["test/docs/*.test.ts"], testTimeout: 120_000, hookTimeout: 120_000 } }]
        : []),
      { test: { name: "browser", include: ["test/browser/*.test.ts"], testTimeout: 120_000 } },
    ],
  },
});

import { resolve } from "node:path";
import type { UserConfig } from "vite";

/** The one build recipe of every package: ES modules, one file a source module, dependencies left outside. */
export function library(root: string, entries: Record<string, string>): UserConfig {
  const entry = Object.fromEntries(
    Object.entries(entries).map(([name, file]) => [name, resolve(root, file)]),
  );
  return {
    root,
    build: {
      target: "es2022",
      sourcemap: true,
      minify: false,
      emptyOutDir: true,
      lib: { entry, formats: ["es"] },
      rollupOptions: {
        external: /^(@hessia\/|node:|[a-z@][^:]*$)/,
        output: { preserveModules: true, preserveModulesRoot: resolve(root, "src"), entryFileNames: "[name].js" },
      },
    },
  };
}

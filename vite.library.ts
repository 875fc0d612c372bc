import { resolve } from "node:path";
import type { UserConfig } from "vite";

/**
 * The one build recipe of every package: ES modules, one file a source module, dependencies left outside but those named in `bundled`
 * (packages whose own files Node can't load).
 */
export function library(root: string, entries: Record<string, string>, bundled: readonly string[] = []): UserConfig {
  const entry = Object.fromEntries(Object.entries(entries).map(([name, file]) => [name, resolve(root, file)]));
  return {
    root,
    build: {
      target: "es2022",
      sourcemap: true,
      minify: false,
      emptyOutDir: true,
      lib: { entry, formats: ["es"] },
      rollupOptions: {
        external: (id) => /^(@hessia\/|node:|[a-z@][^:]*$)/.test(id) && !bundled.includes(id),
        output: { preserveModules: true, preserveModulesRoot: resolve(root, "src"), entryFileNames: "[name].js" },
      },
    },
  };
}

/// <reference lib="dom" />
// The built site in headless Chromium: pages load without an error on the console, formulas and search are there, and the live pages show the numbers that are known.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { type PreviewServer, preview } from "vite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findChromium } from "../browser/chromium.js";

const root = join(import.meta.dirname, "..", "..", "docs", ".vitepress");
const found = findChromium();
const missing = !existsSync(join(root, "dist", "index.html"));
if ("reason" in found) console.log(`skipped: pages of the site: ${found.reason}`);
else if (missing) console.log("skipped: pages of the site: it isn't built (npm run docs:build)");

describe.skipIf("reason" in found || missing)("the site", () => {
  let server: PreviewServer;
  let browser: Browser;
  let base = "";
  beforeAll(async () => {
    server = await preview({
      root,
      configFile: false,
      logLevel: "error",
      build: { outDir: "dist" },
      preview: { host: "127.0.0.1", port: 0 },
    });
    const address = server.httpServer.address();
    base = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
    browser = await chromium.launch({ executablePath: (found as { path: string }).path, args: ["--no-sandbox"] });
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  async function open(path: string): Promise<{ page: Page; errors: string[]; foreign: string[] }> {
    const page = await browser.newPage({ viewport: { width: 1200, height: 1000 } });
    const errors: string[] = [];
    const foreign: string[] = [];
    page.on("pageerror", (error) => errors.push(String(error)));
    page.on("console", (message) => {
      if (message.type() === "error" && !/favicon/.test(message.location().url)) errors.push(message.text());
    });
    // Works offline: nothing is asked of anybody else.
    page.on("request", (request) => {
      const url = request.url();
      if (!url.startsWith(base) && !/^(blob|data):/.test(url)) foreign.push(url);
    });
    await page.goto(`${base}${path}`, { waitUntil: "networkidle" });
    return { page, errors, foreign };
  }
  const text = (page: Page, selector: string) =>
    page
      .locator(selector)
      .first()
      .textContent({ timeout: 60_000 })
      .then((found) => (found ?? "").trim());
  /** For whoever wants to look: the environment variable SCREENSHOTS names a folder. */
  const shoot = async (page: Page, name: string) => {
    const { SCREENSHOTS } = process.env;
    if (SCREENSHOTS !== undefined) await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), fullPage: true });
  };

  it.each([
    "/",
    "/choose",
    "/newton/trust-region",
    "/sinkhorn/transport",
    "/manifold/means",
    "/bilevel/lv-hba",
    "/guides/from-tinyad",
    "/sif",
    "/api/",
    "/api/@hessia/core/kernel",
  ])("shows %s", async (path) => {
    const { page, errors, foreign } = await open(path);
    expect(await page.locator("h1").first().textContent()).not.toBe("404");
    expect(errors).toEqual([]);
    expect(foreign).toEqual([]);
    await page.close();
  });

  it("names modules as they are imported", async () => {
    const { page } = await open("/api/");
    const names = await page.locator(".vp-doc ul li a").allTextContents();
    expect(names).toEqual(
      expect.arrayContaining(["@hessia/bilevel", "@hessia/core/expression", "@hessia/core/kernel"]),
    );
    expect(names.filter((name) => !name.startsWith("@hessia/"))).toEqual([]);
    await page.close();
  });

  it("asks, and answers with a method, a reason, a page and the line that imports it", async () => {
    const { page, errors } = await open("/choose");
    const methods = () =>
      page
        .locator(".choose li[data-method]")
        .evaluateAll((all) => all.map((one) => (one as HTMLElement).dataset.method));
    expect(await methods()).toEqual([]);
    const answer = (question: string, value: string) =>
      page.locator(`.choose [data-question="${question}"] input[value="${value}"]`).check();
    await answer("constraint", "none");
    await answer("have", "dense");
    await answer("size", "medium");
    await answer("shape", "convex");
    expect((await methods()).slice(0, 2)).toEqual(["lazyCubicNewton", "lazyRegularizedNewton"]);
    expect(await text(page, ".choose li pre")).toBe('import { lazyCubicNewton } from "@hessia/newton";');
    expect(new URL(page.url()).hash).toBe("#constraint=none&have=dense&size=medium&shape=convex");
    // Other constraints have other questions; what was answered and isn't asked any more counts no longer.
    await answer("constraint", "transport");
    await answer("kind", "pairs");
    expect(await methods()).toEqual(["assignment"]);
    expect(new URL(page.url()).hash).toBe("#constraint=transport&kind=pairs");
    await shoot(page, "choose");
    await page.locator(".choose li a").first().click();
    await page.waitForURL(/sinkhorn\/assignment/);
    expect(errors).toEqual([]);
    await page.close();
  });

  it("opens a choice that is linked to", async () => {
    const { page, errors } = await open("/choose#constraint=bounds&have=gradient");
    expect(await page.locator(".choose li[data-method]").first().getAttribute("data-method")).toBe("lbfgsb");
    expect(await page.locator('.choose input[value="gradient"]').isChecked()).toBe(true);
    await page.locator(".choose button").click();
    expect(await page.locator(".choose li[data-method]").count()).toBe(0);
    expect(new URL(page.url()).hash).toBe("");
    expect(errors).toEqual([]);
    await page.close();
  });

  it("has all choices as lists without JavaScript", async () => {
    const context = await browser.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    await page.goto(`${base}/choose`);
    expect(await page.locator("table").count()).toBe(8);
    expect(await page.locator("table a", { hasText: "lazyCubicNewton" }).count()).toBeGreaterThan(1);
    await context.close();
  });

  it("renders formulas", async () => {
    const { page } = await open("/bilevel/lv-hba");
    expect(await page.locator("mjx-container").count()).toBeGreaterThan(0);
    await page.close();
  });

  it("traces every Newton method to Rosenbrock's minimum", async () => {
    const { page, errors } = await open("/live/newton");
    for (const method of ["trustRegion", "lazyCubicNewton", "newton", "arc", "lbfgs"]) {
      const row = `tr[data-method="${method}"]`;
      expect(await text(page, `${row} td:nth-child(2)`)).toBe("converged");
      expect(Number(await text(page, `${row} .value`))).toBeLessThan(1e-10);
    }
    await shoot(page, "newton");
    await page.locator("select").first().selectOption("Himmelblau");
    await page.waitForFunction(() => document.querySelectorAll("tr[data-method]").length === 5);
    expect(errors).toEqual([]);
    await page.close();
  });

  it("finds a plan between the clouds, and another one after a stroke", async () => {
    const { page, errors } = await open("/live/transport");
    expect(await text(page, ".kind")).toBe("converged");
    expect(Number(await text(page, ".error"))).toBeLessThan(1e-9);
    const before = await text(page, ".cost");
    // The centres are (0.44, 0.2) apart: a squared distance near 0.23.
    expect(Math.abs(Number(before) - 0.23)).toBeLessThan(0.05);
    await shoot(page, "transport");
    const area = (await page.locator(".live svg").boundingBox())!;
    await page.mouse.click(area.x + 0.05 * area.width, area.y + 0.05 * area.height);
    await page.waitForFunction((old) => document.querySelector(".cost")?.textContent !== old, before);
    expect(errors).toEqual([]);
    await page.close();
  });

  it("keeps the determinant under the affine-invariant metric, and swells under others", async () => {
    const { page, errors } = await open("/live/means");
    const determinant = async (metric: string) => Number(await text(page, `tr[data-metric="${metric}"] .value`));
    // Both ellipses have determinant 20.
    expect(await determinant("affine-invariant")).toBeCloseTo(20, 3);
    await shoot(page, "means");
    const before = await determinant("Bures–Wasserstein");
    await page.locator('input[type="range"]').first().fill("90");
    await page.waitForFunction(
      (old) => Number(document.querySelector('tr[data-metric="Bures–Wasserstein"] .value')?.textContent) !== old,
      before,
    );
    expect(await determinant("log-Euclidean")).toBeCloseTo(20, 3);
    // diag(20, 1) and diag(1, 20): the mean of the square roots, squared, has ((1 + √20)/2)⁴.
    expect(await determinant("square roots")).toBeCloseTo(((1 + Math.sqrt(20)) / 2) ** 4, 2);
    expect(await determinant("Bures–Wasserstein")).toBeCloseTo(((1 + Math.sqrt(20)) / 2) ** 4, 2);
    expect(errors).toEqual([]);
    await page.close();
  });

  it("gives wrong labels less weight", async () => {
    const { page, errors } = await open("/live/bilevel");
    const number = async (name: string) => Number(await text(page, `output.${name}`));
    expect(await number("after")).toBeLessThan(await number("before"));
    expect(await number("right")).toBeGreaterThan((await number("wrong")) + 0.3);
    await shoot(page, "bilevel");
    expect(errors).toEqual([]);
    await page.close();
  });

  it("lays a mesh flat step by step, without a flip, by every method to one energy", async () => {
    const { page, errors } = await open("/live/mesh");
    const number = async (name: string) => Number(await text(page, `output.${name}`));
    expect(await text(page, ".kind")).toBe("converged");
    // 44 × 44 squares of two triangles.
    expect(await number("triangles")).toBe(2 * 44 * 44);
    const least = await number("least");
    expect(least).toBeGreaterThan(1);
    // To the last step: frames play by themselves.
    await page.waitForFunction(() => {
      const input = document.querySelector<HTMLInputElement>('input[type="range"]')!;
      return Number(input.max) > 3 && input.value === input.max;
    });
    expect(await number("energy")).toBeCloseTo(least, 5);
    expect(await number("flipped")).toBe(0);
    // What is drawn isn't empty: a canvas all of one colour is a short PNG.
    for (const canvas of await page.locator(".live canvas").all())
      expect((await canvas.screenshot()).length).toBeGreaterThan(8000);
    await shoot(page, "mesh");
    // At the first step the energy is higher, and nothing is flipped either.
    await page.locator('input[type="range"]').fill("0");
    expect(await number("energy")).toBeGreaterThan(1.05 * least);
    expect(await number("flipped")).toBe(0);
    for (const method of ["projected", "lbfgs"]) {
      await page.locator("select.method").selectOption(method);
      expect(await text(page, `p[data-method="${method}"] .kind`)).toBe("converged");
      expect(Math.abs((await number("least")) - least)).toBeLessThan(2e-5);
    }
    expect(errors).toEqual([]);
    await page.close();
  });

  it("reads a file of the reader's own, and says what is wrong with one", async () => {
    const { page, errors } = await open("/live/mesh");
    const give = (name: string, content: string) =>
      page.locator('input[type="file"]').setInputFiles({ name, mimeType: "text/plain", buffer: Buffer.from(content) });
    expect(await text(page, ".kind")).toBe("converged");
    // A pyramid of four triangles without its base: flat it is a square of the same edges' triangles, nearly.
    const off = "OFF\n5 4 0\n1 1 0\n-1 1 0\n-1 -1 0\n1 -1 0\n0 0 0.5\n3 0 1 4\n3 1 2 4\n3 2 3 4\n3 3 0 4\n";
    await give("pyramid.off", off);
    await page.waitForFunction(() => document.querySelector("output.triangles")?.textContent === "4");
    expect(await text(page, ".kind")).toBe("converged");
    expect(await text(page, ".flipped")).toBe("0");
    const obj = "v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 9\n";
    await give("broken.obj", obj);
    expect(await text(page, ".fault")).toMatch(/9/);
    // A closed surface is no disk.
    const tetrahedron = "v 0 0 0\nv 1 0 0\nv 0 1 0\nv 0 0 1\nf 1 3 2\nf 1 2 4\nf 2 3 4\nf 3 1 4\n";
    await give("closed.obj", tetrahedron);
    await page.waitForFunction(() => /closed/.test(document.querySelector(".fault")?.textContent ?? ""));
    await shoot(page, "mesh-fault");
    expect(errors).toEqual([]);
    await page.close();
  });
});

// The suite `manifold`: @hessia/manifold against pymanopt with derivatives in numpy, and POT, where they are installed.
import type { CliOptions } from "../../options.js";
import { startManifoldPeers } from "../../peers/manifold.js";
import { runParts } from "../parts.js";
import { decentralizedFigures } from "./decentralized.js";
import { meanFigures } from "./means.js";
import { objectiveFigures } from "./objectives.js";

export const parts = [
  { name: "means", run: meanFigures },
  { name: "objectives", run: objectiveFigures },
  { name: "decentralized", run: decentralizedFigures },
];

export const manifoldSuite = (options: CliOptions, signal: AbortSignal) =>
  runParts(
    {
      suite: "manifold",
      parts,
      startPeers: startManifoldPeers,
      wanted: ["pymanopt", "POT"],
      packages: ["@hessia/core", "@hessia/manifold"],
    },
    options,
    signal,
  );

// The suite `transport`: @hessia/sinkhorn against the figures of its papers, and POT, RegOT and SciPy where they are installed.
import type { CliOptions } from "../../options.js";
import { startTransportPeers } from "../../peers/transport.js";
import { runParts } from "../parts.js";
import { entropicFigures } from "./entropic.js";
import { exactFigures } from "./exact.js";
import { memoryFigures } from "./memory.js";
import { paperFigures } from "./paper.js";
import { pictureFigures } from "./pictures.js";
import { quadraticFigures } from "./quadratic.js";
import { sweepFigures } from "./sweep.js";

export const parts = [
  { name: "paper", run: paperFigures },
  { name: "entropic", run: entropicFigures },
  { name: "exact", run: exactFigures },
  { name: "quadratic", run: quadraticFigures },
  { name: "memory", run: memoryFigures },
  { name: "sweep", run: sweepFigures },
  { name: "pictures", run: pictureFigures },
];

export const transportSuite = (options: CliOptions, signal: AbortSignal) =>
  runParts(
    {
      suite: "transport",
      parts,
      startPeers: startTransportPeers,
      wanted: ["POT", "RegOT", "SciPy"],
      packages: ["@hessia/core", "@hessia/newton", "@hessia/sinkhorn"],
    },
    options,
    signal,
  );

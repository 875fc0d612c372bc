// The suite `mesh`: @hessia/mesh-ad against derivatives by hand and TinyAD's published figures, and whole parameterizations with @hessia/newton's methods.
import type { CliOptions } from "../../options.js";
import { runParts } from "../parts.js";
import { applicationFigures } from "./applications.js";
import { dirichletFigures } from "./dirichlet.js";
import { energyFigures } from "./energies.js";
import { memoryFigures } from "./memory.js";
import { parameterizationFigures } from "./parameterization.js";
import { pictureFigures } from "./pictures.js";

export const parts = [
  { name: "dirichlet", run: dirichletFigures },
  { name: "energies", run: energyFigures },
  { name: "parameterization", run: parameterizationFigures },
  { name: "applications", run: applicationFigures },
  { name: "memory", run: memoryFigures },
  { name: "pictures", run: pictureFigures },
];

export const meshSuite = (options: CliOptions, signal: AbortSignal) =>
  runParts(
    {
      suite: "mesh",
      parts,
      startPeers: async () => undefined,
      wanted: [],
      packages: ["@hessia/core", "@hessia/mesh-ad", "@hessia/newton"],
    },
    options,
    signal,
  );

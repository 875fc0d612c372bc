// The suite `bilevel`: @hessia/bilevel against the figures of its papers and the best values of the literature.
import type { CliOptions } from "../../options.js";
import { startBilevelPeers } from "../../peers/bilevel.js";
import { runParts } from "../parts.js";
import { agreementFigures } from "./agreement.js";
import { collectionFigures } from "./collection.js";
import { exampleFigures } from "./examples.js";
import { publishedFigures } from "./published.js";
import { selectionFigures } from "./selection.js";

export const parts = [
  { name: "published", run: publishedFigures },
  { name: "collection", run: collectionFigures },
  { name: "selection", run: selectionFigures },
  { name: "agreement", run: agreementFigures },
  { name: "examples", run: exampleFigures },
];

export const bilevelSuite = (options: CliOptions, signal: AbortSignal) =>
  runParts(
    {
      suite: "bilevel",
      parts,
      startPeers: startBilevelPeers,
      wanted: ["JAXopt"],
      packages: ["@hessia/core", "@hessia/newton", "@hessia/bilevel"],
    },
    options,
    signal,
  );
